import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetrics, type Metrics } from '../../../exporter/src/metrics/metrics.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import type { StorageMeasurement } from '../../../exporter/src/engines/engine.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { saveServerVersion } from '../../../exporter/src/store/instances.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { saveStorage } from '../../../exporter/src/store/storage.ts';
import { parseExposition } from '../../support/exposition.ts';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { measurement as imported } from '../../support/history.ts';
import { scrapeText } from '../../support/scrape.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let metrics: Metrics;
let id: number;
const today = dayIn('UTC', new Date());
const mebibyte = 2 ** 20;

beforeAll(async () => {
  database = await createTestDatabase();
  metrics = createMetrics(database.pool);
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query('DELETE FROM instances; DELETE FROM collection_sessions');
  id = await addInstance(database.pool, 'orders', {
    owner: 'team-a',
    labels: { environment: 'production', tier: '1' },
  });
});

/** Values of one metric by the values of these labels, joined by a space. */
async function valuesOf(name: string, ...labels: string[]): Promise<Record<string, number>> {
  const { samples } = parseExposition(await scrapeText(metrics));
  return Object.fromEntries(
    samples
      .filter((sample) => sample.name === `tidemark_${name}`)
      .map(({ labels: all, value }) => [labels.map((label) => all[label]).join(' '), value]),
  );
}

test('what is known of an instance is a sample to join with', async () => {
  await saveServerVersion(database.pool, id, 'PostgreSQL 18.4');
  await addInstance(database.pool, 'nobody');
  expect(await valuesOf('instance_info', 'db_instance', 'engine', 'version', 'owner', 'environment')).toEqual({
    'orders postgresql PostgreSQL 18.4 team-a production': 1,
    'nobody postgresql   ': 1,
  });
  const { rows } = await database.pool.query<{ at: number }>(
    'SELECT extract(epoch FROM created_at)::float8 AS at FROM instances WHERE id = $1',
    [id],
  );
  const added = await valuesOf('instance_added_timestamp_seconds', 'db_instance');
  expect(added.orders).toBeCloseTo(rows[0]?.at ?? 0, 2);
});

describe('growth and forecast', () => {
  const grows = (name: string, days: number, limitBytes: number | null = null) =>
    Array.from({ length: days + 1 }, (_, ago) => ({
      ...imported(id, name, addDays(today, -ago), (1000 - 10 * ago + 10 * 100) * mebibyte),
      limitBytes,
    }));

  test('are there where the history is long enough', async () => {
    await importMeasurements(database.pool, [
      ...grows('shop', 100, 3000 * mebibyte),
      ...grows('young', 10),
      ...grows('new', 0),
    ]);
    await aggregate(database.pool, today);
    expect(await valuesOf('database_growth_bytes', 'database', 'window')).toEqual({
      'shop 7d': 70 * mebibyte,
      'shop 30d': 300 * mebibyte,
      'shop 90d': 900 * mebibyte,
      'young 7d': 70 * mebibyte,
    });
    // 1 000 MiB at 10 a day.
    const full = await valuesOf('database_full_timestamp_seconds', 'database');
    expect(Object.keys(full)).toEqual(['shop']);
    expect(((full.shop ?? 0) - Date.parse(`${today}T00:00:00Z`) / 1000) / 86_400).toBeCloseTo(100, 0);
    expect(await valuesOf('database_limit_bytes', 'database')).toEqual({ shop: 3000 * mebibyte });
  });

  test('are of the latest size, also before the statistics know of it', async () => {
    await importMeasurements(database.pool, grows('shop', 100, 3000 * mebibyte));
    await aggregate(database.pool, today);
    await valuesOf('database_growth_bytes', 'window');
    await addMeasurements(database.pool, id, today, [measurement('shop', 2500 * mebibyte)], { time: '23:00:00' });
    expect(await valuesOf('database_growth_bytes', 'window')).toEqual({
      '7d': 570 * mebibyte,
      '30d': 800 * mebibyte,
      '90d': 1400 * mebibyte,
    });
  });
});

