import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, type BadgeColor, type IconName } from '@grafana/ui';
import React from 'react';

import type { RecordStatus } from '../data';

const looks: Readonly<Record<RecordStatus | 'never', { color: BadgeColor; icon: IconName }>> = {
  queued: { color: 'darkgrey', icon: 'clock-nine' },
  running: { color: 'blue', icon: 'sync' },
  succeeded: { color: 'green', icon: 'check' },
  partial: { color: 'orange', icon: 'exclamation-triangle' },
  failed: { color: 'red', icon: 'exclamation-circle' },
  skipped: { color: 'darkgrey', icon: 'forward' },
  interrupted: { color: 'orange', icon: 'pause' },
  cancelled: { color: 'darkgrey', icon: 'ban' },
  never: { color: 'darkgrey', icon: 'question-circle' },
};

/** Chinese breaks after any character: a narrow column would break the badge. */
const oneLine = css({ whiteSpace: 'nowrap', flexShrink: 0 });

/** What became of a run or of an instance in it. */
export const StatusBadge = ({
  status,
  tooltip,
}: {
  readonly status: RecordStatus | 'never';
  readonly tooltip?: string | undefined;
}) => {
  const look = looks[status] ?? looks.never;
  return (
    <Badge {...look} className={oneLine} text={statusText(status)} {...(tooltip === undefined ? {} : { tooltip })} />
  );
};

export function statusText(status: RecordStatus | 'never'): string {
  const texts: Record<RecordStatus | 'never', string> = {
    queued: t('status.queued', 'Queued'),
    running: t('status.running', 'Running'),
    succeeded: t('status.succeeded', 'Succeeded'),
    partial: t('status.partial', 'Partial'),
    failed: t('status.failed', 'Failed'),
    skipped: t('status.skipped', 'Skipped'),
    interrupted: t('status.interrupted', 'Interrupted'),
    cancelled: t('status.cancelled', 'Cancelled'),
    never: t('status.never', 'Never measured'),
  };
  return texts[status] ?? status;
}
