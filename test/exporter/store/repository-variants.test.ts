import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Secret } from '../../../exporter/src/config/secret.ts';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { readGrowth } from '../../../exporter/src/store/growth.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { saveMeasurements } from '../../../exporter/src/store/measurements.ts';
import { migrate } from '../../../exporter/src/store/migrate.ts';
import { maintainPartitions } from '../../../exporter/src/store/partitions.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { applyRetention } from '../../../exporter/src/store/retention.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { startOldPostgresql, whyNoOldPostgresql } from '../../support/old-postgresql.ts';
import { startPgbouncer, whyNoPgbouncer } from '../../support/pgbouncer.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';

const today = '2026-11-22';
const first = addDays(today, -200);
const retention = { days: 60, months: 1 };

function historyOf(instances: readonly number[]): ImportedMeasurement[] {
  return daysBetween(first, addDays(today, -1)).flatMap((day, index) =>
    instances.flatMap((id) =>
      Array.from({ length: 5 }, (_, number) =>
        measurement(id, `database-${number}`, day, 1_000_000 * (id + number) + index * 1000 * number),
      ),
    ),
  );
}

/** Everything an exporter does to a repository in the course of its life, several at a time. @returns what comes of it */
async function live(pool: pg.Pool, instances: readonly number[]): Promise<unknown> {
  await Promise.all([maintainPartitions(pool, today), maintainPartitions(pool, today)]);
  const runs = instances.map((instanceId) => ({
    instanceId,
    collectedDate: today,
    collectedAt: new Date(`${today}T03:00:00Z`),
    databases: [measurement(instanceId, 'database-1', today, 5), measurement(instanceId, 'new', today, 7)],
    unmeasured: ['database-2'],
  }));
  // Two exporters with the same instances, in different orders.
  await Promise.all([saveMeasurements(pool, runs), saveMeasurements(pool, runs.toReversed())]);
  await pool.query(
    `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
     VALUES ($1, 'stray', '2020-02-29', '2020-02-29T03:00:00Z', 1, 'exact')`,
    [instances[0]],
  );
  const { moved } = await maintainPartitions(pool, today);
  const reports = await Promise.all([aggregate(pool, today), aggregate(pool, today)]);
  expect(reports.flatMap((report) => report.failures)).toEqual([]);
  const { dropped } = await applyRetention(pool, today, retention);
  await aggregate(pool, today);
  const { growth } = await readGrowth(pool, {
    today,
    days: 30,
    groupBy: 'instance',
    labelKey: null,
    fleet: { visibleTo: null },
    databaseName: null,
    order: 'growth',
    limit: 100,
    offset: 0,
  });
  const { rows: stored } = await pool.query<{ checksum: string; count: number }>(`
    SELECT count(*) AS count, md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")) AS checksum
    FROM (
      SELECT (to_jsonb(a) - 'calculated_at' - 'created_at')::text AS line FROM database_size_aggregations AS a
      UNION ALL SELECT (to_jsonb(t) - 'changed_at')::text FROM instance_daily_totals AS t
      UNION ALL SELECT to_jsonb(l)::text FROM database_latest AS l
    ) AS lines`);
  // The first version had no other partitioned table.
  const months = dropped.filter(({ table }) => table === 'database_size_stats');
  return { moved, dropped: months.map(({ name, rows }) => [name, rows]), growth, stored };
}

const names = ['one', 'two', 'three', 'four', 'five', 'six'];

/** A repository of the newest schema with the history in it. */
async function fill(pool: pg.Pool): Promise<number[]> {
  const instances = await addInstances(pool, names);
  await importMeasurements(pool, historyOf(instances));
  return instances;
}