describe('what an instance keeps besides its databases', () => {
  const nothing = { allocatedBytes: null, usedBytes: null, limitBytes: null, freeBytes: null };
  const keep = async (time: string, ...storage: StorageMeasurement[]): Promise<void> => {
    await addMeasurements(database.pool, id, today, [measurement('shop', 100, { usedBytes: 60 })], { time });
    const collectedAt = new Date(`${today}T${time}Z`);
    await saveStorage(database.pool, [{ instanceId: id, collectedDate: today, collectedAt, storage }]);
  };

  test('comes by kind and name', async () => {
    await keep(
      '10:00:00',
      { ...nothing, scope: 'log', name: 'wal', allocatedBytes: 16 },
      { ...nothing, scope: 'tablespace', name: 'shop/DATA', allocatedBytes: 70, usedBytes: 50, limitBytes: 90 },
      { ...nothing, scope: 'tablespace', name: 'pg_default', allocatedBytes: 7 },
      { ...nothing, scope: 'volume', name: 'D:\\Data', limitBytes: 1000, freeBytes: 400, usedBytes: 600 },
    );
    expect(await valuesOf('instance_log_size_bytes', 'db_instance', 'engine', 'kind')).toEqual({
      'orders postgresql wal': 16,
    });
    expect(await valuesOf('tablespace_size_bytes', 'tablespace')).toEqual({ 'shop/DATA': 70, pg_default: 7 });
    expect(await valuesOf('tablespace_used_bytes', 'tablespace')).toEqual({ 'shop/DATA': 50 });
    expect(await valuesOf('tablespace_limit_bytes', 'tablespace')).toEqual({ 'shop/DATA': 90 });
    expect(await valuesOf('volume_size_bytes', 'volume')).toEqual({ 'D:\\Data': 1000 });
    expect(await valuesOf('volume_free_bytes', 'volume')).toEqual({ 'D:\\Data': 400 });
    expect(await valuesOf('database_used_bytes', 'database', 'type')).toEqual({ 'shop data': 60 });
  });

  test('is gone when the next measurement no longer has it, on the same day too', async () => {
    await keep('10:00:00', { ...nothing, scope: 'volume', name: '/old', limitBytes: 1000, freeBytes: 400 });
    expect(await valuesOf('volume_size_bytes', 'volume')).toEqual({ '/old': 1000 });
    await keep('11:00:00', { ...nothing, scope: 'volume', name: '/new', limitBytes: 2000, freeBytes: 400 });
    expect(await valuesOf('volume_size_bytes', 'volume')).toEqual({ '/new': 2000 });
    await keep('12:00:00');
    expect(await valuesOf('volume_size_bytes', 'volume')).toEqual({});
  });

  test('the log of a database is part of the database', async () => {
    await keep('10:00:00', {
      ...nothing,
      scope: 'log',
      name: 'shop/log',
      allocatedBytes: 40,
      usedBytes: 25,
      limitBytes: 80,
    });
    expect(await valuesOf('instance_log_size_bytes', 'kind')).toEqual({});
    expect(await valuesOf('database_used_bytes', 'type')).toEqual({ data: 35, log: 25 });
    expect(await valuesOf('database_log_limit_bytes', 'database')).toEqual({ shop: 80 });
  });
});

test('errors are counted by reason, and never forgotten', async () => {
  const failure = (databaseName: string, code: 'permission_denied' | 'timeout') => ({
    databaseName,
    code,
    message: '',
  });
  const end = async (outcome: Partial<Parameters<typeof finishInstance>[2]>): Promise<void> => {
    await openRun(database.pool, [id]);
    const well = { databasesMeasured: 1, failures: [], warnings: [], error: null };
    await finishInstance(database.pool, id, { status: 'succeeded', ...well, ...outcome });
  };
  await end({});
  expect(await valuesOf('collection_errors_total', 'reason')).toEqual({});
  await end({ status: 'failed', error: { code: 'connection_refused', message: 'nobody there' } });
  await end({ status: 'failed', error: { code: 'connection_refused', message: 'nobody there' } });
  await end({ status: 'partial', failures: [failure('a', 'timeout'), failure('b', 'timeout')] });
  const denied = failure('a', 'permission_denied');
  await end({ status: 'failed', failures: [denied], error: denied });
  await end({ status: 'skipped', error: { code: 'interrupted', message: 'quiet hours' } });
  const counts = { connection_refused: 2, timeout: 2, permission_denied: 1 };
  expect(await valuesOf('collection_errors_total', 'reason')).toEqual(counts);
  // Also when the records of the past are removed: a counter that goes back looks like a restart.
  await database.pool.query('DELETE FROM collection_sessions');
  await end({});
  expect(await valuesOf('collection_errors_total', 'reason')).toEqual(counts);
});

test('a series of /metrics too many leaves out the smallest databases, and says so', async () => {
  const small = createMetrics(database.pool, { maxSeries: 12 });
  const databases = Array.from({ length: 10 }, (_, index) =>
    measurement(`db${index}`, 1000 * (index + 1), { logBytes: 10, limitBytes: 100_000 }),
  );
  await addMeasurements(database.pool, id, today, databases);
  const { samples } = parseExposition(await scrapeText(small));
  const value = (name: string) => samples.find((sample) => sample.name === `tidemark_metrics_${name}`)?.value;
  const shown = samples.filter((sample) => sample.name === 'tidemark_database_limit_bytes');
  // Two of the instance, and three of each database.
  expect(shown.map((sample) => sample.labels.database)).toEqual(['db7', 'db8', 'db9']);
  expect(samples.filter((sample) => 'db_instance' in sample.labels)).toHaveLength(11);
  expect([value('series'), value('series_limit'), value('series_dropped')]).toEqual([11, 12, 21]);
});

test('rows in a default partition are counted', async () => {
  await addMeasurements(database.pool, id, today, [measurement('shop', 1)]);
  await database.pool.query(`INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at,
    size_bytes, method) VALUES (${id}, 'shop', '1999-01-01', now(), 1, 'exact')`);
  await addMeasurements(database.pool, id, today, [measurement('shop', 2)], { time: '11:00:00' });
  expect(await valuesOf('repository_default_partition_rows', 'table')).toEqual({
    database_size_stats: 1,
    storage_stats: 0,
  });
});

test('jobs say when they were last due', async () => {
  const dueAt = new Date('2026-11-20T03:00:00Z');
  const scheduled = createMetrics(database.pool, {
    schedules: [
      { name: 'collect', lastDue: () => dueAt },
      { name: 'never', lastDue: () => null },
    ],
  });
  const { samples } = parseExposition(await scrapeText(scheduled));
  expect(samples.filter((sample) => sample.name === 'tidemark_job_due_timestamp_seconds')).toEqual([
    { name: 'tidemark_job_due_timestamp_seconds', labels: { job: 'collect' }, value: dueAt.getTime() / 1000 },
  ]);
});
