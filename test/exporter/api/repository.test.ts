import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Partition, Repository } from '../../../exporter/src/api/types.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { ensurePartitions, ensurePartitionsOf } from '../../../exporter/src/store/partitions.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn, periodOf } from '../../../exporter/src/store/periods.ts';
import { applyRetention } from '../../../exporter/src/store/retention.ts';
import { addInstances, measurement } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const month = (offset: number) => periodOf('monthly', today, offset).start;
const nameOf = (offset: number, table = 'database_size_stats') =>
  `${table}_${month(offset).slice(0, 7).replace('-', '_')}`;

describe('the repository', () => {
  let database: TestDatabase;
  let api: HttpApi;

  beforeAll(async () => {
    database = await createTestDatabase();
    const [crm = 0] = await addInstances(database.pool, ['crm'], () => ({ owner: 'team-a' }));
    await ensurePartitions(database.pool, today);
    await ensurePartitionsOf(database.pool, [month(-15), month(-14)]);
    await importMeasurements(database.pool, [
      ...[month(-15), month(-14)].map((day) => measurement(crm, 'shop', day, 1000)),
      ...['shop', 'archive'].map((name) => measurement(crm, name, today, 1000)),
    ]);
    await aggregate(database.pool, today);
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const partitionOf = async (name: string) =>
    (await api.read<Partition[]>('/partitions')).find((partition) => partition.name === name);

  test('says what is in every month and when it is dropped', async () => {
    expect(await partitionOf(nameOf(0))).toEqual({
      ...{ name: nameOf(0), table: 'database_size_stats', from_date: month(0), to_date: month(1) },
      ...{ row_count: 2, size_bytes: expect.any(Number), state: 'current' },
      ...{ next: 'dropped_on', drop_date: expect.any(String) },
    });
    // Both of 365 days and 12 months, which is the standard, have to be past.
    const { drop_date } = (await partitionOf(nameOf(0))) ?? {};
    expect([addDays(month(1), 365), month(13)]).toContain(drop_date);
    expect((drop_date ?? '') >= addDays(month(1), 365) && (drop_date ?? '') >= month(13)).toBe(true);
    expect(await partitionOf(nameOf(3, 'storage_stats'))).toMatchObject({ state: 'coming', row_count: 0 });
    expect(await partitionOf(nameOf(-15))).toMatchObject({ state: 'past_retention', row_count: 1, next: 'dropped_on' });
    expect((await api.read<Partition[]>('/partitions')).map((partition) => partition.name)).not.toContain(
      'database_size_stats_default',
    );
  });

  test('follows a change of the retention at once', async () => {
    const body = { retention_days: 36_500 };
    expect((await api.get('/api/v1/settings', { method: 'PATCH', body })).status).toBe(200);
    expect(await partitionOf(nameOf(-15))).toMatchObject({ state: 'kept', drop_date: addDays(month(-14), 36_500) });
    await api.get('/api/v1/settings', { method: 'PATCH', body: { retention_days: null } });
    expect(await partitionOf(nameOf(-15))).toMatchObject({ state: 'past_retention' });
  });

  test('says what has no partition, and what waits for its statistics', async () => {
    const insert = `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
      SELECT id, 'lost', $1, now(), 1, 'exact' FROM instances`;
    await database.pool.query(insert, [month(-30)]);
    expect(await partitionOf('database_size_stats_default')).toMatchObject({
      ...{ from_date: null, to_date: null, row_count: 1, state: 'default', next: 'kept', drop_date: null },
    });
    await database.pool.query("DELETE FROM database_size_stats WHERE database_name = 'lost'");
    await database.pool.query(
      'INSERT INTO measurement_changes (instance_id, collected_date) SELECT id, $1 FROM instances',
      [month(-14)],
    );
    expect(await partitionOf(nameOf(-14))).toMatchObject({
      ...{ state: 'waits_for_aggregation', next: 'kept', drop_date: null },
    });
    await database.pool.query('DELETE FROM measurement_changes');
  });

  test('describes itself: version, tables with their partitions, and what was dropped', async () => {
    const before = await api.read<Repository>('/repository');
    expect(before.dropped).toEqual([]);
    await applyRetention(database.pool, today, { days: 365, months: 12 });
    const { tables, dropped, ...repository } = await api.read<Repository>('/repository');
    const { rows } = await database.pool.query<{ version: string; schema: number; bytes: number }>(
      `SELECT current_setting('server_version') AS version, max(version) AS schema, pg_database_size(current_database()) AS bytes
       FROM schema_migrations`,
    );
    expect(repository).toEqual({
      ...{ server_version: rows[0]?.version, schema_version: rows[0]?.schema, size_bytes: expect.any(Number) },
    });
    expect(Math.abs(repository.size_bytes - (rows[0]?.bytes ?? 0))).toBeLessThan(4_000_000);
    const history = (from: Repository) => from.tables.find((table) => table.name === 'database_size_stats');
    expect([history(before)?.row_count, tables.find(({ name }) => name === 'instances')?.row_count]).toEqual([4, 1]);
    expect(tables.find(({ name }) => name === 'database_size_stats')?.row_count).toBe(2);
    expect(tables.map((table) => table.size_bytes)).toEqual(
      tables.map((table) => table.size_bytes).sort((one, other) => other - one),
    );
    const history14 = dropped.filter((partition) => partition.name.startsWith('database_size_stats'));
    expect(
      history14.map(({ name, from_date, to_date, row_count }) => ({ name, from_date, to_date, row_count })),
    ).toEqual(
      expect.arrayContaining(
        [-15, -14].map((offset) => ({
          ...{ name: nameOf(offset), from_date: month(offset), to_date: month(offset + 1), row_count: 1 },
        })),
      ),
    );
    expect(dropped.every(({ freed_bytes: bytes, dropped_at: at }) => bytes > 0 && !Number.isNaN(Date.parse(at)))).toBe(
      true,
    );
    expect(await partitionOf(nameOf(-15))).toBeUndefined();
  });

  test('holds totals only, so that an owner may see it', async () => {
    const token = await ownerToken(database.pool, 'nobody');
    expect(await api.read('/partitions', token)).toEqual(await api.read('/partitions'));
    expect(JSON.stringify(await api.read('/repository', token))).not.toMatch(/crm|team-a|archive/);
    for (const path of ['/partitions', '/repository']) {
      expect((await api.get(`/api/v1${path}`, { token: null })).status).toBe(401);
    }
  });

  test('lists its partitions as CSV', async () => {
    const { text } = await api.get('/api/v1/partitions?format=csv');
    const lines = parse<Record<string, string>>(text, { columns: true });
    expect(lines.find((line) => line.name === nameOf(0))).toMatchObject({ from_date: month(0), row_count: '2' });
  });

  test.each(['/partitions?limit=1', '/repository?format=csv'])('%s is refused', async (path) => {
    expect((await api.get(`/api/v1${path}`)).status).toBe(400);
  });
});
