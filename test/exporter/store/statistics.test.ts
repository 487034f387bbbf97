import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryRange } from '../../../exporter/src/store/measurements.ts';
import {
  readPeriodStatistics,
  type PeriodStatistics,
  type PeriodType,
} from '../../../exporter/src/store/statistics.ts';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { statisticsOf, type Day } from '../../support/period-statistics.ts';
import { withSeeds, type SeededRandom } from '../../support/seeded-random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let instanceId: number;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query('TRUNCATE instances CASCADE');
  instanceId = await addInstance(database.pool, 'orders');
});

const periodTypes = ['weekly', 'monthly', 'quarterly'] as const;

function read(periodType: PeriodType, range: Partial<HistoryRange> = {}): Promise<PeriodStatistics[]> {
  const all = { instanceId, startDate: null, endDate: null, databaseName: null };
  return readPeriodStatistics(database.pool, { ...all, ...range }, periodType);
}

async function store(days: readonly Day[]): Promise<void> {
  const dates = [...new Set(days.map((day) => day.date))];
  for (const date of dates) {
    const databases = days
      .filter((day) => day.date === date)
      .map(({ databaseName, sizeBytes, dataBytes, logBytes }) =>
        measurement(databaseName, sizeBytes, { dataBytes, logBytes }),
      );
    await addMeasurements(database.pool, instanceId, date, databases);
  }
}

const day = (date: string, sizeBytes: number, changes: Partial<Day> = {}): Day => ({
  databaseName: 'shop',
  date,
  sizeBytes,
  dataBytes: null,
  logBytes: null,
  ...changes,
});

describe('the statistics of a period', () => {
  test.each<[PeriodType, string, string, string]>([
    ['weekly', '2024-01-01', '2024-01-01', '2024-01-07'],
    ['weekly', '2024-01-07', '2024-01-01', '2024-01-07'],
    ['weekly', '2023-01-01', '2022-12-26', '2023-01-01'],
    ['weekly', '2021-01-03', '2020-12-28', '2021-01-03'],
    ['weekly', '2024-02-29', '2024-02-26', '2024-03-03'],
    ['monthly', '2024-02-01', '2024-02-01', '2024-02-29'],
    ['monthly', '2023-02-28', '2023-02-01', '2023-02-28'],
    ['monthly', '2024-12-31', '2024-12-01', '2024-12-31'],
    ['quarterly', '2024-01-01', '2024-01-01', '2024-03-31'],
    ['quarterly', '2024-06-30', '2024-04-01', '2024-06-30'],
    ['quarterly', '2024-12-31', '2024-10-01', '2024-12-31'],
  ])('%s, of %s, is from %s to %s', async (periodType, date, start, end) => {
    await store([day(date, 7)]);
    expect(await read(periodType)).toMatchObject([{ periodStart: start, periodEnd: end, dataCount: 1 }]);
  });

  test('are mean, largest and smallest of size, data and log, of the days on which they are known', async () => {
    await store([
      day('2024-02-01', 10, { dataBytes: 4, logBytes: 6 }),
      day('2024-02-02', 20, { dataBytes: 15 }),
      day('2024-02-29', 31),
    ]);
    expect(await read('monthly')).toEqual([
      {
        databaseName: 'shop',
        periodStart: '2024-02-01',
        periodEnd: '2024-02-29',
        averageSizeBytes: 20,
        maximumSizeBytes: 31,
        minimumSizeBytes: 10,
        dataCount: 3,
        averageDataBytes: 10,
        maximumDataBytes: 15,
        minimumDataBytes: 4,
        averageLogBytes: 6,
        maximumLogBytes: 6,
        minimumLogBytes: 6,
      },
    ]);
  });

  test('of what is never known are null, and of 0 are 0', async () => {
    await store([day('2024-02-01', 0, { logBytes: 0 })]);
    expect(await read('monthly')).toMatchObject([
      { averageSizeBytes: 0, averageDataBytes: null, maximumDataBytes: null, averageLogBytes: 0, minimumLogBytes: 0 },
    ]);
  });

  test('stay exact up to 2^53 - 1', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    await store([day('2024-02-01', most), day('2024-02-02', most), day('2024-02-03', most - 3)]);
    expect(await read('monthly')).toMatchObject([{ averageSizeBytes: most - 1, maximumSizeBytes: most }]);
  });

  test('come newest period first, then by database', async () => {
    const databases = { a: { databaseName: 'a' }, b: { databaseName: 'b' } };
    await store([
      day('2024-01-31', 1, databases.b),
      day('2024-01-31', 1, databases.a),
      day('2024-02-01', 1, databases.b),
      day('2023-12-31', 1, databases.a),
    ]);
    const rows = await read('monthly');
    expect(rows.map((row) => `${row.periodStart} ${row.databaseName}`)).toEqual([
      '2024-02-01 b',
      '2024-01-01 a',
      '2024-01-01 b',
      '2023-12-01 a',
    ]);
  });

  test('are of one instance, and of one database where that is asked for', async () => {
    const other = await addInstance(database.pool, 'other');
    await addMeasurements(database.pool, other, '2024-02-01', [measurement('shop', 999)]);
    const name = hostileNames[0] ?? '';
    await store([day('2024-02-01', 1), day('2024-02-01', 2, { databaseName: name })]);
    expect(await read('monthly')).toHaveLength(2);
    expect(await read('monthly', { databaseName: name })).toMatchObject([{ databaseName: name, averageSizeBytes: 2 }]);
    expect(await read('monthly', { databaseName: 'absent' })).toEqual([]);
  });

  test.each(periodTypes)('(%s) equal an independent computation', async (periodType) => {
    await withSeeds(6, async (random) => {
      await database.pool.query('TRUNCATE database_size_stats, database_latest');
      const days = randomDays(random);
      await store(days);
      const rows = await read(periodType);
      const keyOf = (row: { periodStart: string; databaseName: string }) => `${row.periodStart} ${row.databaseName}`;
      const sorted = <T extends { periodStart: string; databaseName: string }>(list: readonly T[]): T[] =>
        [...list].sort((one, next) => (keyOf(one) < keyOf(next) ? -1 : 1));
      expect(sorted(rows)).toEqual(sorted(statisticsOf(days, periodType)));
    });
  });
});

/** Some weeks around a random day of random years, with gaps, of databases of random sizes. */
function randomDays(random: SeededRandom): Day[] {
  const days: Day[] = [];
  const first = Date.UTC(random.integer(2015, 2030), random.pick([0, 1, 2, 5, 11]), random.integer(1, 31));
  for (let offset = 0; offset < 60; offset += random.integer(1, 9)) {
    const date = new Date(first + offset * 86_400_000).toISOString().slice(0, 10);
    for (const databaseName of ['a', 'b', '日本語']) {
      if (random.chance(0.2)) continue;
      const size = (): number => random.integer(0, random.pick([0, 9, 10 ** 6, 2 ** 40, Number.MAX_SAFE_INTEGER]));
      const sizeOrNull = (): number | null => (random.chance(0.4) ? null : size());
      days.push({ databaseName, date, sizeBytes: size(), dataBytes: sizeOrNull(), logBytes: sizeOrNull() });
    }
  }
  return days;
}
