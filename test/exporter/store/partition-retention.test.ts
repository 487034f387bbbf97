import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { readGrowth } from '../../../exporter/src/store/growth.ts';
import { ensurePartitions, maintainPartitions } from '../../../exporter/src/store/partitions.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { applyRetention, listPartitions } from '../../../exporter/src/store/retention.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const insertRow = `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
  VALUES ($1, $2, $3, now(), 1, 'exact')`;

/** Of the partitions, which are made and dropped for each partitioned table alike, those of the history. */
const ofHistory = (name: string): boolean => name.startsWith('database_size_stats_');

async function namesOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent = 'database_size_stats'::regclass ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

describe('partitions', () => {
  let database: TestDatabase;
  let instanceId: number;
  beforeAll(async () => {
    database = await createTestDatabase();
    [instanceId = 0] = await addInstances(database.pool, ['any']);
  });
  afterAll(() => database.close());

  test('are there on every day the clock may show, after 20 restarts each, and no surplus one', async () => {
    const start = '2026-11-22';
    const expected = new Set(['database_size_stats_default']);
    for (const days of [0, 1, 8, 40, 400]) {
      const today = addDays(start, days);
      const [year = 0, month = 0] = today.split('-').map(Number);
      for (let ahead = 0; ahead <= 3; ahead += 1) {
        const first = new Date(Date.UTC(year, month - 1 + ahead, 1)).toISOString();
        expected.add(`database_size_stats_${first.slice(0, 4)}_${first.slice(5, 7)}`);
      }
      for (let restart = 0; restart < 20; restart += 1) {
        const { created } = await maintainPartitions(database.pool, today);
        if (restart > 0) expect(created).toEqual([]);
      }
      await database.pool.query(insertRow, [instanceId, 'db', today]);
      expect(await namesOf(database.pool)).toEqual([...expected].sort());
      const { rowCount } = await database.pool.query('SELECT FROM database_size_stats_default');
      expect(rowCount).toBe(0);
    }
  });

  test('are made once by many exporters at the same time', async () => {
    const created = await Promise.all(Array.from({ length: 8 }, () => ensurePartitions(database.pool, '2030-01-31')));
    expect(created.flat().filter(ofHistory).sort()).toEqual(
      ['01', '02', '03', '04'].map((month) => `database_size_stats_2030_${month}`),
    );
  });

  test('take in what had landed in the default one, while others write, and keep its keys and checks', async () => {
    const stray = ['2024-02-29', '2024-03-01', '2024-03-31', '1999-12-31'];
    for (const day of stray) await database.pool.query(insertRow, [instanceId, 'stray', day]);
    const writer = longestWait(() => database.pool.query(insertRow, [instanceId, `w${Math.random()}`, '2030-01-31']));
    const { moved } = await maintainPartitions(database.pool, '2030-01-31');
    const { writes, milliseconds } = await writer();
    expect(moved).toEqual([
      { partition: 'database_size_stats_1999_12', rows: 1 },
      { partition: 'database_size_stats_2024_02', rows: 1 },
      { partition: 'database_size_stats_2024_03', rows: 2 },
    ]);
    expect(writes).toBeGreaterThan(0);
    // A promise to those who write, not a measure of speed.
    expect(milliseconds).toBeLessThan(1000);
    const { rows } = await database.pool.query(
      "SELECT tableoid::regclass::text AS name, collected_date AS day FROM database_size_stats WHERE database_name = 'stray' ORDER BY day",
    );
    expect(rows.map((row: { day: string }) => row.day)).toEqual([...stray].sort());
    expect(rows.map((row: { name: string }) => row.name)).not.toContain('database_size_stats_default');
    await expect(database.pool.query(insertRow, [instanceId, 'stray', '2024-02-29'])).rejects.toThrow('duplicate key');
    await expect(database.pool.query(insertRow, [9999, 'stray', '2024-02-28'])).rejects.toThrow('foreign key');
    const { rows: constraints } = await database.pool.query<{ name: string }>(
      "SELECT conname AS name FROM pg_constraint WHERE conname = 'range'",
    );
    expect(constraints).toEqual([]);
  });

  test('PostgreSQL refuses to detach concurrently beside a default partition, which is why the plain form is used', async () => {
    await expect(
      database.pool.query('ALTER TABLE database_size_stats DETACH PARTITION database_size_stats_1999_12 CONCURRENTLY'),
    ).rejects.toThrow('cannot detach partitions concurrently when a default partition exists');
  });
});

