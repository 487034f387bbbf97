import { t } from '@grafana/i18n';

import type { CollectionScope } from '../../data';

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

/** What a run covers. */
export function scopeText({ instance, label, owner }: CollectionScope): string {
  if (instance !== undefined) return t('scope.instance', 'Instance {{name}}', { name: instance });
  if (label !== undefined) return t('scope.label', 'Label {{label}}', { label });
  if (owner !== undefined) return t('scope.owner', 'Owner {{owner}}', { owner });
  return t('scope.all', 'All instances');
}
