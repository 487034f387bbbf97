import { t } from '@grafana/i18n';
import { LinkButton, type Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import { column, DataTable, linkColumn, momentColumn } from '../../components/DataTable';
import { QueryStates } from '../../components/QueryStates';
import { reasonOf } from '../../components/RecordsTable';
import { StatusBadge } from '../../components/StatusBadge';
import type { FleetFilters, Instance } from '../../data';
import { useInstanceRecords, useInstances } from '../../data/hooks';
import { formatAgo, formatCount } from '../../format';
import { links } from '../../links';

interface TroubledProps {
  readonly status: 'failed' | 'partial';
  readonly filters: FleetFilters;
}

const most = 10;

/**
 * Instances whose last collection failed, then those where it left databases out. Asked of the instances and not of the
 * last run: a run of one instance says nothing of the others.
 */
export const Troubled = ({ filters }: { readonly filters: FleetFilters }) => (
  <>
    <TroubledBy status="failed" filters={filters} />
    <TroubledBy status="partial" filters={filters} />
  </>
);

const TroubledBy = ({ status, filters }: TroubledProps) => {
  const query = useInstances({ ...filters, active: true, status, sort: 'name', limit: most });
  const columns = useMemo(troubledColumns, []);
  return (
    <QueryStates query={query} isEmpty={({ data }) => data.length === 0} empty={null}>
      {({ data, page: { total } }) => (
        <>
          <DataTable columns={columns} rows={data} rowId={(row) => String(row.id)} />
          {total > data.length && (
            <LinkButton size="sm" variant="secondary" fill="text" href={links.instances({ ...filters, status })}>
              {t('overview.more-instances', '{{count}} more instances', { count: formatCount(total - data.length) })}
            </LinkButton>
          )}
        </>
      )}
    </QueryStates>
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
