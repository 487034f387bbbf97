import { t } from '@grafana/i18n';
import { Badge, IconButton, Stack, TextLink, type Column } from '@grafana/ui';
import React, { useMemo, type ComponentProps } from 'react';

import {
  bytesColumn,
  changeColumn,
  column,
  DataTable,
  figureColumn,
  rateColumn,
  sparklineColumn,
} from '../../components/DataTable';
import { engineName } from '../../components/engines';
import { Labels } from '../../components/Labels';
import { StatusBadge } from '../../components/StatusBadge';
import type { Instance } from '../../data';
import { formatAgo, formatCount, plain } from '../../format';
import { links } from '../../links';

interface InstancesTableProps extends Pick<ComponentProps<typeof DataTable<Instance>>, 'sort' | 'onSort' | 'paging'> {
  readonly rows: readonly Instance[];
  /** Null where the reader may not. */
  readonly onEdit: ((instance: Instance) => void) | null;
  readonly onRemove: ((instance: Instance) => void) | null;
}

export const InstancesTable = ({ rows, sort, onSort, paging, onEdit, onRemove }: InstancesTableProps) => {
  const columns = useMemo(
    () => [...describingColumns(), ...sizeColumns(), ...collectionColumns(), ...actionColumns(onEdit, onRemove)],
    [onEdit, onRemove],
  );
  return (
    <DataTable
      columns={columns}
      rows={rows}
      rowId={(row) => String(row.id)}
      sort={sort}
      onSort={onSort}
      paging={paging}
    />
  );
};

function describingColumns(): Column<Instance>[] {
  return [
    column({ id: 'name', header: t('column.instance', 'Instance'), sortable: true }, (row) => (
      <Stack alignItems="center" gap={1}>
        <TextLink href={links.instance(row.id)} inline={false}>
          {row.name}
        </TextLink>
        {!row.active && <Badge color="darkgrey" text={t('instances.inactive', 'Inactive')} />}
      </Stack>
    )),
    column({ id: 'engine', header: t('column.engine', 'Engine'), sortable: true }, (row) => (
      <span title={`${row.host}:${row.port}`}>{row.server_version ?? engineName(row.engine)}</span>
    )),
    column({ id: 'owner', header: t('column.owner', 'Owner'), sortable: true }, (row) => row.owner ?? ''),
    column({ id: 'labels', header: t('column.labels', 'Labels') }, (row) => <Labels labels={row.labels} />),
  ];
}

function sizeColumns(): Column<Instance>[] {
  return [
    bytesColumn(
      { id: 'total_size_bytes', header: t('column.total', 'Total database size'), sortable: true },
      (row) => row.total_size_bytes,
    ),
    figureColumn({ id: 'database_count', header: t('column.databases', 'Databases'), sortable: true }, (row) =>
      formatCount(row.database_count),
    ),
    sparklineColumn(
      (row) => row.name,
      (row) => row.sparkline,
    ),
    changeColumn(
      { id: 'change_bytes', header: t('column.growth', 'Growth'), sortable: true },
      (row) => row.growth?.change_bytes,
    ),
    rateColumn({ id: 'growth_rate', header: '%', sortable: true }, (row) => row.growth?.growth_rate),
  ];
}

function collectionColumns(): Column<Instance>[] {
  return [
    column(
      { id: 'last_collection', header: t('column.last-collection', 'Last collection'), sortable: true },
      ({ last_collection: last }) => (
        <Stack alignItems="center" gap={1}>
          <StatusBadge status={last?.status ?? 'never'} tooltip={last?.error_message ?? undefined} />
          {last !== null && <span>{formatAgo(last.finished_at)}</span>}
        </Stack>
      ),
    ),
  ];
}

function actionColumns(
  onEdit: InstancesTableProps['onEdit'],
  onRemove: InstancesTableProps['onRemove'],
): Column<Instance>[] {
  if (onEdit === null || onRemove === null) return [];
  return [
    column(
      { id: 'actions', header: '' },
      (row) => (
        <Stack gap={0.5}>
          <IconButton
            name={row.source === 'user' ? 'pen' : 'eye'}
            // Grafana reads the tooltip out as the name of the button, so it says of which row it is.
            tooltip={t('instances.edit', 'Settings of {{name}}', plain({ name: row.name }))}
            onClick={() => onEdit(row)}
          />
          {row.source === 'user' && (
            <IconButton
              name="trash-alt"
              tooltip={t('instances.remove', 'Remove {{name}}', plain({ name: row.name }))}
              onClick={() => onRemove(row)}
            />
          )}
        </Stack>
      ),
      { disableGrow: true },
    ),
  ];
}