/** What the first version did: its schema, its partitions, its rows. */
async function fillFirstVersion(url: Secret): Promise<void> {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  try {
    const file = new URL('../../../exporter/src/store/migrations/0001_initial.sql', import.meta.url);
    await client.query(readFileSync(file, 'utf8'));
    await client.query(
      'CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    await client.query("INSERT INTO schema_migrations (version, name) VALUES (1, '0001_initial.sql')");
    await client.query(
      `INSERT INTO instances (name, engine, host, port, database_name, source, tls)
       SELECT name, 'postgresql', '127.0.0.1', 1, 'postgres', 'user', '{"mode": "disable"}'
       FROM unnest($1::text[]) WITH ORDINALITY AS given (name, position) ORDER BY position`,
      [names],
    );
    for (let month = 5; month <= 12; month += 1) {
      const [from, to] = [month, month + 1].map((number) =>
        new Date(Date.UTC(2026, number - 1, 1)).toISOString().slice(0, 10),
      );
      await client.query(
        `CREATE TABLE database_size_stats_${from?.slice(0, 7).replace('-', '_') ?? ''} PARTITION OF database_size_stats
         FOR VALUES FROM ('${from ?? ''}') TO ('${to ?? ''}')`,
      );
    }
    const rows = historyOf(names.map((_, index) => index + 1));
    const columns = 'instance_id, database_name, collected_date, collected_at, size_bytes, method';
    await client.query(
      `INSERT INTO database_size_stats (${columns})
       SELECT *, 'exact' FROM unnest($1::int[], $2::text[], $3::date[], $4::timestamptz[], $5::bigint[])`,
      [
        rows.map((row) => row.instanceId),
        rows.map((row) => row.databaseName),
        rows.map((row) => row.collectedDate),
        rows.map((row) => row.collectedAt),
        rows.map((row) => row.sizeBytes),
      ],
    );
    await client.query(
      `INSERT INTO database_latest (${columns}, first_seen_date)
       SELECT DISTINCT ON (instance_id, database_name) ${columns}, $1::date
       FROM database_size_stats ORDER BY instance_id, database_name, collected_date DESC`,
      [first],
    );
  } finally {
    await client.end();
  }
}

describe('the repository', () => {
  let reference: unknown;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    reference = await live(database.pool, await fill(database.pool));
    expect(reference).toMatchObject({
      moved: [{ partition: 'database_size_stats_2020_02', rows: 1 }],
      stored: [{ count: expect.any(Number) }],
    });
  }, 120_000);
  afterAll(() => database.close());

  test('of the first version, filled, migrates and says the same as one that was filled later', async () => {
    const old = await createTestDatabase({ empty: true });
    try {
      await fillFirstVersion(old.url);
      const applied = await migrate(old.url, testDeadlines);
      expect(applied).toContain('0003_statistics.sql');
      expect(await migrate(old.url, testDeadlines)).toEqual([]);
      const { rows } = await old.pool.query<{ id: number }>('SELECT id FROM instances ORDER BY id');
      expect(
        await live(
          old.pool,
          rows.map((row) => row.id),
        ),
      ).toEqual(reference);
    } finally {
      await old.close();
    }
  }, 120_000);

  const noPgbouncer = whyNoPgbouncer();
  (noPgbouncer === null ? test : test.skip)(
    `behind PgBouncer in transaction mode is the same${noPgbouncer === null ? '' : ` (skipped: ${noPgbouncer})`}`,
    async () => {
      const behind = await createTestDatabase({ empty: true });
      const pgbouncer = await startPgbouncer(behind.url);
      const pool = createPool(pgbouncer.url, testDeadlines);
      try {
        await migrate(pgbouncer.url, testDeadlines);
        expect(await live(pool, await fill(pool))).toEqual(reference);
      } finally {
        await pool.end();
        await pgbouncer.stop();
        await behind.close();
      }
    },
    120_000,
  );

  const noOld = whyNoOldPostgresql();
  (noOld === null ? test : test.skip)(
    `on PostgreSQL 14 is the same${noOld === null ? '' : ` (skipped: ${noOld})`}`,
    async () => {
      const server = await startOldPostgresql();
      const pool = createPool(server.url, testDeadlines);
      try {
        const { rows } = await pool.query<{ version: string }>("SELECT current_setting('server_version') AS version");
        expect(rows[0]?.version).toMatch(/^14\./);
        await migrate(server.url, testDeadlines);
        expect(await live(pool, await fill(pool))).toEqual(reference);
      } finally {
        await pool.end();
        await server.stop();
      }
    },
    120_000,
  );
});
