import { t } from '@grafana/i18n';

import type { Setting, SettingName, SettingValue } from '../../data';

interface SettingTexts {
  /** What people call it. */
  readonly label: string;
  readonly description: string;
  readonly unit?: string | undefined;
}

/** How a setting reads in the language of the reader; one of a newer exporter as the API says it, with its key as the name. */
export function settingTexts({ name, description, unit }: Setting): SettingTexts {
  // The keys of the record are those that are known here, whatever an exporter answers.
  const known: Readonly<Partial<Record<string, SettingTexts>>> = knownTexts();
  return known[name] ?? { label: name, description, unit };
}

/** A value as it reads in a sentence. */
export function settingValueText(value: SettingValue): string {
  // A cron expression stays in one line.
  if (typeof value !== 'boolean') return String(value).replaceAll(' ', '\u00a0');
  return value ? t('settings.on', 'on') : t('settings.off', 'off');
}

function knownTexts(): Record<SettingName, SettingTexts> {
  const when = t('settings.cron-hint', 'An hour (3) or a cron expression, in the time zone of the exporter.');
  return {
    collect_enabled: {
      label: t('settings.collect-enabled', 'Collect on a schedule'),
      description: t(
        'settings.collect-enabled-hint',
        'Switched off, sizes are measured only when somebody asks for it.',
      ),
    },
    collect_schedule: { label: t('settings.collect-schedule', 'Schedule of the collection'), description: when },
    create_partitions_schedule: {
      label: t('settings.partitions-schedule', 'Schedule of preparing the coming months'),
      description: when,
    },
    cleanup_schedule: {
      label: t('settings.cleanup-schedule', 'Schedule of dropping what is past the retention'),
      description: when,
    },
    aggregation_enabled: {
      label: t('settings.aggregation-enabled', 'Compute statistics on a schedule'),
      description: t(
        'settings.aggregation-enabled-hint',
        'Statistics of weeks, months and quarters; switched off, they are computed when somebody looks at them.',
      ),
    },
    aggregation_schedule: {
      label: t('settings.aggregation-schedule', 'Schedule of the statistics'),
      description: when,
    },
    retention_days: {
      label: t('settings.retention-days', 'Days of daily sizes that are kept'),
      description: t(
        'settings.retention-days-hint',
        'A month is dropped when the days and the months that are kept both say that it is past.',
      ),
      unit: t('settings.unit-days', 'days'),
    },
    retention_months: {
      label: t('settings.retention-months', 'Months of daily sizes that are kept'),
      description: t(
        'settings.retention-months-hint',
        'Calendar months beside the current one. Statistics are kept for good.',
      ),
      unit: t('settings.unit-months', 'months'),
    },
    concurrency: {
      label: t('settings.concurrency', 'Instances measured at the same time'),
      description: t('settings.concurrency-hint', 'By each exporter of the repository.'),
      unit: t('settings.unit-instances', 'instances'),
    },
  };
}
