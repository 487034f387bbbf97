import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fillDemonstration } from '../../../exporter/src/demonstration/fill.ts';
import { generateHistory } from '../../../exporter/src/demonstration/generate.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { listInstances } from '../../../exporter/src/store/instance-list.ts';
import { findInstance, listActiveInstances } from '../../../exporter/src/store/instances.ts';
import { readLatestStorage } from '../../../exporter/src/store/storage.ts';
import { addInstances } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

const timezone = 'Europe/Berlin';
const days = 20;
const firstDay = '2026-03-20';

async function contents() {
  const { rows } = await database.pool.query<Record<string, unknown>>(`
    SELECT
      (SELECT count(*) FROM database_size_stats) AS measurements,
      (SELECT sum(size_bytes)::text FROM database_size_stats) AS bytes,
      (SELECT count(*) FROM storage_stats) AS storage,
      (SELECT count(*) FROM collection_sessions) AS sessions,
      (SELECT count(*) FROM collection_records) AS records,
      (SELECT count(*) FROM database_size_stats_default) AS misplaced,
      (SELECT count(*) FROM database_latest WHERE gone_since IS NOT NULL) AS gone`);
  return rows[0] ?? {};
}

test('what is stored is what was generated, and filling again changes nothing', async () => {
  const filled = await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08', days });
  expect(filled).toMatchObject({ instances: 40, firstDay, lastDay: '2026-04-08' });
  const request = { seed: 1, firstDay, fromDay: firstDay, toDay: '2026-04-08', timezone };
  const nights = [...generateHistory(request)].flatMap((history) => history.nights);
  const measured = nights.flatMap((night) => night.databases);
  const expected = {
    measurements: measured.length,
    bytes: String(measured.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n)),
    storage: nights.flatMap((night) => night.storage).length,
    ...{ sessions: days, records: nights.length, misplaced: 0, gone: 0 },
  };
  expect(await contents()).toEqual(expected);
  await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08' });
  expect(await contents()).toEqual(expected);
});

test('logs, tablespaces and volumes are those of the last measurement', async () => {
  await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08', days: 3 });
  const latest = await readLatestStorage(database.pool);
  const { rows } = await database.pool.query(
    `SELECT instance_id AS "instanceId", scope, name FROM storage_stats WHERE collected_date = '2026-04-08'
     ORDER BY instance_id, scope, name`,
  );
  expect(latest.length).toBeGreaterThan(40);
  expect(latest.map(({ instanceId, scope, name }) => ({ instanceId, scope, name }))).toEqual(rows);
});

test('goes on where it stopped', async () => {
  await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-03', days: 15 });
  const { firstDay: stored } = await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08' });
  expect(stored).toBe(firstDay);
  const inTwo = await contents();
  const other = await createTestDatabase();
  try {
    await fillDemonstration(other.pool, { timezone, lastDay: '2026-04-08', days });
    const { rows } = await other.pool.query('SELECT sum(size_bytes)::text AS bytes FROM database_size_stats');
    expect(rows[0]).toEqual({ bytes: inTwo.bytes });
  } finally {
    await other.close();
  }
});

test('is marked as what it is, and nobody logs in to it', async () => {
  await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08', days: 2 });
  const { instances } = await listInstances(database.pool, { fleet: { visibleTo: null }, limit: 100, offset: 0 });
  expect(new Set(instances.map(({ source }) => source))).toEqual(new Set(['demonstration']));
  expect(instances.every(({ labels }) => labels.demonstration === 'true')).toBe(true);
  expect(instances.every(({ host }) => host.endsWith('.demonstration.invalid'))).toBe(true);
  expect(instances.every(({ active, serverVersion }) => active && serverVersion !== null)).toBe(true);
  expect(await listActiveInstances(database.pool)).toEqual([]);
});

test('is condensed by the same aggregation as any history', async () => {
  await fillDemonstration(database.pool, { timezone, lastDay: '2026-04-08', days });
  const { failures } = await aggregate(database.pool, '2026-04-08');
  expect(failures).toEqual([]);
  const orders = await findInstance(database.pool, { name: 'orders-pg' });
  const { rows } = await database.pool.query<{ type: string; start: string; count: number }>(
    `SELECT period_type AS type, period_start AS start, data_count AS count
     FROM database_size_aggregations
     WHERE instance_id = $1 AND database_name = 'orders' AND period_type = 'monthly'
     ORDER BY period_start`,
    [orders?.id],
  );
  expect(rows).toEqual([
    { type: 'monthly', start: '2026-03-01', count: 12 },
    { type: 'monthly', start: '2026-04-01', count: 8 },
  ]);
});

test('refuses a repository that watches real servers, unless the demonstration was there first', async () => {
  await addInstances(database.pool, ['production-db']);
  const request = { timezone, lastDay: '2026-04-08', days: 2 };
  await expect(fillDemonstration(database.pool, request)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/real instances \(production-db\): give the demonstration a repository of its own/),
  });
  await database.pool.query('DELETE FROM instances');
  await fillDemonstration(database.pool, request);
  await addInstances(database.pool, ['added-later']);
  await expect(fillDemonstration(database.pool, request)).resolves.toMatchObject({ instances: 40 });
});
