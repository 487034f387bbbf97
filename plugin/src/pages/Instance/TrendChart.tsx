import { t } from '@grafana/i18n';
import React from 'react';

import { SizeChart, type ChartSeries } from '../../components/SizeChart';
import { Stat, Stats } from '../../components/Stat';
import type { PeriodType, Trends } from '../../data';
import { addDays, formatRate, unknownValue } from '../../format';

const most = 15;

interface TrendChartProps {
  readonly trends: Trends;
  /** Part of the names that are shown. */
  readonly find: string;
  readonly periodType: PeriodType;
  readonly show: 'size' | 'growth';
}

/** From the start of one period to that of the next, in days, at most. */
const periodDays = { weekly: 7, monthly: 31, quarterly: 92 } as const;

/** Room for half a bar at both edges, in days. */
const halfPeriod = { weekly: 4, monthly: 16, quarterly: 46 } as const;

/** Average sizes by period as bars, or growth against the period before as lines; what the summary says above them. */
export const TrendChart = ({ trends: { trends, summary }, find, periodType, show }: TrendChartProps) => {
  const isGrowth = show === 'growth';
  const series = isGrowth ? growthSeries(trends, find) : trendSeries(trends, find);
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
        stacked={!isGrowth}
        style={isGrowth ? 'lines' : 'bars'}
        unit={isGrowth ? 'percent' : 'bytes'}
        height={260}
        stepDays={periodDays[periodType]}
        label={t('statistics.trend', 'Average size and growth by period')}
        start={addDays(first.period_start, -halfPeriod[periodType])}
        end={addDays(last.period_start, halfPeriod[periodType])}
        series={series}
      />
    </>
  );
};

/** One line for each of the largest databases whose name holds `find`, the rest added up. */
export function trendSeries(trends: Trends['trends'], find: string): ChartSeries[] {
  const t0 = trends.map(({ period_start: day }) => day);
  const lines = linesBySize(trends, find, ({ avg_size_bytes: size }) => size);
  const rest = lines.slice(most);
  const shown = lines.slice(0, most).map(([name, line]) => ({ name, t: t0, values: line }));
  if (rest.length === 0) return shown;
  const sums = t0.map((_, index) => rest.reduce((sum, [, line]) => sum + (line[index] ?? 0), 0));
  return [...shown, { name: t('group.other', 'Others'), t: t0, values: sums }];
}

/** Growth in percent against the period before, of the same databases; where there is none to compare with, nothing. */
export function growthSeries(trends: Trends['trends'], find: string): ChartSeries[] {
  const days = trends.map(({ period_start: day }) => day);
  return linesBySize(trends, find, ({ growth_rate: rate }) => rate)
    .slice(0, most)
    .map(([name, line]) => ({ name, t: days, values: line }));
}

type TrendDatabase = Trends['trends'][number]['databases'][number];
type Line = readonly [name: string, values: (number | null)[]];

/** A value for each period of each database whose name holds `find`, those that were largest first. */
function linesBySize(
  trends: Trends['trends'],
  find: string,
  valueOf: (database: TrendDatabase) => number | null,
): Line[] {
  const lines = new Map<string, { largest: number; values: (number | null)[] }>();
  trends.forEach(({ databases }, index) => {
    for (const database of databases) {
      const { database_name: name, avg_size_bytes: size } = database;
      if (!name.toLowerCase().includes(find.toLowerCase())) continue;
      const line = lines.get(name) ?? { largest: 0, values: Array<number | null>(trends.length).fill(null) };
      line.values[index] = valueOf(database);
      line.largest = Math.max(line.largest, size);
      lines.set(name, line);
    }
  });
  return [...lines]
    .sort(([, one], [, other]) => other.largest - one.largest)
    .map(([name, { values }]) => [name, values] as const);
}
