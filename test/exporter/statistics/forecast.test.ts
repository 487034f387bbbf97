import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { predict, readForecasts, type Forecast } from '../../../exporter/src/statistics/forecast.ts';
import { readGrowthWindows } from '../../../exporter/src/store/growth-windows.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { applyRetention } from '../../../exporter/src/store/retention.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

// A Sunday.
const today = '2026-11-22';
const mebibyte = 2 ** 20;

describe('forecasts and growth from the repository', () => {
  let database: TestDatabase;
  let ids: number[];
  const days = daysBetween(addDays(today, -200), today);

  const grows = (instance: number, name: string, limitBytes: number | null, sizeOf: (index: number) => number) =>
    days.map((day, index): ImportedMeasurement => ({
      ...measurement(instance, name, day, Math.round(sizeOf(index))),
      limitBytes,
    }));

  beforeAll(async () => {
    database = await createTestDatabase();
    ids = await addInstances(database.pool, ['alpha', 'beta', 'paused'], () => ({ owner: 'team-a' }));
    const [alpha = 0, beta = 0, paused = 0] = ids;
    const line = (index: number) => (1000 + 10 * index) * mebibyte;
    await importMeasurements(database.pool, [
      ...grows(alpha, 'limited', 4000 * mebibyte, line),
      ...grows(alpha, 'unlimited', null, line),
      ...grows(alpha, 'far', 100_000_000 * mebibyte, line),
      ...grows(alpha, 'full', 2000 * mebibyte, line),
      ...grows(alpha, 'purged', 4000 * mebibyte, (index) => line(index) - (index > 170 ? 1500 * mebibyte : 0)),
      ...grows(alpha, 'shrinks', 4000 * mebibyte, (index) => (5000 - index) * mebibyte),
      ...grows(alpha, 'constant', 4000 * mebibyte, () => 700 * mebibyte),
      ...grows(alpha, 'gone', null, line).filter((row) => row.collectedDate < addDays(today, -3)),
      ...grows(alpha, 'young', null, line).slice(-21),
      ...grows(alpha, 'three weeks', null, line).slice(-22),
      ...grows(beta, 'gaps', null, line).filter((_, index) => index % 3 === 0 || index > 190),
      ...grows(paused, 'paused', null, line),
    ]);
    await database.pool.query('UPDATE instances SET is_active = false WHERE id = $1', [paused]);
    await aggregate(database.pool, today);
  });
  afterAll(() => database.close());

  const forecasts = async (query: Partial<Parameters<typeof readForecasts>[1]> = {}) =>
    new Map<string, Forecast>(
      (await readForecasts(database.pool, { today, ...query })).map((forecast) => [forecast.databaseName, forecast]),
    );

  test('are there for what is there and has a history', async () => {
    const found = await forecasts();
    expect([...found.keys()].sort()).toEqual(
      ['constant', 'far', 'three weeks', 'full', 'gaps', 'limited', 'purged', 'shrinks', 'unlimited'].sort(),
    );
    expect(found.get('limited')).toMatchObject({
      instanceName: 'alpha',
      engine: 'postgresql',
      owner: 'team-a',
      toDate: today,
      sizeBytes: 3000 * mebibyte,
      limitBytes: 4000 * mebibyte,
      steps: 0,
    });
    // 90 days back is a Monday: that day, and 13 Sundays.
    expect(found.get('limited')).toMatchObject({ fromDate: addDays(today, -90), points: 14 });
    for (const name of ['limited', 'purged', 'three weeks', 'gaps']) {
      expect((found.get(name)?.changeBytesPerDay ?? 0) / mebibyte).toBeCloseTo(10, 6);
    }
    expect(found.get('purged')?.steps).toBe(1);
  });

  test('say when a limit is reached, and only then', async () => {
    const found = await forecasts();
    // 1 000 MiB at 10 MiB a day after the last measurement, at three o'clock; the purged one has 2 500 to go.
    expect(found.get('limited')?.fullAt?.toISOString().slice(0, 13)).toBe(`${addDays(today, 100)}T03`);
    expect(found.get('purged')?.fullAt?.toISOString().slice(0, 13)).toBe(`${addDays(today, 250)}T03`);
    expect(found.get('full')?.fullAt?.toISOString()).toBe(`${today}T03:00:00.000Z`);
    for (const name of ['unlimited', 'far', 'shrinks', 'constant']) expect(found.get(name)?.fullAt).toBeNull();
  });

  test('predict sizes between bounds that widen', async () => {
    const found = await forecasts({ instanceIds: ids.slice(1, 2) });
    expect([...found.keys()]).toEqual(['gaps']);
    const [gaps] = [...found.values()];
    if (gaps === undefined) throw new Error('no forecast');
    const { days: predicted, sizeBytes, lowBytes, highBytes } = predict(gaps, 30);
    expect(predicted).toEqual([2, 9, 16, 23, 30].map((ahead) => addDays(today, ahead)));
    expect(sizeBytes.map((bytes) => bytes / mebibyte)).toEqual([3020, 3090, 3160, 3230, 3300]);
    const widths = highBytes.map((high, index) => high - (lowBytes[index] ?? 0));
    expect(widths).toEqual([...widths].sort((one, other) => one - other));
  });

  test('of one database, over another time', async () => {
    const found = await forecasts({ days: 28, databaseName: 'limited' });
    expect([...found.values()]).toMatchObject([{ databaseName: 'limited', fromDate: addDays(today, -28) }]);
  });

  test('growth over windows is the difference to that day, or the week before it', async () => {
    const rows = await readGrowthWindows(database.pool, today, [7, 30, 90, 365]);
    const changes = Object.fromEntries(
      rows.map((row) => [row.databaseName, row.changeBytes.map((bytes) => (bytes === null ? null : bytes / mebibyte))]),
    );
    expect(changes).toMatchObject({
      limited: [70, 300, 900, null],
      purged: [70, -1200, -600, null],
      shrinks: [-7, -30, -90, null],
      constant: [0, 0, 0, null],
      young: [70, null, null, null],
    });
    // Measured every third day: the days before the 170th and the 110th are there, of which the gaps leave 168 and 108.
    expect(changes.gaps).toEqual([70, 320, 920, null]);
    expect(Object.keys(changes)).not.toContain('gone');
    expect(Object.keys(changes)).not.toContain('paused');
  });

  test('both are the same after the retention has removed the days', async () => {
    const before = await forecasts({ days: 180 });
    await applyRetention(database.pool, today, { days: 60, months: 0 });
    const after = await forecasts({ days: 180 });
    expect([...after.values()].map((forecast) => ({ ...forecast, line: null }))).toEqual(
      [...before.values()].map((forecast) => ({ ...forecast, line: null })),
    );
    const rows = await readGrowthWindows(database.pool, today, [150]);
    const limited = rows.find((row) => row.databaseName === 'limited');
    // The end of the week before: up to six days more.
    expect((limited?.changeBytes[0] ?? 0) / mebibyte).toBeGreaterThanOrEqual(1500);
    expect((limited?.changeBytes[0] ?? 0) / mebibyte).toBeLessThanOrEqual(1570);
  });
});
