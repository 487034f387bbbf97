import { describe, expect, test } from '@jest/globals';
import { computeTrends, growthRate, type Trends } from '../../../exporter/src/statistics/trends.ts';
import { megabyte } from '../../support/fleet-fixtures.ts';
import { boundsOf, statisticsOf, type Day, type Period } from '../../support/period-statistics.ts';
import { withSeeds, type SeededRandom } from '../../support/seeded-random.ts';

const day = (databaseName: string, date: string, sizeBytes: number): Day => ({
  databaseName,
  date,
  sizeBytes,
  dataBytes: null,
  logBytes: null,
});

/** Trends of sizes on single days: `{ '2024-01-15': { shop: 100 } }`. */
function trendsOf(period: Period, sizes: Readonly<Record<string, Readonly<Record<string, number>>>>): Trends {
  const days = Object.entries(sizes).flatMap(([date, databases]) =>
    Object.entries(databases).map(([name, bytes]) => day(name, date, bytes)),
  );
  return computeTrends(statisticsOf(days, period), period);
}

const ratesOf = ({ trends }: Trends, name: string): (number | null | undefined)[] =>
  trends.map(({ databases }) => databases.find((database) => database.database_name === name)?.growth_rate);

describe('a growth rate', () => {
  test.each<[number | null | undefined, number, number | null]>([
    [100, 110, 10],
    [100, 100, 0],
    [100, 50, -50],
    [100, 0, -100],
    [1000, 1052, 5.2],
    [3, 4, 33.3],
    [3, 2, -33.3],
    [1, 1_000_000, 99_999_900],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0],
    [0, 0, null],
    [0, 10, null],
    [null, 10, null],
    [undefined, 10, null],
  ])('from %p to %p is %p percent', (before, after, rate) => {
    expect(growthRate(before, after)).toBe(rate);
  });
});

describe('trends', () => {
  test('of nothing are empty', () => {
    expect(computeTrends([], 'monthly')).toEqual({
      trends: [],
      summary: { total_growth_rate: null, largest_database: null, fastest_growing: null },
    });
  });

  test('of one period have no growth: null, not 0', () => {
    expect(trendsOf('monthly', { '2024-01-15': { shop: 3 * megabyte, app: megabyte } })).toEqual({
      trends: [
        {
          period: '2024-01',
          period_start: '2024-01-01',
          total_size_mb: 4,
          total_size_bytes: 4 * megabyte,
          databases: [
            { database_name: 'app', avg_size_mb: 1, avg_size_bytes: megabyte, growth_rate: null },
            { database_name: 'shop', avg_size_mb: 3, avg_size_bytes: 3 * megabyte, growth_rate: null },
          ],
        },
      ],
      summary: { total_growth_rate: null, largest_database: 'shop', fastest_growing: null },
    });
  });

  test('come oldest period first, each compared with the one before', () => {
    const trends = trendsOf('monthly', {
      '2024-03-01': { shop: 90 },
      '2024-01-31': { shop: 100 },
      '2024-02-29': { shop: 150 },
    });
    expect(trends.trends.map((trend) => trend.period)).toEqual(['2024-01', '2024-02', '2024-03']);
    expect(ratesOf(trends, 'shop')).toEqual([null, 50, -40]);
    expect(trends.summary.total_growth_rate).toBe(-10);
  });

  test.each<[Period, string, string, string]>([
    ['monthly', '2024-01-15', '2024-02-15', '2024-04-15'],
    ['weekly', '2024-12-23', '2024-12-30', '2025-01-13'],
    ['quarterly', '2023-10-01', '2024-01-01', '2024-07-01'],
  ])('(%s) with a gap compare nothing across it', (period, first, second, afterGap) => {
    const trends = trendsOf(period, { [first]: { shop: 100 }, [second]: { shop: 110 }, [afterGap]: { shop: 120 } });
    expect(ratesOf(trends, 'shop')).toEqual([null, 10, null]);
    expect(trends.summary).toEqual({ total_growth_rate: 20, largest_database: 'shop', fastest_growing: 'shop' });
  });

  test('of a database that was away compare nothing across it either', () => {
    const trends = trendsOf('monthly', {
      '2024-01-01': { shop: 100, app: 10 },
      '2024-02-01': { shop: 100 },
      '2024-03-01': { shop: 100, app: 20 },
    });
    expect(ratesOf(trends, 'app')).toEqual([null, undefined, null]);
    expect(ratesOf(trends, 'shop')).toEqual([null, 0, 0]);
  });

  test('from 0 have no rate: null, not Infinity', () => {
    const trends = trendsOf('monthly', {
      '2024-01-01': { shop: 0 },
      '2024-02-01': { shop: 10 },
      '2024-03-01': { shop: 0 },
    });
    expect(ratesOf(trends, 'shop')).toEqual([null, null, -100]);
    expect(trends.summary).toEqual({ total_growth_rate: null, largest_database: 'shop', fastest_growing: null });
  });

  test.each<[Period, string, string]>([
    ['weekly', '2024-01-01', '2024-W01'],
    ['weekly', '2023-01-01', '2022-W52'],
    ['weekly', '2021-01-03', '2020-W53'],
    ['weekly', '2018-12-31', '2019-W01'],
    ['weekly', '2026-12-31', '2026-W53'],
    ['monthly', '2024-02-29', '2024-02'],
    ['monthly', '2024-12-31', '2024-12'],
    ['quarterly', '2024-01-01', '2024-Q1'],
    ['quarterly', '2024-06-30', '2024-Q2'],
    ['quarterly', '2024-12-31', '2024-Q4'],
  ])('(%s) name the period of %s %s', (period, date, label) => {
    expect(trendsOf(period, { [date]: { shop: 1 } }).trends.map((trend) => trend.period)).toEqual([label]);
  });

  test('of ISO weeks know that 2020 had 53', () => {
    const trends = trendsOf('weekly', { '2020-12-27': { a: 100 }, '2021-01-03': { a: 110 }, '2021-01-04': { a: 121 } });
    expect(trends.trends.map((trend) => trend.period)).toEqual(['2020-W52', '2020-W53', '2021-W01']);
    expect(ratesOf(trends, 'a')).toEqual([null, 10, 10]);
  });

  test('round the total once, not the sum of rounded parts', () => {
    const { trends } = trendsOf('monthly', {
      '2024-01-01': { a: 400_000, b: 400_000, c: 400_000 },
    });
    expect(trends[0]?.total_size_mb).toBe(1);
    expect(trends[0]?.databases.map((database) => database.avg_size_mb)).toEqual([0, 0, 0]);
  });
});

