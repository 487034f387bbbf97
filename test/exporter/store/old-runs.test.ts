import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { loadConfig } from '../../../exporter/src/config/config.ts';
import { cleanUpPartitions } from '../../../exporter/src/maintenance.ts';
import { removeOldRuns } from '../../../exporter/src/store/old-runs.ts';
import { readCollectionStates, type RecordOutcome } from '../../../exporter/src/store/records.ts';
import { firstKeptDay } from '../../../exporter/src/store/retention.ts';
import { cancelSession } from '../../../exporter/src/store/sessions.ts';
import { finishInstance, freshInstances, openRun, outcome } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let instances: number[];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  instances = await freshInstances(database.pool);
});

/** A run that ended so many days ago, with this for a, b and c. */
async function addRun(daysAgo: number, statuses: readonly RecordOutcome['status'][]): Promise<number> {
  const id = await openRun(database.pool, instances.slice(0, statuses.length));
  for (const [index, status] of statuses.entries()) {
    await finishInstance(database.pool, instances[index] ?? 0, outcome(status));
  }
  await moveBack(id, daysAgo);
  return id;
}

async function moveBack(id: number, days: number): Promise<void> {
  for (const [table, key] of [
    ['collection_sessions', 'id'],
    ['collection_records', 'session_id'],
  ] as const) {
    await database.pool.query(
      `UPDATE ${table} SET started_at = started_at - $2 * interval '1 day', finished_at = finished_at - $2 * interval '1 day'
       WHERE ${key} = $1`,
      [id, days],
    );
  }
}

async function sessions(): Promise<number[]> {
  const { rows } = await database.pool.query<{ id: number }>('SELECT id FROM collection_sessions ORDER BY id');
  return rows.map((row) => row.id);
}

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

test('runs that ended before are removed with their records, however many; later ones stay', async () => {
  const { rows } = await database.pool.query<{ id: number }>(
    `INSERT INTO collection_sessions (trigger, status, started_at, finished_at)
     SELECT 'schedule', 'succeeded', now() - interval '500 days', now() - interval '500 days' FROM generate_series(1, 250)
     RETURNING id`,
  );
  await database.pool.query(
    `INSERT INTO collection_records (session_id, instance_id, status, started_at, finished_at)
     SELECT s.id, i.id, 'succeeded', s.started_at, s.finished_at FROM collection_sessions AS s CROSS JOIN instances AS i`,
  );
  const kept = [await addRun(399, ['succeeded', 'failed', 'succeeded']), await addRun(1, ['succeeded', 'succeeded'])];
  expect(await removeOldRuns(database.pool, daysAgo(400))).toBe(rows.length);
  expect(await sessions()).toEqual(kept);
  const records = await database.pool.query('SELECT FROM collection_records WHERE session_id <> ALL ($1)', [kept]);
  expect(records.rowCount).toBe(0);
});

test('what is last known of an instance stays: when it was measured, and how it fared when it was tried', async () => {
  const forgotten = await addRun(800, ['succeeded', 'succeeded', 'succeeded']);
  const measured = await addRun(700, ['succeeded', 'succeeded', 'succeeded']);
  const failedOften = await addRun(600, ['succeeded', 'succeeded', 'failed']);
  const failedLast = await addRun(500, ['succeeded', 'partial', 'failed']);
  const skipped = await addRun(450, ['skipped', 'skipped', 'skipped']);
  await addRun(1, ['succeeded', 'succeeded']);
  const before = await readCollectionStates(database.pool);
  expect(await removeOldRuns(database.pool, daysAgo(400))).toBe(3);
  const left = await sessions();
  expect(left).toHaveLength(3);
  for (const id of [forgotten, failedOften, skipped]) expect(left).not.toContain(id);
  for (const id of [measured, failedLast]) expect(left).toContain(id);
  expect(await readCollectionStates(database.pool)).toEqual(before);
});

test('a run in progress stays, however long it takes; one that was cancelled goes', async () => {
  const cancelled = await openRun(database.pool, instances);
  await cancelSession(database.pool, cancelled);
  await moveBack(cancelled, 500);
  const running = await openRun(database.pool, instances);
  await moveBack(running, 500);
  expect(await removeOldRuns(database.pool, daysAgo(400))).toBe(1);
  expect(await sessions()).toEqual([running]);
});

test('the clean-up removes them where both limits of the retention say that they are past', async () => {
  const old = await addRun(500, ['succeeded']);
  const recent = await addRun(390, ['succeeded']);
  await addRun(1, ['succeeded']);
  const log = pino({ level: 'silent' });
  const config = { ...loadConfig({}), retention: { days: 400, months: 1 } };
  await cleanUpPartitions({ pool: database.pool, config, log });
  expect(await sessions()).not.toContain(old);
  expect(await sessions()).toContain(recent);
});

test.each([
  ['2026-11-28', { days: 365, months: 12 }, '2025-11-28'],
  ['2026-11-28', { days: 400, months: 12 }, '2025-10-24'],
  ['2026-11-28', { days: 7, months: 24 }, '2024-11-28'],
  ['2024-02-29', { days: 7, months: 12 }, '2023-02-28'],
])('on %s, with %j, days are kept from %s on', (today, retention, first) => {
  expect(firstKeptDay(today, retention)).toBe(first);
});
