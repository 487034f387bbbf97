import { t } from '@grafana/i18n';
import { Badge, Stack, TextLink, type Column } from '@grafana/ui';
import React, { useMemo } from 'react';

import { column, DataTable, Figure } from './DataTable';
import type { PeriodStatistics } from '../data';
import { formatBytes, formatBytesChange, formatRate, formatShare } from '../format';
import { links } from '../links';

interface StatisticsTableProps {
  readonly instanceId: number;
  readonly rows: readonly PeriodStatistics[];
  /** Part of the names that are shown. */
  readonly find: string;
}

/** Every database and period; sorted and searched here, since all of them are. */
export const StatisticsTable = ({ instanceId, rows, find }: StatisticsTableProps) => {
  const columns = useMemo(() => statisticsColumns(instanceId), [instanceId]);
  const shown = useMemo(
    () => rows.filter((row) => row.database_name.toLowerCase().includes(find.toLowerCase())).map(flatten),
    [rows, find],
  );
  return (
    <DataTable
      columns={columns}
      rows={shown}
      rowId={(row) => `${row.period_start}/${row.database_name}`}
      pageSize={50}
    />
  );
};

/** A row as the table sorts it: one property a column. */
type FlatStatistics = Omit<PeriodStatistics, 'statistics'> & PeriodStatistics['statistics'];

const flatten = ({ statistics, ...row }: PeriodStatistics): FlatStatistics => ({ ...row, ...statistics });

function statisticsColumns(instanceId: number): Column<FlatStatistics>[] {
  const figure = (
    id: keyof FlatStatistics,
    header: string,
    cell: (row: FlatStatistics) => string,
  ): Column<FlatStatistics> => ({
    ...column<FlatStatistics>({ id, header }, (row) => <Figure>{cell(row)}</Figure>),
    sortType: 'number',
    sortDescFirst: true,
    disableGrow: true,
  });
  return [
    {
      ...column<FlatStatistics>({ id: 'database_name', header: t('column.database', 'Database') }, (row) => (
        <TextLink href={links.database(instanceId, row.database_name)} inline={false}>
          {row.database_name}
        </TextLink>
      )),
      sortType: 'alphanumeric',
    },
    {
      ...column<FlatStatistics>({ id: 'period_start', header: t('column.period', 'Period') }, (row) => (
        <Period row={row} />
      )),
      sortType: 'string',
    },
    figure('avg_size_bytes', t('column.average', 'Average'), (row) => formatBytes(row.avg_size_bytes)),
    figure('max_size_bytes', t('column.maximum', 'Maximum'), (row) => formatBytes(row.max_size_bytes)),
    figure('min_size_bytes', t('column.minimum', 'Minimum'), (row) => formatBytes(row.min_size_bytes)),
    figure('change_bytes', t('column.change', 'Change'), (row) => formatBytesChange(row.change_bytes)),
    figure('growth_rate', t('column.growth-rate', 'Growth rate'), (row) => formatRate(row.growth_rate)),
    figure(
      'coverage',
      t('column.coverage', 'Days measured'),
      (row) => `${row.data_count} (${formatShare(row.coverage)})`,
    ),
  ];
}

const Period = ({ row }: { readonly row: FlatStatistics }) => (
  <Stack gap={1} alignItems="center" wrap="wrap">
    <Figure>
      {row.period_start} – {row.period_end}
    </Figure>
    {!row.is_complete && <Badge color="blue" text={t('statistics.running', 'Running')} />}
    {row.appeared_date !== null && (
      <Badge color="green" text={t('statistics.appeared', 'New on {{day}}', { day: row.appeared_date })} />
    )}
    {row.vanished_date !== null && (
      <Badge color="darkgrey" text={t('statistics.vanished', 'Gone since {{day}}', { day: row.vanished_date })} />
    )}
  </Stack>
);
