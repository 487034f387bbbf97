import { t } from '@grafana/i18n';
import type { Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import {
  bytesColumn,
  changeColumn,
  column,
  DataTable,
  figureColumn,
  linkColumn,
  rateColumn,
} from '../../components/DataTable';
import { engineName } from '../../components/engines';
import { QueryStates } from '../../components/QueryStates';
import { Empty } from '../../components/States';
import type { GrowthGroup, GrowthQuery, GrowthRow } from '../../data';
import { useGrowth } from '../../data/hooks';
import { formatBytes, formatCount } from '../../format';
import { links } from '../../links';

interface GrowthTableProps {
  readonly query: GrowthQuery & { readonly limit: number; readonly offset: number };
  readonly groupBy: GrowthGroup;
  readonly onOffset: (offset: number) => void;
}

export const GrowthTable = ({ query, groupBy, onOffset }: GrowthTableProps) => {
  const result = useGrowth(query);
  const columns = useMemo(() => [...nameColumns(groupBy), ...figures(groupBy)], [groupBy]);
  return (
    <QueryStates
      query={result}
      isEmpty={({ data }) => data.length === 0}
      empty={
        <Empty message={t('growth.empty', 'Nothing to compare in this filter')}>
          {t('growth.empty-hint', 'Growth needs a measurement at the beginning of the window: choose a shorter one.')}
        </Empty>
      }
    >
      {({ data, page }) => (
        <DataTable
          columns={columns}
          rows={data}
          rowId={(row) => `${row.instance_id ?? ''}/${row.database_name ?? ''}/${row.group ?? ''}`}
          paging={{ ...page, onOffset }}
        />
      )}
    </QueryStates>
  );
};

function nameColumns(groupBy: GrowthGroup): Column<GrowthRow>[] {
  const instance = linkColumn<GrowthRow>(
    { id: 'instance', header: t('column.instance', 'Instance') },
    (row) => row.instance_name ?? '',
    (row) => links.instance(row.instance_id ?? 0),
  );
  if (groupBy === 'instance') return [instance];
  if (groupBy === 'database') {
    const database = linkColumn<GrowthRow>(
      { id: 'database', header: t('column.database', 'Database') },
      (row) => row.database_name ?? '',
      (row) => links.database(row.instance_id ?? 0, row.database_name ?? ''),
    );
    return [database, instance];
  }
  if (groupBy === 'fleet') return [column({ id: 'fleet', header: '' }, () => t('group.fleet', 'Fleet'))];
  return [
    column<GrowthRow>(
      { id: 'group', header: groupBy === 'engine' ? t('group.engine', 'Engine') : t('group.owner', 'Owner') },
      ({ group }) => (group === null ? t('group.none', 'None') : groupBy === 'engine' ? engineName(group) : group),
    ),
  ];
}

function figures(groupBy: GrowthGroup): Column<GrowthRow>[] {
  return [
    bytesColumn<GrowthRow>({ id: 'before', header: t('column.before', 'Before') }, (row) => row.previous_size_bytes),
    bytesColumn<GrowthRow>({ id: 'now', header: t('column.now', 'Now') }, (row) => row.size_bytes),
    changeColumn<GrowthRow>({ id: 'change', header: t('column.growth', 'Growth') }, (row) => row.change_bytes),
    rateColumn<GrowthRow>({ id: 'rate', header: '%' }, (row) => row.growth_rate),
    figureColumn<GrowthRow>({ id: 'new', header: t('column.new', 'New') }, (row) =>
      countOf(row.new_count, row.new_bytes),
    ),
    figureColumn<GrowthRow>({ id: 'vanished', header: t('column.vanished', 'Vanished') }, (row) =>
      countOf(row.vanished_count, row.vanished_bytes),
    ),
    ...(groupBy === 'database'
      ? []
      : [
          figureColumn<GrowthRow>({ id: 'databases', header: t('column.databases', 'Databases') }, (row) =>
            formatCount(row.database_count),
          ),
        ]),
  ];
}

/** `3 (1.20 GiB)`; nothing where there is none, so that the few stand out. */
const countOf = (count: number, bytes: number) => (count === 0 ? '' : `${formatCount(count)} (${formatBytes(bytes)})`);
