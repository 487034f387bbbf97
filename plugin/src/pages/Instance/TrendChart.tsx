import { t } from '@grafana/i18n';
import React from 'react';

import { SizeChart, type ChartSeries } from '../../components/SizeChart';
import { Stat, Stats } from '../../components/Stat';
import type { Trends } from '../../data';
import { formatRate, unknownValue } from '../../format';

const most = 15;

interface TrendChartProps {
  readonly trends: Trends;
  /** Part of the names that are shown. */
  readonly find: string;
}

/** Average sizes by period as bars, with what the summary says above them. */
export const TrendChart = ({ trends: { trends, summary }, find }: TrendChartProps) => {
  const series = trendSeries(trends, find);
  const [first, last] = [trends[0], trends.at(-1)];
  if (first === undefined || last === undefined) return null;
  return (
    <>
      <Stats>
        <Stat label={t('trend.total', 'Total growth')} value={formatRate(summary.total_growth_rate)} />
        <Stat label={t('trend.largest', 'Largest database')} value={summary.largest_database ?? unknownValue} />
        <Stat label={t('trend.fastest', 'Fastest growing')} value={summary.fastest_growing ?? unknownValue} />
      </Stats>
      <SizeChart
        stacked
        style="bars"
        height={260}
        label={t('statistics.trend', 'Average size and growth by period')}
        start={first.period_start}
        end={last.period_start}
        series={series}
      />
    </>
  );
};

/** One line for each of the largest databases whose name holds `find`, the rest added up. */
export function trendSeries(trends: Trends['trends'], find: string): ChartSeries[] {
  const t0 = trends.map(({ period_start: day }) => day);
  const values = new Map<string, (number | null)[]>();
  trends.forEach(({ databases }, index) => {
    for (const { database_name: name, avg_size_bytes: size } of databases) {
      if (!name.toLowerCase().includes(find.toLowerCase())) continue;
      const line = values.get(name) ?? Array<number | null>(trends.length).fill(null);
      line[index] = size;
      values.set(name, line);
    }
  });
  const largest = (line: readonly (number | null)[]) => Math.max(...line.map((value) => value ?? 0));
  const lines = [...values].sort(([, one], [, other]) => largest(other) - largest(one));
  const rest = lines.slice(most);
  const shown = lines.slice(0, most).map(([name, line]) => ({ name, t: t0, values: line }));
  if (rest.length === 0) return shown;
  const sums = t0.map((_, index) => rest.reduce((sum, [, line]) => sum + (line[index] ?? 0), 0));
  return [...shown, { name: t('group.other', 'Others'), t: t0, values: sums }];
}
