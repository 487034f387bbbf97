import { DateTime } from 'luxon';
import pg from 'pg';
import { inTransaction, lockInTransaction } from './pool.ts';

/** This month and the coming two. */
const monthsAhead = 2;

/** The tables that are partitioned by month on `collected_date`. */
const partitionedTables = ['database_size_stats', 'storage_stats'] as const;

/** The partition of a month; its name is built from the date alone. */
interface Partition {
  readonly table: string;
  readonly name: string;
  readonly month: DateTime;
}

function partitionsOf(months: readonly DateTime[]): Partition[] {
  return partitionedTables.flatMap((table) =>
    months.map((month) => ({ table, name: `${table}_${month.toFormat('yyyy_MM')}`, month })),
  );
}

/**
 * Makes sure that the partitions of a day's month and the coming two exist. Can be called at any time, by any number of
 * exporters; does nothing but one look-up when they are there.
 * @param today the day in the configured time zone, YYYY-MM-DD
 * @returns the names of the partitions that were created
 */
export async function ensurePartitions(pool: pg.Pool, today: string): Promise<string[]> {
  const first = DateTime.fromISO(today, { zone: 'UTC' }).startOf('month');
  const months = Array.from({ length: monthsAhead + 1 }, (_, ahead) => first.plus({ months: ahead }));
  const wanted = partitionsOf(months);
  if ((await missing(pool, wanted)).length === 0) return [];
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'partitions');
    const created = await missing(client, wanted);
    for (const { table, name, month } of created) {
      await client.query(
        `CREATE TABLE ${pg.escapeIdentifier(name)} PARTITION OF ${pg.escapeIdentifier(table)}
         FOR VALUES FROM (${pg.escapeLiteral(month.toISODate() ?? '')})
         TO (${pg.escapeLiteral(month.plus({ months: 1 }).toISODate() ?? '')})`,
      );
    }
    return created.map((partition) => partition.name);
  });
}

async function missing(client: pg.Pool | pg.PoolClient, wanted: readonly Partition[]): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name
     FROM pg_inherits AS i
     JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = ANY ($1::regclass[])`,
    [partitionedTables],
  );
  const existing = new Set(rows.map((row) => row.name));
  return wanted.filter((partition) => !existing.has(partition.name));
}
