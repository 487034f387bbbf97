import { t } from '@grafana/i18n';

import type { Session } from '../data';
import { formatCount, plain } from '../format';

/** Who or what began a run. */
export function triggerText(trigger: string): string {
  const texts: Readonly<Record<string, string>> = {
    schedule: t('trigger.schedule', 'Schedule'),
    startup: t('trigger.startup', 'Start of the exporter'),
    command: t('trigger.command', 'Command line'),
    api: t('trigger.api', 'Request'),
  };
  return texts[trigger] ?? trigger;
}

/** What a run covers; with how many instances, where the name does not say it. */
export function scopeText({
  scope: { instance, label, owner },
  instances,
}: Pick<Session, 'scope' | 'instances'>): string {
  const count = formatCount(instances.total);
  if (instance !== undefined) return t('scope.instance', 'Instance {{name}}', plain({ name: instance }));
  if (label !== undefined) return t('scope.label', 'Label {{label}} ({{count}})', plain({ label, count }));
  if (owner !== undefined) return t('scope.owner', 'Owner {{owner}} ({{count}})', plain({ owner, count }));
  return t('scope.all', 'Fleet ({{count}})', { count });
}
