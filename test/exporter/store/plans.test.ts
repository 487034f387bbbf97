import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { readGrowth } from '../../../exporter/src/store/growth.ts';
import { listInstances } from '../../../exporter/src/store/instance-list.ts';
import { readLifespans } from '../../../exporter/src/store/latest.ts';
import { readHistory, readLatest, saveMeasurements } from '../../../exporter/src/store/measurements.ts';
import { ensurePartitionsOf } from '../../../exporter/src/store/partitions.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import type { SeriesQuery } from '../../../exporter/src/store/series-query.ts';
import { readSeries } from '../../../exporter/src/store/series.ts';
import { readPeriodStatistics } from '../../../exporter/src/store/statistics.ts';
import { measurement } from '../../support/fleet-fixtures.ts';
import { addInstances, daysBetween } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = '2026-11-22';
const first = '2026-05-01';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

interface Scan {
  readonly table: string;
  readonly how: string;
}

/** The scans that a statement really does: branches that were never executed are left out. */
function scansOf(node: PlanNode): Scan[] {
  if (node['Actual Loops'] === 0) return [];
  const below = (node.Plans ?? []).flatMap(scansOf);
  const table = node['Relation Name'];
  return table === undefined ? below : [{ table, how: node['Node Type'] }, ...below];
}

