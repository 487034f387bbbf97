import { dateTime } from '@grafana/data';
import { t } from '@grafana/i18n';
import React from 'react';

import { CsvButton } from '../../components/CsvButton';
import { QueryStates } from '../../components/QueryStates';
import { RangePicker } from '../../components/RangePicker';
import { Section } from '../../components/Section';
import { SizeChart, type ChartMark, type ChartSeries } from '../../components/SizeChart';
import { Empty } from '../../components/States';
import type { DatabaseHistory, SizeChange } from '../../data';
import { useChanges, useHistory } from '../../data/hooks';
import { formatBytesChange } from '../../format';
import { text } from '../../hooks/urlCodecs';
import { useUrlTimeRange } from '../../hooks/useUrlTimeRange';

interface HistoryProps {
  readonly instanceId: number;
  readonly databaseName: string;
}

const lastQuarter = { from: text('now-90d'), to: text('now') };

/** The sizes by day, with marks where the database began, ended or jumped. */
export const History = ({ instanceId, databaseName }: HistoryProps) => {
  const { range, days, setRange } = useUrlTimeRange(lastQuarter);
  const filter = { ...days, database_name: databaseName };
  const query = useHistory(instanceId, filter);
  const changes = useChanges(instanceId, filter).data ?? [];
  return (
    <Section
      title={t('database.history', 'History')}
      actions={
        <>
          <RangePicker value={range} onChange={setRange} />
          <CsvButton
            path={`/instances/${instanceId}/database-sizes`}
            query={filter}
            fileName={`tidemark-${databaseName}.csv`}
          />
        </>
      }
    >
      <QueryStates
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<Empty message={t('chart.empty', 'No measurements in this range')} />}
      >
        {([history]) => (
          <>
            <SizeChart
              label={t('database.history', 'History')}
              start={days.start_date}
              end={days.end_date}
              series={history === undefined ? [] : historySeries(history)}
              marks={changes.map(markOf)}
              onZoom={(from, to) => setRange({ from: dateTime(from), to: dateTime(to) })}
            />
            {changes.length > 0 && (
              <ul aria-label={t('database.changes', 'What happened')}>
                {changes.map((change) => (
                  <li key={`${change.date}/${change.kind}`}>
                    {change.date}: {changeText(change)}
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </QueryStates>
    </Section>
  );
};

function historySeries({ stats }: DatabaseHistory): ChartSeries[] {
  const days = stats.map((point) => point.collected_date);
  const lines: ChartSeries[] = [
    { name: t('measure.size', 'Total'), t: days, values: stats.map((point) => point.size_bytes) },
    { name: t('measure.data', 'Data'), t: days, values: stats.map((point) => point.data_bytes) },
    { name: t('measure.log', 'Log'), t: days, values: stats.map((point) => point.log_bytes) },
  ];
  return lines.filter(({ values }) => values.some((value) => value !== null));
}

const markOf = (change: SizeChange): ChartMark => ({
  day: change.date,
  label: changeText(change),
  severity: change.kind === 'step_up' ? 'warning' : 'info',
});

export function changeText({ kind, change_bytes: bytes }: SizeChange): string {
  switch (kind) {
    case 'appeared':
      return t('change.appeared', 'appeared');
    case 'vanished':
      return t('change.vanished', 'vanished');
    case 'step_up':
      return t('change.step-up', 'jumped by {{change}}', { change: formatBytesChange(bytes) });
    case 'step_down':
      return t('change.step-down', 'dropped by {{change}}', { change: formatBytesChange(bytes) });
  }
}