describe('the summary', () => {
  test('names what is largest in the last period and what grew fastest since it was first seen', () => {
    const { summary } = trendsOf('monthly', {
      '2024-01-01': { large: 1000, small: 10, gone: 5000 },
      '2024-02-01': { large: 1100, small: 15, fresh: 1, gone: 5000 },
      '2024-03-01': { large: 1200, small: 40, fresh: 3 },
    });
    // small is at 400 %, fresh at 300 %, large at 120 % of what they were.
    expect(summary).toEqual({
      total_growth_rate: -79.3,
      largest_database: 'large',
      fastest_growing: 'small',
    });
  });

  test('names nothing as growing where nothing grows', () => {
    const { summary } = trendsOf('monthly', { '2024-01-01': { a: 10, b: 10 }, '2024-02-01': { a: 10, b: 9 } });
    expect(summary.fastest_growing).toBeNull();
  });

  test('takes the first by name where several are equal', () => {
    const { summary } = trendsOf('monthly', { '2024-01-01': { b: 10, a: 10 }, '2024-02-01': { b: 20, a: 20 } });
    expect(summary).toMatchObject({ largest_database: 'a', fastest_growing: 'a' });
  });

  test('knows databases whose names objects have', () => {
    const trends = trendsOf('monthly', { '2024-01-01': { constructor: 10 }, '2024-02-01': { constructor: 20 } });
    expect(trends.summary).toMatchObject({ largest_database: 'constructor', fastest_growing: 'constructor' });
  });
});

describe('trends of anything', () => {
  test.each<Period>(['weekly', 'monthly', 'quarterly'])('(%s) equal an independent computation', async (period) => {
    await withSeeds(100, (random) => {
      const statistics = randomStatistics(random, period);
      expectIndependentlyComputed(computeTrends(shuffled(statistics, random), period), statistics, period);
    });
  });
});

