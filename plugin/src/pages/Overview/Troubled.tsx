import { t } from '@grafana/i18n';
import { LinkButton, type Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import { column, DataTable, linkColumn, momentColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { reasonOf } from '../../components/RecordsTable';
import { StatusBadge } from '../../components/StatusBadge';
import type { FleetFilters, Instance, List } from '../../data';
import { useInstanceRecords, useInstances } from '../../data/hooks';
import { formatAgo, formatCount } from '../../format';
import { links } from '../../links';

const most = 10;

/**
 * Instances whose last collection failed, then those where it left databases out. Asked of the instances and not of the
 * last run: a run of one instance says nothing of the others.
 */
export const Troubled = ({ filters }: { readonly filters: FleetFilters }) => {
  const query = { ...filters, active: true, sort: 'name', limit: most } as const;
  const failed = useInstances({ ...query, status: 'failed' });
  const partial = useInstances({ ...query, status: 'partial' });
  const columns = useMemo(troubledColumns, []);
  return (
    <QueryStates query={failed}>
      {(first) => (
        <QueryStates
          query={partial}
          isEmpty={(second) => first.data.length + second.data.length === 0}
          empty={<span>{t('overview.all-well', 'No instance has trouble.')}</span>}
        >
          {(second) => (
            <>
              <DataTable columns={columns} rows={[...first.data, ...second.data]} rowId={(row) => String(row.id)} />
              <More status="failed" filters={filters} rows={first} />
              <More status="partial" filters={filters} rows={second} />
            </>
          )}
        </QueryStates>
      )}
    </QueryStates>
  );
};

interface MoreProps {
  readonly status: 'failed' | 'partial';
  readonly filters: FleetFilters;
  readonly rows: List<Instance>;
}

/** The way to those that are not shown. */
const More = ({ status, filters, rows }: MoreProps) => {
  const count = rows.page.total - rows.data.length;
  if (count <= 0) return null;
  return (
    <LinkButton size="sm" variant="secondary" fill="text" href={links.instances({ ...filters, status })}>
      {status === 'failed'
        ? t('overview.more-failed', '{{count}} more failed', { count: formatCount(count) })
        : t('overview.more-partial', '{{count}} more in part', { count: formatCount(count) })}
    </LinkButton>
  );
};

function troubledColumns(): Column<Instance>[] {
  return [
    momentColumn({ id: 'status', header: t('column.status', 'Status') }, (row) => (
      <StatusBadge status={row.last_collection?.status ?? 'never'} />
    )),
    linkColumn(
      { id: 'instance', header: t('column.instance', 'Instance') },
      (row) => row.name,
      (row) => links.instance(row.id, 'collections'),
    ),
    momentColumn({ id: 'when', header: t('column.when', 'When') }, (row) =>
      formatAgo(row.last_collection?.finished_at),
    ),
    column({ id: 'message', header: t('column.remedy', 'Reason and remedy') }, (row) =>
      row.last_collection?.error_message == null ? <Reason instanceId={row.id} /> : row.last_collection.error_message,
    ),
  ];
}

/** Which databases were left out, from the record of the last collection: the instance itself only says that some were. */
const Reason = ({ instanceId }: { readonly instanceId: number }) => {
  const record = useInstanceRecords(instanceId, { limit: 1 }).data?.data[0];
  return <>{record === undefined ? '' : reasonOf(record)}</>;
};
