import type pg from 'pg';
import { allowSorting, lockInTransaction, type Queryable } from './pool.ts';
import { periodOf, periodTypes, truncationOf, type Period, type PeriodType } from './periods.ts';

/** Serialises everything that takes changes or stores statistics. */
const lockName = 'aggregation';

export async function lockAggregation(client: pg.PoolClient): Promise<void> {
  await lockInTransaction(client, lockName);
  await allowSorting(client);
}

/** @returns whether nobody else is at it; then until the end of the transaction nobody will */
export async function tryLockAggregation(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
    [`tidemark:${lockName}`],
  );
  if (rows[0]?.locked !== true) return false;
  await allowSorting(client);
  return true;
}

/** The first days of the months that hold changes nobody has taken yet. */
export async function listChangedMonths(client: Queryable, instanceId: number | null): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `SELECT DISTINCT date_trunc('month', collected_date::timestamp)::date AS month
     FROM measurement_changes
     WHERE $1::int IS NULL OR instance_id = $1
     ORDER BY month`,
    [instanceId],
  );
  return rows.map((row) => row.month);
}

/** Whether statistics of an instance are older than its rows; what could not be computed does not count. */
export async function hasUnfinishedStatistics(client: Queryable, instanceId: number): Promise<boolean> {
  const { rows } = await client.query<{ unfinished: boolean }>(
    `SELECT EXISTS (SELECT FROM measurement_changes WHERE instance_id = $1)
       OR EXISTS (SELECT FROM aggregation_backlog WHERE instance_id = $1 AND failed_at IS NULL) AS unfinished`,
    [instanceId],
  );
  return rows[0]?.unfinished === true;
}

/**
 * Takes the changes of a month: stores the daily totals of the days they name, and puts the periods they touch on the
 * backlog. To be called with the lock.
 * @returns how many days of instances there were
 */
export async function takeChanges(client: pg.PoolClient, month: string, instanceId: number | null): Promise<number> {
  const { start, end } = periodOf('monthly', month);
  await client.query('CREATE TEMP TABLE IF NOT EXISTS taken (instance_id integer, collected_date date) ON COMMIT DROP');
  await client.query('TRUNCATE taken');
  const { rowCount } = await client.query(
    `WITH changes AS (
       DELETE FROM measurement_changes
       WHERE collected_date BETWEEN $1 AND $2 AND ($3::int IS NULL OR instance_id = $3)
       RETURNING instance_id, collected_date
     )
     INSERT INTO taken
     SELECT DISTINCT c.instance_id, c.collected_date
     FROM changes AS c
     JOIN instances AS i ON i.id = c.instance_id`,
    [start, end, instanceId],
  );
  await client.query('ANALYZE taken');
  await storeDailyTotals(client, { start, end });
  await client.query(
    `INSERT INTO aggregation_backlog (period_type, period_start, instance_id)
     SELECT DISTINCT p.type, date_trunc(p.unit, t.collected_date::timestamp)::date, t.instance_id
     FROM taken AS t
     CROSS JOIN unnest($1::text[], $2::text[]) AS p (type, unit)
     ON CONFLICT DO NOTHING`,
    [periodTypes, periodTypes.map(truncationOf)],
  );
  return rowCount ?? 0;
}

/** Days whose rows the retention has removed keep the totals they have. */
async function storeDailyTotals(client: pg.PoolClient, month: { start: string; end: string }): Promise<void> {
  const totals = `
    SELECT s.instance_id, s.collected_date, sum(s.size_bytes)::bigint AS size_bytes, sum(s.data_bytes)::bigint AS data_bytes,
      sum(s.log_bytes)::bigint AS log_bytes, count(*)::int AS database_count
    FROM taken AS t
    JOIN database_size_stats AS s ON s.instance_id = t.instance_id AND s.collected_date = t.collected_date
    WHERE s.collected_date BETWEEN $1 AND $2
    GROUP BY s.instance_id, s.collected_date`;
  const columns = 'instance_id, collected_date, size_bytes, data_bytes, log_bytes, database_count';
  const isFinal = month.start < ((await readHistoryFloor(client)) ?? '');
  const onConflict = isFinal
    ? 'changed_at = excluded.changed_at'
    : `size_bytes = excluded.size_bytes, data_bytes = excluded.data_bytes, log_bytes = excluded.log_bytes,
         database_count = excluded.database_count, changed_at = excluded.changed_at`;
  await client.query(
    `WITH totals AS MATERIALIZED (${totals}),
     kept AS (
       INSERT INTO instance_daily_totals (${columns}, changed_at)
       SELECT ${columns}, clock_timestamp() FROM totals
       ON CONFLICT (instance_id, collected_date) DO UPDATE SET ${onConflict}
     )
     DELETE FROM instance_daily_totals AS d
     USING taken AS t
     WHERE NOT $3 AND d.instance_id = t.instance_id AND d.collected_date = t.collected_date
       AND NOT EXISTS (
         SELECT FROM totals WHERE totals.instance_id = t.instance_id AND totals.collected_date = t.collected_date
       )`,
    [month.start, month.end, isFinal],
  );
}

