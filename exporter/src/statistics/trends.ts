import { DateTime } from 'luxon';
import type { PeriodType } from '../store/periods.ts';
import type { PeriodStatistics } from '../store/statistics.ts';
import { toMegabytes } from './megabytes.ts';

/** What trends need of a period's statistics. */
type PeriodAverage = Pick<PeriodStatistics, 'periodStart' | 'databaseName' | 'averageSizeBytes'>;

interface TrendDatabase {
  readonly database_name: string;
  readonly avg_size_mb: number;
  readonly avg_size_bytes: number;
  /** Percent against the period before; null where there is none, or it was empty. */
  readonly growth_rate: number | null;
}

interface TrendPeriod {
  /** 2024-W05, 2024-01 or 2024-Q1. */
  readonly period: string;
  readonly period_start: string;
  readonly total_size_mb: number;
  readonly total_size_bytes: number;
  readonly databases: readonly TrendDatabase[];
}

/** Oldest period first. */
export interface Trends {
  readonly trends: readonly TrendPeriod[];
  readonly summary: {
    /** Percent from the first to the last period; null with fewer than two. */
    readonly total_growth_rate: number | null;
    /** By average size in the last period. */
    readonly largest_database: string | null;
    /** By percent between the first and the last period that it is in, among those of the last period. */
    readonly fastest_growing: string | null;
  };
}

const labels: Readonly<Record<PeriodType, string>> = {
  weekly: "kkkk-'W'WW",
  monthly: 'yyyy-MM',
  quarterly: "yyyy-'Q'q",
};
const steps = { weekly: { weeks: 1 }, monthly: { months: 1 }, quarterly: { months: 3 } } as const;

/** Growth in percent, one decimal; null where there is nothing to compare with. */
export function growthRate(before: number | null | undefined, after: number): number | null {
  if (before === null || before === undefined || before === 0) return null;
  // Adding 0 makes the -0 of a tiny loss the plain one.
  return Math.round(((after - before) / before) * 1000) / 10 + 0;
}

/** Puts the statistics of an instance in the order of time and compares each period with the one before. */
export function computeTrends(statistics: readonly PeriodAverage[], periodType: PeriodType): Trends {
  const periods = new Map<string, Map<string, number>>();
  for (const { periodStart, databaseName, averageSizeBytes } of statistics) {
    const period = periods.get(periodStart) ?? new Map<string, number>();
    periods.set(periodStart, period.set(databaseName, averageSizeBytes));
  }
  const starts = [...periods.keys()].sort();
  const trends = starts.map((start) => trendPeriod(start, periods, periodType));
  const last = periods.get(starts.at(-1) ?? '') ?? new Map<string, number>();
  return {
    trends,
    summary: {
      total_growth_rate:
        trends.length < 2 ? null : growthRate(trends[0]?.total_size_bytes, trends.at(-1)?.total_size_bytes ?? 0),
      largest_database: nameOfLargest(last, (_name, bytes) => bytes),
      fastest_growing: nameOfLargest(last, (name, bytes) =>
        positive(growthRate(firstSize(name, starts, periods), bytes)),
      ),
    },
  };
}

function trendPeriod(
  start: string,
  periods: ReadonlyMap<string, ReadonlyMap<string, number>>,
  periodType: PeriodType,
): TrendPeriod {
  const first = DateTime.fromISO(start, { zone: 'UTC' });
  const before = periods.get(first.minus(steps[periodType]).toISODate() ?? '');
  const sizes = [...(periods.get(start) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1));
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  return {
    period: first.toFormat(labels[periodType]),
    period_start: start,
    total_size_mb: toMegabytes(total),
    total_size_bytes: total,
    databases: sizes.map(([name, bytes]) => ({
      database_name: name,
      avg_size_mb: toMegabytes(bytes),
      avg_size_bytes: bytes,
      growth_rate: growthRate(before?.get(name), bytes),
    })),
  };
}

function firstSize(
  name: string,
  starts: readonly string[],
  periods: ReadonlyMap<string, ReadonlyMap<string, number>>,
): number | null {
  const start = starts.find((candidate) => periods.get(candidate)?.has(name));
  return periods.get(start ?? '')?.get(name) ?? null;
}

function positive(rate: number | null): number | null {
  return rate !== null && rate > 0 ? rate : null;
}

function nameOfLargest(
  sizes: ReadonlyMap<string, number>,
  valueOf: (name: string, bytes: number) => number | null,
): string | null {
  const ranked = [...sizes]
    .map(([name, bytes]) => ({ name, value: valueOf(name, bytes) }))
    .filter((entry): entry is { name: string; value: number } => entry.value !== null)
    .sort((one, other) => other.value - one.value || (one.name < other.name ? -1 : 1));
  return ranked[0]?.name ?? null;
}
