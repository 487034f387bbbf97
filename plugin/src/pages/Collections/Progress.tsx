import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

import type { Session } from '../../data';
import { formatCount } from '../../format';

/** States in which an instance is through; the exporter counts more than states. */
const endings = ['succeeded', 'partial', 'failed', 'skipped', 'interrupted', 'cancelled'] as const;

/** How many instances a run is through with. */
export const Progress = ({ session: { instances } }: { readonly session: Session }) => {
  const styles = useStyles2(getStyles);
  const { queued, running, ...ended } = instances;
  const done = endings.reduce((sum, status) => sum + ended[status], 0);
  const total = done + queued + running;
  const text = t('session.progress', '{{done}} of {{total}} instances', {
    done: formatCount(done),
    total: formatCount(total),
  });
  return (
    <div>
      <div
        className={styles.track}
        role="progressbar"
        aria-label={text}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
      >
        <div className={styles.bar} style={{ width: `${total === 0 ? 0 : (100 * done) / total}%` }} />
      </div>
      <div>{text}</div>
    </div>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  track: css({
    height: 8,
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
  }),
  bar: css({
    height: '100%',
    background: theme.colors.primary.main,
    [theme.transitions.handleMotion('no-preference')]: { transition: 'width 0.5s' },
  }),
});
