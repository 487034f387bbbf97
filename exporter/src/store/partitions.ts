import { DateTime } from 'luxon';
import pg from 'pg';
import { inTransaction, lockInTransaction } from './pool.ts';

/** This month and the coming two. */
const monthsAhead = 2;

/** The name of the partition of a month; built from the date alone. */
function partitionName(month: DateTime): string {
  return `database_size_stats_${month.toFormat('yyyy_MM')}`;
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
  if ((await missingMonths(pool, months)).length === 0) return [];
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'partitions');
    const missing = await missingMonths(client, months);
    for (const month of missing) {
      await client.query(
        `CREATE TABLE ${pg.escapeIdentifier(partitionName(month))} PARTITION OF database_size_stats
         FOR VALUES FROM (${pg.escapeLiteral(month.toISODate() ?? '')})
         TO (${pg.escapeLiteral(month.plus({ months: 1 }).toISODate() ?? '')})`,
      );
    }
    return missing.map(partitionName);
  });
}

async function missingMonths(client: pg.Pool | pg.PoolClient, months: readonly DateTime[]): Promise<DateTime[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name
     FROM pg_inherits AS i
     JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'database_size_stats'::regclass`,
  );
  const existing = new Set(rows.map((row) => row.name));
  return months.filter((month) => !existing.has(partitionName(month)));
}