/** The first day after everything that the retention has removed; null where nothing ever was. */
export async function readHistoryFloor(client: Queryable): Promise<string | null> {
  const { rows } = await client.query<{ floor: string | null }>(
    "SELECT max(to_date) AS floor FROM dropped_partitions WHERE table_name = 'database_size_stats'",
  );
  return rows[0]?.floor ?? null;
}

/** Puts a period of all instances that have history on the backlog. */
export async function enqueuePeriods(client: pg.PoolClient, periods: readonly Period[]): Promise<void> {
  await client.query(
    `INSERT INTO aggregation_backlog (period_type, period_start, instance_id)
     SELECT p.type, p.start, i.id
     FROM instances AS i
     CROSS JOIN unnest($1::text[], $2::date[]) AS p (type, start)
     WHERE EXISTS (SELECT FROM database_latest WHERE instance_id = i.id)
     ON CONFLICT DO NOTHING`,
    [periods.map((period) => period.type), periods.map((period) => period.start)],
  );
}

/** Periods on the backlog, in the order in which they build on each other: quarters on months, each on the one before. */
export async function listBacklog(client: Queryable, instanceId: number | null): Promise<Period[]> {
  const { rows } = await client.query<{ type: PeriodType; start: string }>(
    `SELECT period_type AS type, period_start AS start
     FROM aggregation_backlog
     WHERE $1::int IS NULL OR instance_id = $1
     GROUP BY period_type, period_start
     ORDER BY array_position($2::text[], period_type), period_start`,
    [instanceId, periodTypes],
  );
  return rows.map(({ type, start }) => periodOf(type, start));
}

/**
 * Takes a period off the backlog, to be computed in this transaction. Instances with an unfinished month stay out of its
 * quarter.
 * @param instanceId null for all instances that wait for it
 * @returns the instances
 */
export async function takeFromBacklog(
  client: pg.PoolClient,
  period: Period,
  instanceId: number | null,
): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `DELETE FROM aggregation_backlog AS b
     WHERE period_type = $1 AND period_start = $2 AND ($3::int IS NULL OR instance_id = $3)
       AND NOT ($1 = 'quarterly' AND EXISTS (
         SELECT FROM aggregation_backlog AS m
         WHERE m.period_type = 'monthly' AND m.period_start BETWEEN $2 AND $4 AND m.instance_id = b.instance_id
       ))
     RETURNING instance_id AS id`,
    [period.type, period.start, instanceId, period.end],
  );
  return rows.map((row) => row.id);
}

/** The instances that wait for a period. */
export async function listWaitingInstances(client: Queryable, period: Period): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT instance_id AS id
     FROM aggregation_backlog
     WHERE period_type = $1 AND period_start = $2
     ORDER BY instance_id`,
    [period.type, period.start],
  );
  return rows.map((row) => row.id);
}

/** Records why a period of an instance could not be computed; it stays on the backlog. */
export async function recordAggregationFailure(
  client: Queryable,
  period: Period,
  instanceId: number,
  message: string,
): Promise<void> {
  await client.query(
    `UPDATE aggregation_backlog
     SET failed_at = clock_timestamp(), error_message = $4
     WHERE period_type = $1 AND period_start = $2 AND instance_id = $3`,
    [period.type, period.start, instanceId, message],
  );
}
