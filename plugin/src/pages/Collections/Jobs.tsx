import { t } from '@grafana/i18n';
import { Badge, type Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import { column, DataTable, momentColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import type { Job } from '../../data';
import { useJobs, useMe } from '../../data/hooks';
import { formatMoment, plain, readerZone } from '../../format';

/** What the exporter does by itself, when it did it last and when it will again. */
export const Jobs = () => {
  const query = useJobs();
  const zone = useMe().data?.timezone;
  const columns = useMemo(jobColumns, []);
  return (
    <Section title={t('jobs.title', 'Schedule')} {...(zone === undefined ? {} : { description: zoneText(zone) })}>
      <QueryStates query={query}>
        {(jobs) => <DataTable columns={columns} rows={jobs} rowId={(row) => row.job} />}
      </QueryStates>
    </Section>
  );
};

/** Schedules are the exporter's, moments the reader's: where the two zones differ, 3 o'clock is not 3 o'clock. */
function zoneText(zone: string): string {
  const reader = readerZone();
  return zone === reader
    ? t('jobs.zone', 'Time zone: {{zone}}', plain({ zone }))
    : t(
        'jobs.zones',
        'Schedules are in the time zone {{zone}}, dates and times in {{reader}}',
        plain({ zone, reader }),
      );
}

function jobColumns(): Column<Job>[] {
  const names: Readonly<Record<string, string>> = {
    collect: t('jobs.collect', 'Measure the fleet'),
    aggregate: t('jobs.aggregate', 'Compute statistics'),
    partitions: t('jobs.partitions', 'Prepare the coming months'),
    cleanup: t('jobs.cleanup', 'Drop what is past the retention'),
  };
  return [
    column({ id: 'job', header: t('column.job', 'Job') }, (row) => names[row.job] ?? row.job),
    column({ id: 'schedule', header: t('column.schedule', 'Schedule') }, (row) => <code>{row.schedule}</code>),
    momentColumn({ id: 'next', header: t('column.next', 'Next') }, (row) =>
      row.enabled ? formatMoment(row.next_due_at) : t('jobs.off', 'Switched off'),
    ),
    momentColumn({ id: 'last', header: t('column.last', 'Last') }, (row) => formatMoment(row.last_run?.started_at)),
    column({ id: 'outcome', header: t('column.outcome', 'Outcome') }, ({ last_run: run }) => {
      if (run === null || run.succeeded === null) return '';
      return run.succeeded ? (
        <Badge color="green" icon="check" text={t('status.succeeded', 'Succeeded')} />
      ) : (
        <Badge color="red" icon="exclamation-circle" text={t('status.failed', 'Failed')} />
      );
    }),
    column({ id: 'message', header: t('column.message', 'Message') }, (row) => row.last_run?.message ?? ''),
  ];
}