function randomStatistics(random: SeededRandom, period: Period): ReturnType<typeof statisticsOf> {
  const first = Date.UTC(random.integer(2015, 2030), random.integer(0, 11), random.integer(1, 28));
  const days: Day[] = [];
  for (let offset = 0; offset < random.integer(0, 500); offset += random.integer(1, 100)) {
    const date = new Date(first + offset * 86_400_000).toISOString().slice(0, 10);
    for (const name of ['a', 'b', '日本語', '__proto__']) {
      if (random.chance(0.3)) continue;
      days.push(day(name, date, random.integer(0, random.pick([0, 3, 10 ** 6, 2 ** 45]))));
    }
  }
  return statisticsOf(days, period);
}

function shuffled<T>(list: readonly T[], random: SeededRandom): T[] {
  return list
    .map((item) => ({ item, order: random.integer(0, 2 ** 30) }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function labelOf(start: string, period: Period): string {
  const [year = '', month = ''] = start.split('-');
  if (period === 'monthly') return `${year}-${month}`;
  if (period === 'quarterly') return `${year}-Q${Math.ceil(Number(month) / 3)}`;
  const thursday = new Date(Date.parse(start) + 3 * 86_400_000);
  const dayOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000;
  return `${thursday.getUTCFullYear()}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, '0')}`;
}

/** A rate has one decimal and is the nearest to the true one; null where there is nothing to compare with. */
function expectRate(rate: number | null, before: number | undefined, after: number): void {
  if (before === undefined || before === 0) {
    expect(rate).toBeNull();
    return;
  }
  if (rate === null) throw new Error(`there is no rate from ${before} to ${after}`);
  const exact = (after / before - 1) * 100;
  expect(Math.abs(rate - exact)).toBeLessThanOrEqual(0.05 + 1e-9 * Math.abs(exact) + 1e-9);
  expect(Number(rate.toFixed(1)) + 0).toBe(rate);
}

function expectIndependentlyComputed(actual: Trends, rows: ReturnType<typeof statisticsOf>, period: Period): void {
  const starts = [...new Set(rows.map((row) => row.periodStart))].sort();
  const sizeIn = (start: string, name: string): number | undefined =>
    rows.find((row) => row.periodStart === start && row.databaseName === name)?.averageSizeBytes;
  const namesIn = (start: string): string[] =>
    rows
      .filter((row) => row.periodStart === start)
      .map((row) => row.databaseName)
      .sort();
  const totalOf = (start: string): number => namesIn(start).reduce((sum, name) => sum + (sizeIn(start, name) ?? 0), 0);

  expect(actual.trends.map((trend) => trend.period_start)).toEqual(starts);
  for (const [index, start] of starts.entries()) {
    const trend = actual.trends[index];
    const before = boundsOf(new Date(Date.parse(start) - 86_400_000).toISOString().slice(0, 10), period).start;
    expect(trend).toMatchObject({
      period: labelOf(start, period),
      total_size_bytes: totalOf(start),
      total_size_mb: Math.round(totalOf(start) / 2 ** 20),
    });
    expect(trend?.databases.map((database) => database.database_name)).toEqual(namesIn(start));
    for (const {
      database_name: name,
      avg_size_bytes: bytes,
      avg_size_mb: megabytes,
      growth_rate: rate,
    } of trend?.databases ?? []) {
      expect(bytes).toBe(sizeIn(start, name));
      expect(megabytes).toBe(Math.round(bytes / 2 ** 20));
      expectRate(rate, sizeIn(before, name), bytes);
    }
  }

  const [first, last] = [starts.at(0), starts.at(-1)];
  const { total_growth_rate: total, largest_database: largest, fastest_growing: fastest } = actual.summary;
  if (first === undefined || last === undefined) {
    expect(actual.summary).toEqual({ total_growth_rate: null, largest_database: null, fastest_growing: null });
    return;
  }
  if (first === last) expect(total).toBeNull();
  else expectRate(total, totalOf(first), totalOf(last));
  expect(sizeIn(last, largest ?? '')).toBe(Math.max(...namesIn(last).map((name) => sizeIn(last, name) ?? 0)));
  const factorOf = (name: string): number => {
    const initial = starts.map((start) => sizeIn(start, name)).find((bytes) => bytes !== undefined);
    return initial === undefined || initial === 0 ? 1 : (sizeIn(last, name) ?? 0) / initial;
  };
  const best = Math.max(...namesIn(last).map(factorOf));
  // Rates are compared as they are shown, with one decimal: what differs by less counts as equal.
  if (fastest === null) expect(best).toBeLessThan(1.0005);
  else expect(factorOf(fastest)).toBeGreaterThanOrEqual(best - 0.001 - 1e-9 * best);
}
