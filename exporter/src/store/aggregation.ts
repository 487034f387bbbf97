import pg from 'pg';
import { lockAggregation, readHistoryFloor, takeFromBacklog } from './aggregation-backlog.ts';
import { inTransaction } from './pool.ts';
import { periodOf, type Period } from './periods.ts';

/** Sizes are below 2^53: a day of the period and a size fit one bigint, whose least and greatest are the first and the last. */
const sizeBits = 53;
const sizeMask = '9007199254740991';

/** What is stored of a period beside its key, in the order of the statements below. */
const computed = [
  ...['data_count', 'size_sum_bytes', 'max_size_bytes', 'min_size_bytes'],
  ...['data_bytes_count', 'data_sum_bytes', 'max_data_bytes', 'min_data_bytes'],
  ...['log_bytes_count', 'log_sum_bytes', 'max_log_bytes', 'min_log_bytes'],
];
const storedColumns = [
  ...['period_end', 'is_complete', ...computed, 'first_date', 'first_size_bytes', 'last_date', 'last_size_bytes'],
  ...['growth_rate', 'appeared_date', 'vanished_date'],
];

/**
 * Computes and stores one period that is on the backlog, in one transaction: set by set, not database by database. The result
 * is a function of the history and the latest states alone: what did not change is not written again, and statistics of rows
 * that are no longer there go. A period that begins before what the retention has removed is final: only databases that have
 * no statistics of it yet are added.
 * @param instanceId null for all instances that wait for it
 * @param today the day in the configured time zone: periods that end before it are complete
 * @returns for how many databases statistics were added, changed or removed
 */
export async function aggregatePeriod(
  pool: pg.Pool,
  period: Period,
  instanceId: number | null,
  today: string,
): Promise<{ instances: number; changed: number }> {
  return inTransaction(pool, async (client) => {
    await lockAggregation(client);
    return aggregateTaken(client, period, instanceId, today);
  });
}

/** The same in a transaction that holds the lock already. */
export async function aggregateTaken(
  client: pg.PoolClient,
  period: Period,
  instanceId: number | null,
  today: string,
): Promise<{ instances: number; changed: number }> {
  const instances = await takeFromBacklog(client, period, instanceId);
  if (instances.length === 0) return { instances: 0, changed: 0 };
  const isFinal = period.type !== 'quarterly' && period.start < ((await readHistoryFloor(client)) ?? '');
  await client.query('DROP TABLE IF EXISTS pg_temp.period_result');
  // One helper: each hands on a row for every database, and putting those together takes longer than a second one saves.
  await client.query('SET LOCAL max_parallel_workers_per_gather = 1');
  // A statement of its own: PostgreSQL computes CREATE TABLE AS in parallel, but no INSERT … SELECT.
  await client.query(
    `CREATE TEMP TABLE period_result ON COMMIT DROP AS ${period.type === 'quarterly' ? fromMonths(period, instances) : fromDays(period, instances)}`,
  );
  const removed = isFinal ? 0 : await removeStale(client, period, instances);
  const written = await writeResult(client, period, instances, today, isFinal);
  return { instances: instances.length, changed: removed + written };
}

/** CREATE TABLE AS takes no parameters: days come from our own calendar, numbers are numbers. */
function fromDays({ start, end }: Period, instances: readonly number[]): string {
  const first = `DATE ${pg.escapeLiteral(start)}`;
  return `
    SELECT instance_id, database_name,
      count(*)::int AS data_count, sum(size_bytes)::bigint AS size_sum_bytes, max(size_bytes)::bigint AS max_size_bytes,
      min(size_bytes)::bigint AS min_size_bytes,
      count(data_bytes)::int AS data_bytes_count, sum(data_bytes)::bigint AS data_sum_bytes,
      max(data_bytes)::bigint AS max_data_bytes, min(data_bytes)::bigint AS min_data_bytes,
      count(log_bytes)::int AS log_bytes_count, sum(log_bytes)::bigint AS log_sum_bytes,
      max(log_bytes)::bigint AS max_log_bytes, min(log_bytes)::bigint AS min_log_bytes,
      min((collected_date - ${first})::bigint << ${sizeBits} | size_bytes) AS first,
      max((collected_date - ${first})::bigint << ${sizeBits} | size_bytes) AS last
    FROM database_size_stats
    WHERE collected_date BETWEEN ${first} AND DATE ${pg.escapeLiteral(end)} AND instance_id ${within(instances)}
    GROUP BY instance_id, database_name`;
}

/** A quarter is the sum of its months, whose days may be gone by now. */
function fromMonths({ start, end }: Period, instances: readonly number[]): string {
  const first = `DATE ${pg.escapeLiteral(start)}`;
  return `
    SELECT instance_id, database_name,
      sum(data_count)::int AS data_count, sum(size_sum_bytes)::bigint AS size_sum_bytes,
      max(max_size_bytes)::bigint AS max_size_bytes, min(min_size_bytes)::bigint AS min_size_bytes,
      sum(data_bytes_count)::int AS data_bytes_count, sum(data_sum_bytes)::bigint AS data_sum_bytes,
      max(max_data_bytes)::bigint AS max_data_bytes, min(min_data_bytes)::bigint AS min_data_bytes,
      sum(log_bytes_count)::int AS log_bytes_count, sum(log_sum_bytes)::bigint AS log_sum_bytes,
      max(max_log_bytes)::bigint AS max_log_bytes, min(min_log_bytes)::bigint AS min_log_bytes,
      min((first_date - ${first})::bigint << ${sizeBits} | first_size_bytes) AS first,
      max((last_date - ${first})::bigint << ${sizeBits} | last_size_bytes) AS last
    FROM database_size_aggregations
    WHERE period_type = 'monthly' AND period_start BETWEEN ${first} AND DATE ${pg.escapeLiteral(end)}
      AND instance_id ${within(instances)}
    GROUP BY instance_id, database_name`;
}

