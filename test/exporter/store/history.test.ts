import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyText } from '../../../exporter/src/api/history-text.ts';
import { aggregate, refreshDailyTotals } from '../../../exporter/src/statistics/aggregate.ts';
import { toMegabytes } from '../../../exporter/src/statistics/megabytes.ts';
import { readHistoryText, readHistoryVersion } from '../../../exporter/src/store/history.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { readHistory, type HistoryRange } from '../../../exporter/src/store/measurements.ts';
import { applyRetention } from '../../../exporter/src/store/retention.ts';
import { addMeasurements, hostileNames, measurement as databaseMeasurement } from '../../support/fleet-fixtures.ts';
import { addInstances, daysBetween, measurement, randomNumbers, testSeed } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const everything = { startDate: null, endDate: null, databaseName: null };

async function textOf(range: HistoryRange): Promise<{ text: string; pieces: number }> {
  const pieces: string[] = [];
  for await (const piece of historyText(readHistoryText(database.pool, range))) pieces.push(piece);
  return { text: pieces.join(''), pieces: pieces.length };
}

/** The same answer made of the rows, here. */
async function expectedText(range: HistoryRange): Promise<string> {
  const stats = new Map<string, unknown[]>();
  for (const row of await readHistory(database.pool, range)) {
    const days = stats.get(row.databaseName) ?? [];
    stats.set(row.databaseName, days);
    days.push({
      collected_at: row.collectedAt,
      collected_date: row.collectedDate,
      size_mb: toMegabytes(row.sizeBytes),
      data_size_mb: toMegabytes(row.dataBytes),
      log_size_mb: toMegabytes(row.logBytes),
      size_bytes: row.sizeBytes,
      data_bytes: row.dataBytes,
      log_bytes: row.logBytes,
      method: row.method,
    });
  }
  return JSON.stringify({ data: [...stats].map(([name, days]) => ({ database_name: name, stats: days })) });
}

describe('the history as text', () => {
  const seed = testSeed();
  let id: number;

  beforeAll(async () => {
    [id = 0] = await addInstances(database.pool, ['text', 'other']);
    const random = randomNumbers(seed);
    const bytes = () => Math.floor(random() ** 8 * Number.MAX_SAFE_INTEGER);
    const days = daysBetween('2024-01-15', '2024-04-15');
    await importMeasurements(
      database.pool,
      hostileNames.flatMap((name) =>
        days
          .filter(() => random() < 0.8)
          .map((day) => ({
            ...measurement(id, name, day, bytes(), {
              dataBytes: random() < 0.5 ? null : bytes(),
              logBytes: random() < 0.5 ? null : bytes(),
            }),
            collectedAt: new Date(Date.parse(day) + Math.floor(random() * 86_400_000)),
            method: random() < 0.5 ? ('exact' as const) : ('estimate' as const),
          })),
      ),
    );
  });

  test.each<Partial<HistoryRange>>([
    {},
    { startDate: '2024-02-01', endDate: '2024-03-02' },
    { endDate: '2024-01-15' },
    { startDate: '2030-01-01' },
    { databaseName: hostileNames[1] ?? null },
    { databaseName: 'absent' },
  ])(`%j is, byte by byte, what the rows say (seed ${seed})`, async (range) => {
    const complete = { ...everything, ...range, instanceId: id };
    expect((await textOf(complete)).text).toBe(await expectedText(complete));
  });

  test('comes in pieces', async () => {
    // Two halves, and the end.
    expect((await textOf({ ...everything, instanceId: id })).pieces).toBe(3);
  });

  test('fails where the repository does', async () => {
    const range = { ...everything, instanceId: id, startDate: 'soon' };
    await expect(textOf(range)).rejects.toMatchObject({ code: '22007' });
  });
});

describe('the version of a history', () => {
  let id: number;
  let other: number;
  const february = { ...everything, startDate: '2024-02-01', endDate: '2024-02-29' };
  const version = (range: Partial<HistoryRange> = {}) =>
    readHistoryVersion(database.pool, { ...everything, instanceId: id, ...range });
  const save = (day: string, size: number, time?: string) =>
    addMeasurements(database.pool, id, day, [databaseMeasurement('shop', size)], time === undefined ? {} : { time });

  beforeAll(async () => {
    [id = 0, other = 0] = await addInstances(database.pool, ['version', 'elsewhere']);
    await save('2024-02-10', 1);
    await save('2024-03-10', 2);
    await refreshDailyTotals(database.pool);
  });

  test('stays as long as nothing is written', async () => {
    const before = await version();
    await addMeasurements(database.pool, other, '2024-03-10', [databaseMeasurement('shop', 1)]);
    await refreshDailyTotals(database.pool);
    await aggregate(database.pool, '2024-03-10');
    expect(await version()).toBe(before);
  });

  test('changes with every write, condensed or not, and never comes back', async () => {
    const seen = [await version()];
    const change = async (work: () => Promise<unknown>) => {
      await work();
      seen.push(await version());
    };
    await change(() => save('2024-03-11', 3));
    await change(() => refreshDailyTotals(database.pool));
    // A second run of the day that finds the same, and one that finds the size of the day before.
    await change(() => save('2024-03-11', 3, '12:00:00'));
    await change(() => refreshDailyTotals(database.pool));
    await change(() => save('2024-03-11', 2, '13:00:00'));
    await change(() => save('2024-03-11', 3, '14:00:00'));
    await change(() => aggregate(database.pool, '2024-03-11'));
    await change(() => importMeasurements(database.pool, [measurement(id, 'late', '2024-03-01', 9)]));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('of other days stays', async () => {
    const before = await version(february);
    await save('2024-03-12', 4);
    await refreshDailyTotals(database.pool);
    expect(await version(february)).toBe(before);
    await save('2024-02-11', 4);
    expect(await version(february)).not.toBe(before);
  });

  test('changes when the retention removes days', async () => {
    await aggregate(database.pool, '2024-06-01');
    const before = await version(february);
    await applyRetention(database.pool, '2024-06-01', { days: 80, months: 0 });
    expect(await version(february)).not.toBe(before);
    // What arrives for a month that is final shows as well.
    const after = await version(february);
    await save('2024-02-12', 5);
    const pending = await version(february);
    await refreshDailyTotals(database.pool);
    expect(new Set([after, pending, await version(february)]).size).toBe(3);
  });
});