/** Writes until told to stop. @returns what stops it and tells how long the slowest write took */
function longestWait(write: () => Promise<unknown>): () => Promise<{ writes: number; milliseconds: number }> {
  const stop = new AbortController();
  let [writes, milliseconds] = [0, 0];
  const writing = (async () => {
    while (!stop.signal.aborted) {
      const startedAt = performance.now();
      await write();
      writes += 1;
      milliseconds = Math.max(milliseconds, performance.now() - startedAt);
    }
  })();
  return async () => {
    stop.abort();
    await writing;
    return { writes, milliseconds };
  };
}

describe('the retention of 60 days on a repository of 400', () => {
  const today = '2026-11-22';
  const first = addDays(today, -399);
  const retention = { days: 60, months: 1 };
  let database: TestDatabase;
  let instanceId: number;
  let api: HttpApi;

  beforeAll(async () => {
    database = await createTestDatabase();
    [instanceId = 0] = await addInstances(database.pool, ['any']);
    await importMeasurements(
      database.pool,
      daysBetween(first, today).flatMap((day, index) =>
        ['one', 'two', 'three'].map((name, number) =>
          measurement(instanceId, name, day, 1_000_000 * (index + number + 1)),
        ),
      ),
    );
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const answers = async () => {
    const route = `/api/v1/instances/${instanceId}/database-sizes/aggregations`;
    const all: Record<string, unknown> = {};
    for (const type of ['weekly', 'monthly', 'quarterly']) {
      const response = await api.get(`${route}?period_type=${type}&start_date=${first}&end_date=2026-10-01`);
      expect(response.status).toBe(200);
      all[type] = response.json();
    }
    return all;
  };

  test('drops nothing before the statistics are stored', async () => {
    const report = await applyRetention(database.pool, today, retention);
    expect(report.dropped).toEqual([]);
    expect(report.kept.map(({ partition }) => partition.name).filter(ofHistory)).toHaveLength(11);
    expect(report.kept[0]?.reason).toContain('tidemark aggregate');
  });

  test('drops nothing when either limit says that it is to be kept', async () => {
    await aggregate(database.pool, today);
    const months = await namesOf(database.pool);
    expect((await applyRetention(database.pool, today, { days: 60, months: 20 })).dropped).toEqual([]);
    expect((await applyRetention(database.pool, today, { days: 500, months: 1 })).dropped).toEqual([]);
    expect(await namesOf(database.pool)).toEqual(months);
  });

  test('drops the right partitions, and every answer about their time stays the same', async () => {
    const before = await answers();
    const totals = await database.pool.query('SELECT * FROM instance_daily_totals ORDER BY collected_date');
    const { dropped, kept, freedBytes } = await applyRetention(database.pool, today, retention);
    // The last day that is kept is the 23rd of September: August ends before it, September does not.
    expect(dropped.map((partition) => partition.name).filter(ofHistory)).toEqual([
      'database_size_stats_2025_10',
      'database_size_stats_2025_11',
      'database_size_stats_2025_12',
      ...['01', '02', '03', '04', '05', '06', '07', '08'].map((month) => `database_size_stats_2026_${month}`),
    ]);
    expect(kept).toEqual([]);
    expect(freedBytes).toBe(dropped.reduce((sum, partition) => sum + partition.bytes, 0));
    expect(freedBytes).toBeGreaterThan(0);
    expect(dropped[0]?.rows).toBe(daysBetween(first, '2025-10-31').length * 3);
    await aggregate(database.pool, today);
    expect(await answers()).toEqual(before);
    expect((await database.pool.query('SELECT * FROM instance_daily_totals ORDER BY collected_date')).rows).toEqual(
      totals.rows,
    );
    const left = await listPartitions(database.pool, today, retention);
    expect(left.filter(({ name }) => ofHistory(name)).map(({ name, state }) => [name, state])).toEqual([
      ['database_size_stats_2026_09', 'kept'],
      ['database_size_stats_2026_10', 'kept'],
      ['database_size_stats_2026_11', 'current'],
      ['database_size_stats_default', 'default'],
    ]);
    expect(left[0]?.droppedFrom).toBe('2026-11-30');
  });

  test('growth looks further back than the days go', async () => {
    const { growth } = await readGrowth(database.pool, {
      today,
      days: 365,
      groupBy: 'fleet',
      labelKey: null,
      instanceId: null,
      databaseName: null,
      order: 'growth',
      limit: 10,
      offset: 0,
    });
    // The ISO week before 2025-11-22 ends on 2025-11-16: 28 days after the first one.
    const previous = 29 + 30 + 31;
    expect(growth).toMatchObject([
      { previousSizeBytes: previous * 1_000_000, sizeBytes: (3 * 400 + 3) * 1_000_000, databaseCount: 3 },
    ]);
  });

  test('a late row in time that is gone changes no statistics, and a new database of that time gets some', async () => {
    const before = await answers();
    await importMeasurements(database.pool, [
      measurement(instanceId, 'one', '2026-03-03', 5),
      measurement(instanceId, 'late', '2026-03-03', 5),
    ]);
    await aggregate(database.pool, today);
    const { rows } = await database.pool.query<{ type: string }>(
      "SELECT period_type AS type FROM database_size_aggregations WHERE database_name = 'late' ORDER BY 1",
    );
    expect(rows.map((row) => row.type)).toEqual(['monthly', 'quarterly', 'weekly']);
    await database.pool.query("DELETE FROM database_size_aggregations WHERE database_name = 'late'");
    expect(await answers()).toEqual(before);
    const { dropped } = await applyRetention(database.pool, today, retention);
    expect(dropped.filter(({ name }) => ofHistory(name))).toMatchObject([
      { name: 'database_size_stats_2026_03', rows: 2 },
    ]);
  });

  test('never touches the newest month that holds rows, however old', async () => {
    const later = '2036-01-01';
    await aggregate(database.pool, later);
    const { dropped } = await applyRetention(database.pool, later, retention);
    expect(dropped.map((partition) => partition.name).filter(ofHistory)).toEqual([
      'database_size_stats_2026_09',
      'database_size_stats_2026_10',
    ]);
    const left = await listPartitions(database.pool, later, retention);
    expect(left.filter(({ name }) => ofHistory(name)).map(({ name, state }) => [name, state])).toEqual([
      ['database_size_stats_2026_11', 'newest'],
      ['database_size_stats_default', 'default'],
    ]);
  });

  test('gives way to a long query and tries again later', async () => {
    await importMeasurements(database.pool, [measurement(instanceId, 'one', '2036-01-01', 5)]);
    await aggregate(database.pool, '2036-01-01');
    const reader = new pg.Client({ connectionString: database.url.reveal() });
    await reader.connect();
    try {
      await reader.query('BEGIN');
      await reader.query("SELECT FROM database_size_stats WHERE collected_date = '2026-11-01'");
      const writer = longestWait(() => database.pool.query(insertRow, [instanceId, `w${Math.random()}`, '2036-01-01']));
      const report = await applyRetention(database.pool, '2036-01-01', retention);
      const { milliseconds } = await writer();
      expect(report.dropped).toEqual([]);
      expect(report.kept).toMatchObject([{ reason: expect.stringContaining('long query') }]);
      expect(milliseconds).toBeLessThan(1500);
    } finally {
      await reader.end();
    }
    expect((await applyRetention(database.pool, '2036-01-01', retention)).dropped).toHaveLength(1);
  });
});