function within(instances: readonly number[]): string {
  return `= ANY ('{${instances.map(Number).join(',')}}'::int[])`;
}

/** The period after this one compares itself with what goes. */
async function removeStale(client: pg.PoolClient, period: Period, instances: readonly number[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `WITH removed AS (
       DELETE FROM database_size_aggregations AS a
       WHERE period_type = $1 AND period_start = $2 AND instance_id = ANY ($3::int[])
         AND NOT EXISTS (
           SELECT FROM period_result AS r WHERE r.instance_id = a.instance_id AND r.database_name = a.database_name
         )
       RETURNING a.instance_id, a.database_name
     ),
     compared AS (
       UPDATE database_size_aggregations AS next
       SET growth_rate = NULL
       FROM removed
       WHERE next.instance_id = removed.instance_id AND next.database_name = removed.database_name
         AND next.period_type = $1 AND next.period_start = $4 AND next.growth_rate IS NOT NULL
     )
     SELECT count(*) FROM removed`,
    [period.type, period.start, instances, periodOf(period.type, period.start, 1).start],
  );
  return rows[0]?.count ?? 0;
}

const growthRate = (now: string, before: string) =>
  `CASE WHEN ${before} > 0 THEN (${now} - ${before}) * 100::double precision / ${before} END`;

async function writeResult(
  client: pg.PoolClient,
  period: Period,
  instances: readonly number[],
  today: string,
  isFinal: boolean,
): Promise<number> {
  const update = `DO UPDATE SET ${storedColumns.map((column) => `${column} = excluded.${column}`).join(', ')},
      calculated_at = clock_timestamp()
    WHERE (${storedColumns.map((column) => `a.${column}`).join(', ')})
      IS DISTINCT FROM (${storedColumns.map((column) => `excluded.${column}`).join(', ')})`;
  // Most periods are computed for the first time: without the look for conflicts that is quicker.
  const stored = await client.query(
    `SELECT FROM database_size_aggregations
     WHERE period_type = $1 AND period_start = $2 AND instance_id = ANY ($3::int[])
     LIMIT 1`,
    [period.type, period.start, instances],
  );
  const onConflict =
    stored.rowCount === 0
      ? ''
      : `ON CONFLICT (instance_id, period_type, period_start, database_name) ${isFinal ? 'DO NOTHING' : update}`;
  const { rows } = await client.query<{ count: number }>(
    `WITH watched AS (
       SELECT instance_id, min(first_seen_date) AS since FROM database_latest GROUP BY instance_id
     ),
     written AS (
       INSERT INTO database_size_aggregations AS a
         (instance_id, database_name, period_type, period_start, calculated_at, ${storedColumns.join(', ')})
       SELECT r.instance_id, r.database_name, $1, $2::date, clock_timestamp(), $3::date, $3::date < $4::date,
         ${computed.map((column) => `r.${column}`).join(', ')},
         $2::date + (r.first >> ${sizeBits})::int, r.first & ${sizeMask},
         $2::date + (r.last >> ${sizeBits})::int, r.last & ${sizeMask},
         ${growthRate('(2 * r.size_sum_bytes + r.data_count) / (2 * r.data_count)', 'before.avg_size_bytes')},
         CASE WHEN l.first_seen_date BETWEEN $2 AND $3 AND l.first_seen_date > w.since THEN l.first_seen_date END,
         CASE WHEN l.collected_date BETWEEN $2 AND $3 THEN l.gone_since END
       FROM period_result AS r
       LEFT JOIN database_latest AS l ON l.instance_id = r.instance_id AND l.database_name = r.database_name
       LEFT JOIN watched AS w ON w.instance_id = r.instance_id
       LEFT JOIN database_size_aggregations AS before
         ON before.instance_id = r.instance_id AND before.database_name = r.database_name AND before.period_type = $1
         AND before.period_start = $5
       ORDER BY r.instance_id
       ${onConflict}
       RETURNING a.instance_id, a.database_name, a.avg_size_bytes
     ),
     compared AS (
       UPDATE database_size_aggregations AS next
       SET growth_rate = ${growthRate('next.avg_size_bytes', 'written.avg_size_bytes')}
       FROM written
       WHERE next.instance_id = written.instance_id AND next.database_name = written.database_name
         AND next.period_type = $1 AND next.period_start = $6
         AND next.growth_rate IS DISTINCT FROM ${growthRate('next.avg_size_bytes', 'written.avg_size_bytes')}
     )
     SELECT count(*) FROM written`,
    [
      ...[period.type, period.start, period.end, today],
      ...[-1, 1].map((offset) => periodOf(period.type, period.start, offset).start),
    ],
  );
  return rows[0]?.count ?? 0;
}

/** Marks periods that were still running when they were computed and are over now. */
export async function completePeriods(client: Pick<pg.Pool, 'query'>, today: string): Promise<number> {
  const { rowCount } = await client.query(
    'UPDATE database_size_aggregations SET is_complete = true WHERE NOT is_complete AND period_end < $1',
    [today],
  );
  return rowCount ?? 0;
}
