import { t } from '@grafana/i18n';
import type { Column as TableColumn } from '@grafana/ui';
import React, { useMemo } from 'react';

import { bytesColumn, column, DataTable, figureColumn, momentColumn } from '../../components/DataTable';
import { Column } from '../../components/Layout';
import { QueryStates } from '../../components/QueryStates';
import { RangePicker } from '../../components/RangePicker';
import { Section } from '../../components/Section';
import { SizeChart } from '../../components/SizeChart';
import { Empty } from '../../components/States';
import type { StorageRow, StorageScope } from '../../data';
import { useStorage, useStorageHistory } from '../../data/hooks';
import { formatMoment, formatShare, unknownValue } from '../../format';
import { useUrlTimeRange } from '../../hooks/useUrlTimeRange';
import { UsageBar, usageOf } from './UsageBar';

/** What lies below the databases: volumes, tablespaces, logs of the server. */
export const FilesTab = ({ instanceId }: { readonly instanceId: number }) => {
  const query = useStorage(instanceId);
  return (
    <QueryStates
      query={query}
      isEmpty={(rows) => rows.length === 0}
      empty={
        <Empty message={t('files.empty', 'This server tells nothing of files, tablespaces or volumes')}>
          {t(
            'files.empty-hint',
            'What an engine can tell, and the grants it needs, is in the settings of the instance.',
          )}
        </Empty>
      }
    >
      {(rows) => (
        <Column>
          {(['volume', 'tablespace', 'log'] as const).map((scope) => (
            <Scope key={scope} instanceId={instanceId} scope={scope} rows={rows.filter((row) => row.scope === scope)} />
          ))}
        </Column>
      )}
    </QueryStates>
  );
};

interface ScopeProps {
  readonly instanceId: number;
  readonly scope: StorageScope;
  readonly rows: readonly StorageRow[];
}

const Scope = ({ instanceId, scope, rows }: ScopeProps) => {
  const columns = useMemo(storageColumns, []);
  const { range, days, setRange } = useUrlTimeRange();
  const titles = {
    volume: t('files.volumes', 'Volumes'),
    tablespace: t('files.tablespaces', 'Tablespaces'),
    log: t('files.logs', 'Logs of the server'),
  };
  if (rows.length === 0) return null;
  return (
    <Section title={titles[scope]} actions={<RangePicker value={range} onChange={setRange} />}>
      <DataTable columns={columns} rows={rows} rowId={(row) => row.name} />
      <History instanceId={instanceId} scope={scope} days={days} title={titles[scope]} />
    </Section>
  );
};

interface HistoryProps {
  readonly instanceId: number;
  readonly scope: StorageScope;
  readonly days: { readonly start_date: string; readonly end_date: string };
  readonly title: string;
}

const History = ({ instanceId, scope, days, title }: HistoryProps) => {
  const query = useStorageHistory(instanceId, { scope, ...days });
  return (
    <QueryStates query={query} isEmpty={(lines) => lines.length === 0} empty={null}>
      {(lines) => (
        <SizeChart
          style="lines"
          height={220}
          label={title}
          start={days.start_date}
          end={days.end_date}
          series={lines.slice(0, 20).map((line) => ({
            name: line.name,
            t: line.t,
            values: line.used_bytes.map((used, index) => used ?? line.allocated_bytes[index] ?? null),
          }))}
        />
      )}
    </QueryStates>
  );
};

function storageColumns(): TableColumn<StorageRow>[] {
  return [
    column({ id: 'name', header: t('column.name', 'Name') }, (row) => row.name),
    bytesColumn({ id: 'allocated', header: t('column.allocated', 'Allocated') }, (row) => row.allocated_bytes),
    bytesColumn({ id: 'used', header: t('column.used', 'Used') }, (row) => row.used_bytes),
    bytesColumn({ id: 'limit', header: t('column.limit', 'Limit') }, (row) => row.limit_bytes),
    bytesColumn({ id: 'free', header: t('column.free', 'Free') }, (row) => row.free_bytes),
    column({ id: 'usage', header: t('column.full', 'Full') }, (row) => <UsageBar row={row} />),
    figureColumn({ id: 'share', header: '%' }, (row) => {
      const usage = usageOf(row);
      return usage === null ? unknownValue : formatShare(usage);
    }),
    momentColumn({ id: 'at', header: t('column.measured', 'Measured') }, (row) => formatMoment(row.collected_at)),
  ];
}
