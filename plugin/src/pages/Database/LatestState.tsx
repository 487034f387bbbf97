import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import React from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Stat, Stats } from '../../components/Stat';
import type { DatabaseRow } from '../../data';
import { formatAgo, formatBytes, formatBytesChange, formatRate, formatShare } from '../../format';
import { useDatabase } from './useDatabase';

interface DatabaseProps {
  readonly instanceId: number;
  readonly databaseName: string;
}

/** The figures of the last measurement. */
export const LatestState = ({ instanceId, databaseName }: DatabaseProps) => {
  const { query, row } = useDatabase(instanceId, databaseName);
  return <QueryStates query={query}>{() => row != null && <Figures row={row} />}</QueryStates>;
};

const Figures = ({ row }: { readonly row: DatabaseRow }) => (
  <>
    {row.gone_since !== null && (
      <Alert severity="info" title={t('database.gone', 'The server no longer lists this database')}>
        {t('database.gone-since', 'Since {{day}}; what is shown is its last measurement.', { day: row.gone_since })}
      </Alert>
    )}
    <Stats>
      <Stat label={t('column.size', 'Size')} value={formatBytes(row.size_bytes)} note={formatAgo(row.collected_at)} />
      <Stat
        label={t('database.growth', 'Growth in {{days}} days', { days: row.growth?.days ?? 30 })}
        value={formatBytesChange(row.growth?.change_bytes)}
        note={formatRate(row.growth?.growth_rate)}
      />
      <Stat label={t('column.data', 'Data')} value={formatBytes(row.data_bytes)} />
      <Stat label={t('column.log', 'Log')} value={formatBytes(row.log_bytes)} />
      <Stat
        label={t('column.limit', 'Limit')}
        value={formatBytes(row.limit_bytes)}
        note={row.limit_bytes === null ? undefined : formatShare(row.size_bytes / row.limit_bytes)}
      />
      <Stat
        label={t('database.share', 'Share of the instance')}
        value={formatShare(row.share)}
        note={t('database.first-seen', 'Known since {{day}}', { day: row.first_seen_date })}
      />
    </Stats>
  </>
);
