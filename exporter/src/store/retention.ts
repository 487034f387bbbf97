import { DateTime } from 'luxon';
import pg from 'pg';
import { codeOf } from '../errors.ts';
import { partitionedTables, partitionKey, withShortLocks, type PartitionedTable } from './partitions.ts';
import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';
import { approximateRows, countRows, type Relation } from './row-counts.ts';

/** How long daily rows are kept at least. A month goes when both say that it is past. */
export interface Retention {
  /** Days before today that are kept. */
  readonly days: number;
  /** Calendar months before this one that are kept. */
  readonly months: number;
}

/** Why a partition is kept, or that it is not. */
type PartitionState = 'default' | 'coming' | 'current' | 'kept' | 'newest' | 'waits for aggregation' | 'past retention';

export interface Partition {
  readonly name: string;
  readonly table: PartitionedTable;
  /** The first day, YYYY-MM-DD; null for a default partition. */
  readonly from: string | null;
  /** The first day that is no longer in it. */
  readonly to: string | null;
  readonly rows: number;
  /** With indexes. */
  readonly bytes: number;
  readonly state: PartitionState;
  /** The first day on which the retention lets it go; null for a default partition. */
  readonly droppedFrom: string | null;
}

export interface RetentionReport {
  readonly dropped: readonly Partition[];
  /** Past the retention, and kept: with the reason. */
  readonly kept: readonly { readonly partition: Partition; readonly reason: string }[];
  readonly freedBytes: number;
}

/** The first day of which both limits say that it is kept. */
export function firstKeptDay(today: string, { days, months }: Retention): string {
  const byDays = addDays(today, -days);
  const byMonths = DateTime.fromISO(today, { zone: 'UTC' }).minus({ months }).toFormat('yyyy-MM-dd');
  return byDays < byMonths ? byDays : byMonths;
}

/** The first day on which both limits say that a partition that ends before `to` is past. */
function firstDayWithout(to: string, retention: Retention): string {
  const byDays = addDays(to, retention.days);
  const byMonths = DateTime.fromISO(to, { zone: 'UTC' }).plus({ months: retention.months }).toFormat('yyyy-MM-dd');
  return byDays > byMonths ? byDays : byMonths;
}

/**
 * All partitions of all partitioned tables, oldest first, and what happens to them next.
 * @param options.mayEstimate the rows of large ones need not be counted
 */
export async function listPartitions(
  client: Queryable,
  today: string,
  retention: Retention,
  { mayEstimate = false }: { readonly mayEstimate?: boolean } = {},
): Promise<Partition[]> {
  const partitions: Partition[] = [];
  for (const table of partitionedTables) {
    partitions.push(...(await partitionsOf(client, table, today, retention, mayEstimate)));
  }
  return partitions;
}

async function partitionsOf(
  client: Queryable,
  table: PartitionedTable,
  today: string,
  retention: Retention,
  mayEstimate: boolean,
): Promise<Partition[]> {
  const found = await client.query<Relation & { from: string | null; to: string | null }>(
    `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, c.reltuples::float8 AS "estimatedRows",
       substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''([0-9-]+)''\\)')::date AS "from",
       substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([0-9-]+)''\\)')::date AS "to"
     FROM pg_inherits AS i
     JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass
     ORDER BY "from" NULLS LAST`,
    [table],
  );
  const counted: (Omit<Partition, 'state'> & { waiting: boolean })[] = [];
  for (const { from, to, ...relation } of found.rows) {
    const { name, bytes } = relation;
    const rows = await (mayEstimate ? approximateRows(client, relation) : countRows(client, name));
    const { rows: states } = await client.query<{ waiting: boolean }>(
      `SELECT EXISTS (SELECT FROM measurement_changes WHERE collected_date >= $1::date AND collected_date < $2::date)
         OR EXISTS (
           SELECT FROM aggregation_backlog
           WHERE period_type = 'monthly' AND period_start = $1::date
             OR period_type = 'weekly' AND period_start > $1::date - 7 AND period_start < $2::date
         ) AS waiting`,
      [from, to],
    );
    const droppedFrom = to === null ? null : firstDayWithout(to, retention);
    counted.push({ name, table, from, to, rows, bytes, droppedFrom, waiting: states[0]?.waiting === true });
  }
  const newest = counted.findLast((partition) => partition.from !== null && partition.rows > 0)?.name;
  return counted.map(({ waiting, ...partition }) => ({
    ...partition,
    state: stateOf(partition, today, newest === partition.name, waiting),
  }));
}

