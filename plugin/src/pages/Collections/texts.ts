import { t } from '@grafana/i18n';

import type { CollectionScope } from '../../data';
import { plain } from '../../format';

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
  if (instance !== undefined) return t('scope.instance', 'Instance {{name}}', plain({ name: instance }));
  if (label !== undefined) return t('scope.label', 'Label {{label}}', plain({ label }));
  if (owner !== undefined) return t('scope.owner', 'Owner {{owner}}', plain({ owner }));
  return t('scope.all', 'All instances');
}
