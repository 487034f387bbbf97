import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshDailyTotals } from '../../../exporter/src/statistics/aggregate.ts';
import { readGrowth, type GrowthQuery } from '../../../exporter/src/store/growth.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = '2026-11-22';
const past = addDays(today, -30);

describe('growth', () => {
  let database: TestDatabase;
  let ids: number[];

  beforeAll(async () => {
    database = await createTestDatabase();
    ids = await addInstances(database.pool, ['alpha', 'beta', 'late', 'gappy'], (name) => ({
      owner: name === 'late' ? null : 'team-a',
      labels: name === 'beta' ? { environment: 'test' } : { environment: 'production' },
    }));
    const [alpha = 0, beta = 0, late = 0, gappy = 0] = ids;
    const days = daysBetween(addDays(today, -100), today);
    await importMeasurements(database.pool, [
      ...days.map((day, index) => measurement(alpha, 'grows', day, 1000 + 10 * index)),
      ...days.map((day) => measurement(alpha, 'constant', day, 500)),
      ...days.map((day) => measurement(alpha, 'empty', day, 0)),
      ...days.filter((day) => day < addDays(today, -10)).map((day) => measurement(alpha, 'vanished', day, 300)),
      ...days.filter((day) => day > addDays(today, -5)).map((day) => measurement(alpha, 'new', day, 70)),
      ...days.map((day, index) => measurement(beta, 'shrinks', day, 9000 - 20 * index)),
      ...days.filter((day) => day > addDays(today, -3)).map((day) => measurement(late, 'unknown', day, 40)),
      // Not measured on the day that is compared with, nor on the two before it.
      ...days
        .filter((day) => day > past || day < addDays(past, -2))
        .map((day) => measurement(gappy, 'gap', day, day > past ? 220 : 200)),
    ]);
    await refreshDailyTotals(database.pool);
  });
  afterAll(() => database.close());

  const growthBy = async (query: Partial<GrowthQuery>) => {
    const { growth, total } = await readGrowth(database.pool, {
      today,
      days: 30,
      groupBy: 'database',
      labelKey: null,
      fleet: { visibleTo: null },
      databaseName: null,
      order: 'growth',
      limit: 100,
      offset: 0,
      ...query,
    });
    expect(total).toBeGreaterThanOrEqual(growth.length);
    return growth;
  };

  test('of databases: growers, shrinkers, new, vanished, and those of which nothing can be said', async () => {
    const growth = await growthBy({});
    expect(growth.map((row) => [row.databaseName, row.previousSizeBytes, row.changeBytes, row.growthRate])).toEqual([
      ['grows', 1700, 300, (300 * 100) / 1700],
      ['new', null, 70, null],
      ['gap', 200, 20, 10],
      ['constant', 500, 0, 0],
      ['empty', 0, 0, null],
      ['vanished', 300, -300, -100],
      ['shrinks', 7600, -600, (-600 * 100) / 7600],
      ['unknown', null, null, null],
    ]);
    expect(growth.find((row) => row.databaseName === 'new')).toMatchObject({ newBytes: 70, newCount: 1 });
    expect(growth.find((row) => row.databaseName === 'vanished')).toMatchObject({ sizeBytes: 0, vanishedBytes: 300 });
    expect(growth.find((row) => row.databaseName === 'unknown')).toMatchObject({
      sizeBytes: 40,
      incomparableBytes: 40,
    });
    const shrinkers = await growthBy({ order: 'shrink', limit: 2 });
    expect(shrinkers.map((row) => row.databaseName)).toEqual(['shrinks', 'vanished']);
    const fastest = await growthBy({ order: 'rate', limit: 2, offset: 1 });
    expect(fastest.map((row) => row.databaseName)).toEqual(['gap', 'constant']);
  });

  test('of instances, owners, labels and the fleet: the sums of their databases', async () => {
    const alpha = { sizeBytes: 2570, previousSizeBytes: 2500, changeBytes: 70, newCount: 1, vanishedCount: 1 };
    expect((await growthBy({ groupBy: 'instance' })).find((row) => row.group === 'alpha')).toMatchObject(alpha);
    expect(await growthBy({ groupBy: 'owner' })).toMatchObject([
      { group: 'team-a', previousSizeBytes: 10_300, changeBytes: -510 },
      { group: null, previousSizeBytes: null, changeBytes: null, incomparableBytes: 40 },
    ]);
    expect(await growthBy({ groupBy: 'label', labelKey: 'environment' })).toMatchObject([
      { group: 'production', previousSizeBytes: 2700, changeBytes: 90 },
      { group: 'test', previousSizeBytes: 7600, changeBytes: -600 },
    ]);
    expect(await growthBy({ groupBy: 'fleet' })).toMatchObject([
      { sizeBytes: 9830, previousSizeBytes: 10_300, changeBytes: -510, growthRate: (-510 * 100) / 10_300 },
    ]);
  });

  test('of one instance or database, over any number of days', async () => {
    const [alpha = 0] = ids;
    for (const days of [7, 30, 90]) {
      const growth = await growthBy({ days, fleet: { visibleTo: null, instanceIds: [alpha] }, databaseName: 'grows' });
      expect(growth).toMatchObject([{ changeBytes: 10 * days, sizeBytes: 2000 }]);
    }
    // Nobody knows what was there before it was watched.
    expect(
      await growthBy({ days: 365, fleet: { visibleTo: null, instanceIds: [alpha] }, databaseName: 'grows' }),
    ).toMatchObject([{ previousSizeBytes: null, changeBytes: null, growthRate: null, incomparableBytes: 2000 }]);
  });
});