function stateOf(
  { from, to, droppedFrom }: Omit<Partition, 'state'>,
  today: string,
  newest: boolean,
  waiting: boolean,
): PartitionState {
  if (from === null || to === null || droppedFrom === null) return 'default';
  if (from > today) return 'coming';
  if (to > today) return 'current';
  if (droppedFrom > today) return 'kept';
  if (newest) return 'newest';
  return waiting ? 'waits for aggregation' : 'past retention';
}

/**
 * Drops the partitions that are past the retention, oldest first: never the newest month that holds rows, and none whose
 * statistics are not stored.
 *
 * Each goes by DETACH and DROP in one transaction. PostgreSQL refuses DETACH … CONCURRENTLY as long as there is a default
 * partition ("cannot detach partitions concurrently when a default partition exists"), so that the plain form is used, with a
 * short lock timeout: the parent is locked for a few milliseconds, and nobody queues behind us longer than that timeout.
 */
export async function applyRetention(pool: pg.Pool, today: string, retention: Retention): Promise<RetentionReport> {
  const dropped: Partition[] = [];
  const kept: { partition: Partition; reason: string }[] = [];
  for (const partition of await listPartitions(pool, today, retention)) {
    if (partition.state === 'waits for aggregation') {
      kept.push({ partition, reason: notAggregated });
    } else if (partition.state === 'past retention') {
      try {
        if (await dropPartition(pool, partition)) dropped.push(partition);
      } catch (error) {
        if (error instanceof ChangedMeanwhile) kept.push({ partition, reason: notAggregated });
        else if (codeOf(error) === '55P03')
          kept.push({ partition, reason: 'a long query uses it: the next run tries again' });
        else throw error;
      }
    }
  }
  return { dropped, kept, freedBytes: dropped.reduce((sum, partition) => sum + partition.bytes, 0) };
}

/** Rolls the removal back: a row was written since we looked. */
class ChangedMeanwhile extends Error {}

const notAggregated = 'its statistics are not computed yet: tidemark aggregate does it, or says what fails';

/** @returns false when another exporter was quicker */
async function dropPartition(pool: pg.Pool, partition: Partition): Promise<boolean> {
  const { name, table, from, to, rows, bytes } = partition;
  const [quotedName, parent] = [pg.escapeIdentifier(name), pg.escapeIdentifier(table)];
  return withShortLocks(pool, 3, async (client) => {
    const attached = await client.query(
      'SELECT FROM pg_inherits WHERE inhparent = $1::regclass AND inhrelid = to_regclass($2)',
      [table, quotedName],
    );
    if (attached.rowCount === 0) return false;
    await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${quotedName}`);
    // Nobody can write to it any more: what was marked up to now is all there is.
    const changed = await client.query(
      `SELECT FROM measurement_changes WHERE ${partitionKey} >= $1 AND ${partitionKey} < $2 LIMIT 1`,
      [from, to],
    );
    if (changed.rowCount !== 0) throw new ChangedMeanwhile();
    await client.query(`DROP TABLE ${quotedName}`);
    await client.query(
      `INSERT INTO dropped_partitions (partition_name, table_name, from_date, to_date, row_count, freed_bytes)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [name, table, from, to, rows, bytes],
    );
    return true;
  });
}