describe('plans over 600 000 rows in 7 months', () => {
  let database: TestDatabase;
  let explaining: pg.Pool;
  let scans: Scan[];

  beforeAll(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await addInstances(
      pool,
      Array.from({ length: 100 }, (_, number) => `instance-${number}`),
    );
    await ensurePartitionsOf(pool, daysBetween(first, addDays(today, 60)));
    // Day by day, as it comes.
    for (const day of daysBetween(first, today)) {
      await pool.query(
        `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
         SELECT i.id, 'database-' || d, $1, $1::date + time '03:00', 1000000 * d + i.id, 'exact'
         FROM instances AS i CROSS JOIN generate_series(1, 30) AS d ORDER BY i.id, d`,
        [day],
      );
    }
    await pool.query(
      `INSERT INTO database_latest (instance_id, database_name, first_seen_date, collected_date, collected_at, size_bytes, method)
       SELECT instance_id, database_name, $1, collected_date, collected_at, size_bytes, method
       FROM database_size_stats WHERE collected_date = $2`,
      [first, today],
    );
    await pool.query(
      `INSERT INTO measurement_changes
       SELECT id, day FROM instances, generate_series($1::date, $2::date, '1 day') AS day`,
      [first, today],
    );
    await aggregate(pool, today);
    await pool.query('VACUUM ANALYZE');
    explaining = explainingPool(pool);
  }, 300_000);
  afterAll(() => database.close());

  /** Looks like the pool, explains each statement on the way and remembers what it scans. */
  function explainingPool(pool: pg.Pool): pg.Pool {
    const explain = async (client: Pick<pg.Pool, 'query'>, text: string, values?: unknown[]) => {
      if (/^\s*(SELECT|WITH)/.test(text)) {
        const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          values,
        );
        const plan = rows[0]?.['QUERY PLAN'][0].Plan;
        if (plan !== undefined) scans.push(...scansOf(plan));
      }
      return client.query(text, values);
    };
    return {
      query: (text: string, values?: unknown[]) => explain(pool, text, values),
      connect: async () => {
        const client = await pool.connect();
        return {
          query: (text: string, values?: unknown[]) => explain(client, text, values),
          on: () => undefined,
          off: () => undefined,
          release: (error?: Error) => client.release(error),
        };
      },
    } as unknown as pg.Pool;
  }

  /** The partitions of the history that a question touches, and how. */
  const historyScans = async (ask: (pool: pg.Pool) => Promise<unknown>) => {
    scans = [];
    await ask(explaining);
    expect(scans.length).toBeGreaterThan(0);
    return scans.filter((scan) => /^database_size_stats_\d/.test(scan.table));
  };
  const tablesOf = (found: readonly Scan[]) => [...new Set(found.map((scan) => scan.table))].sort();
  const sequential = (found: readonly Scan[]) => found.filter((scan) => scan.how === 'Seq Scan');
  const range = { instanceId: 7, startDate: null, endDate: null, databaseName: null };
  const series: Omit<SeriesQuery, 'groupBy'> = {
    ...{ fleet: { visibleTo: null }, startDate: first, endDate: today, measure: 'size', labelKey: null, top: 20 },
  };
  const growth = { today, labelKey: null, databaseName: null, order: 'growth', limit: 10, offset: 0 } as const;

  test('an instance over some days: only their months, by index', async () => {
    const found = await historyScans((pool) =>
      readHistory(pool, { ...range, startDate: '2026-09-20', endDate: '2026-10-05' }),
    );
    expect(tablesOf(found)).toEqual(['database_size_stats_2026_09', 'database_size_stats_2026_10']);
    expect(sequential(found)).toEqual([]);
  });

  test('an instance or a database over everything: by index', async () => {
    for (const databaseName of [null, 'database-3']) {
      const found = await historyScans((pool) => readHistory(pool, { ...range, databaseName }));
      // Coming months are empty, and so read as they are.
      expect(sequential(found).filter((scan) => scan.table < 'database_size_stats_2026_12')).toEqual([]);
      expect(found.length).toBeGreaterThanOrEqual(7);
    }
  });

  test('growth of the fleet: one month, by the index on the day', async () => {
    const found = await historyScans((pool) =>
      readGrowth(pool, { ...growth, days: 60, groupBy: 'database', fleet: { visibleTo: null } }),
    );
    expect(tablesOf(found)).toEqual(['database_size_stats_2026_09']);
    expect(sequential(found)).toEqual([]);
  });

  test('growth of one instance: one month, by index', async () => {
    const found = await historyScans((pool) =>
      readGrowth(pool, { ...growth, days: 60, groupBy: 'instance', fleet: { visibleTo: null, instanceIds: [7] } }),
    );
    expect(tablesOf(found)).toEqual(['database_size_stats_2026_09']);
    expect(sequential(found)).toEqual([]);
  });

  test('lists, totals, statistics and metrics never touch the history', async () => {
    const found = await historyScans(async (pool) => {
      await listInstances(pool, { fleet: { visibleTo: null }, limit: 100, offset: 0 });
      await readLatest(pool);
      await readLifespans(pool, 7, null);
      await readPeriodStatistics(pool, range, 'monthly');
      for (const groupBy of ['fleet', 'owner', 'instance'] as const) await readSeries(pool, { ...series, groupBy });
    });
    expect(found).toEqual([]);
  });

  test('statistics and totals of one instance come by index', async () => {
    scans = [];
    await readPeriodStatistics(explaining, range, 'weekly');
    await readSeries(explaining, { ...series, groupBy: 'instance', fleet: { visibleTo: null, instanceIds: [7] } });
    const stored = scans.filter((scan) => scan.table !== 'instances');
    expect(tablesOf(stored)).toEqual(['database_size_aggregations', 'instance_daily_totals']);
    expect(sequential(stored)).toEqual([]);
  });

  test('what is measured is written without reading the states of the whole fleet', async () => {
    scans = [];
    const runs = Array.from({ length: 20 }, (_, index) => ({
      ...{ instanceId: index + 1, collectedDate: today, collectedAt: new Date(`${today}T04:00:00Z`), unmeasured: [] },
      databases: Array.from({ length: 30 }, (_, number) => measurement(`database-${number + 1}`, 1_000_000)),
    }));
    await saveMeasurements(explaining, runs);
    expect(tablesOf(scans)).toContain('database_latest');
    expect(sequential(scans)).toEqual([]);
  });
});
