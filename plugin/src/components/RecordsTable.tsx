import { t } from '@grafana/i18n';
import { Stack, type Column } from '@grafana/ui';
import React, { useMemo, type ComponentProps } from 'react';

import type { CollectionRecord } from '../data';
import { formatCount, formatMoment, formatSeconds, plain } from '../format';
import { links } from '../links';
import { column, DataTable, figureColumn, linkColumn } from './DataTable';
import { Findings } from './Findings';
import { StatusBadge } from './StatusBadge';

interface RecordsTableProps extends Pick<ComponentProps<typeof DataTable<CollectionRecord>>, 'paging'> {
  readonly rows: readonly CollectionRecord[];
  /** What a row is called by: the instances of a run, or the runs of an instance. */
  readonly by: 'instance' | 'session';
}

/** What became of instances; a row opens to what was found wrong and what to do about it. */
export const RecordsTable = ({ rows, by, paging }: RecordsTableProps) => {
  const columns = useMemo(() => recordColumns(by), [by]);
  return (
    <DataTable
      columns={columns}
      rows={rows}
      rowId={(row) => `${row.session_id}/${row.instance_id}`}
      paging={paging}
      renderExpandedRow={(row) => <Details record={row} />}
    />
  );
};

function recordColumns(by: RecordsTableProps['by']): Column<CollectionRecord>[] {
  const name =
    by === 'instance'
      ? linkColumn<CollectionRecord>(
          { id: 'instance', header: t('column.instance', 'Instance') },
          (row) => row.instance,
          (row) => links.instance(row.instance_id, 'collections'),
        )
      : linkColumn<CollectionRecord>(
          { id: 'session', header: t('column.collection', 'Collection') },
          (row) => `#${row.session_id}`,
          (row) => links.collection(row.session_id),
        );
  return [
    column({ id: 'status', header: t('column.status', 'Status') }, (row) => <StatusBadge status={row.status} />, {
      disableGrow: true,
    }),
    name,
    figureColumn({ id: 'started', header: t('column.started', 'Started') }, (row) => formatMoment(row.started_at)),
    figureColumn({ id: 'duration', header: t('column.duration', 'Duration') }, (row) =>
      formatSeconds(row.duration_seconds),
    ),
    figureColumn({ id: 'measured', header: t('column.databases', 'Databases') }, (row) =>
      formatCount(row.databases_measured),
    ),
    figureColumn({ id: 'failed', header: t('column.unmeasured', 'Not measured') }, (row) =>
      formatCount(row.databases_failed),
    ),
    column({ id: 'message', header: t('column.remedy', 'Reason and remedy') }, (row) => row.error_message ?? ''),
  ];
}

const Details = ({ record }: { readonly record: CollectionRecord }) => {
  const { failures, warnings, error_code: code, error_message: message } = record;
  const isClean = failures.length === 0 && warnings.length === 0 && message === null;
  return (
    <Stack direction="column" gap={1}>
      {message !== null && (
        <span>
          {message} <code>{code}</code>
        </span>
      )}
      <Findings title={t('record.failures', 'Databases that could not be measured')} findings={failures} />
      <Findings title={t('record.warnings', 'Warnings')} findings={warnings} />
      {isClean && <span>{t('record.clean', 'Nothing to report.')}</span>}
      {record.exporter !== null && (
        <span>
          {t(
            'record.attempt',
            'Attempt {{attempt}}, by {{exporter}}',
            plain({
              attempt: record.attempt,
              exporter: record.exporter,
            }),
          )}
        </span>
      )}
    </Stack>
  );
};
