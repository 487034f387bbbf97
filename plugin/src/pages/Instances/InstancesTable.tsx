import { t } from '@grafana/i18n';
import { Badge, IconButton, Stack, Text, type Column } from '@grafana/ui';
import React, { useMemo, type ComponentProps } from 'react';

import {
  changeColumn,
  column,
  DataTable,
  figureColumn,
  FigureWithNote,
  Line,
  NameLink,
  rateColumn,
  sparklineColumn,
} from '../../components/DataTable';
import { engineName } from '../../components/engines';
import { Labels } from '../../components/Labels';
import { StatusBadge } from '../../components/StatusBadge';
import type { Instance } from '../../data';
import { formatAgo, formatBytes, formatCount, plain, unknownValue } from '../../format';
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
      <Stack direction="column" gap={0}>
        <Stack alignItems="center" gap={1}>
          <NameLink href={links.instance(row.id)}>{row.name}</NameLink>
          {!row.active && <Badge color="darkgrey" text={t('instances.inactive', 'Inactive')} />}
        </Stack>
        <Labels labels={row.labels} />
      </Stack>
    )),
    column({ id: 'engine', header: t('column.engine', 'Engine'), sortable: true }, (row) => (
      <span title={`${row.host}:${row.port}`}>{row.server_version ?? engineName(row.engine)}</span>
    )),
    column({ id: 'owner', header: t('column.owner', 'Owner'), sortable: true }, (row) => (
      <Line>{row.owner ?? ''}</Line>
    )),
  ];
}

function sizeColumns(): Column<Instance>[] {
  return [
    figureColumn({ id: 'total_size_bytes', header: t('column.total', 'Total database size'), sortable: true }, (row) =>
      // Never measured: that there are 0 databases is not known either.
      row.total_size_bytes === null ? (
        unknownValue
      ) : (
        <FigureWithNote
          note={t('overview.databases', '{{databases}} databases', { databases: formatCount(row.database_count) })}
        >
          {formatBytes(row.total_size_bytes)}
        </FigureWithNote>
      ),
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
        <Stack direction="column" gap={0} alignItems="flex-start">
          <StatusBadge status={last?.status ?? 'never'} tooltip={last?.error_message ?? undefined} />
          {last !== null && (
            <Text variant="bodySmall" color="secondary">
              {formatAgo(last.finished_at)}
            </Text>
          )}
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
