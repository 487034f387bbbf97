import { DateTime } from 'luxon';
import pg from 'pg';
import { codeOf } from '../errors.ts';
import { inTransaction, lockInTransaction, type Queryable } from './pool.ts';

/** The tables that are range-partitioned by month; a further one is one word here. */
export const partitionedTables = ['database_size_stats', 'storage_stats'] as const;

export type PartitionedTable = (typeof partitionedTables)[number];

/** The column they are partitioned by. */
export const partitionKey = 'collected_date';

/** This month and the coming three. */
const monthsAhead = 3;

/** How long a change of the partitions waits for a lock, and holds up those who queue behind it. */
const lockTimeout = '500ms';

/** A month of one table, the range of a partition: from the first day on, before the first of the next month. */
interface Month {
  readonly table: PartitionedTable;
  readonly from: string;
  readonly to: string;
}

/** Rows that had landed in a default partition and were moved where they belong. */
interface MovedRows {
  readonly partition: string;
  readonly rows: number;
}

/**
 * Makes sure that the partitions of a day's month and the coming three exist, and a default one. Can be called at any time,
 * by any number of exporters; does nothing but one look-up when they are there.
 * @param today the day in the configured time zone, YYYY-MM-DD
 * @returns the names of the partitions that were created
 */
export async function ensurePartitions(pool: pg.Pool, today: string): Promise<string[]> {
  const first = DateTime.fromISO(today, { zone: 'UTC' }).startOf('month');
  const days = Array.from({ length: monthsAhead + 1 }, (_, ahead) => isoDay(first.plus({ months: ahead })));
  return ensurePartitionsOf(pool, days);
}

/** The same for the months of any days. */
export async function ensurePartitionsOf(pool: pg.Pool, days: readonly string[]): Promise<string[]> {
  const firsts = [...new Set(days.map((day) => `${day.slice(0, 7)}-01`))].sort();
  const wanted = partitionedTables.flatMap((table) => firsts.map((from) => monthOf(table, from)));
  const { months } = await missing(pool, wanted);
  if (months.length === 0) return [];
  const created: string[] = [];
  for (const month of months) {
    const { isNew } = await createPartition(pool, month);
    if (isNew) created.push(partitionName(month));
  }
  return created;
}

/**
 * What the job does: the partitions exist, the default ones are there and empty.
 * @returns what was created, and what was found in a default partition and moved
 */
export async function maintainPartitions(
  pool: pg.Pool,
  today: string,
): Promise<{ created: string[]; moved: MovedRows[] }> {
  for (const table of (await missing(pool, [])).withoutDefault) await createDefault(pool, table);
  const created = await ensurePartitions(pool, today);
  const moved: MovedRows[] = [];
  for (const table of partitionedTables) {
    const { rows } = await pool.query<{ from: string }>(
      `SELECT DISTINCT date_trunc('month', ${partitionKey}::timestamp)::date AS "from"
       FROM ${pg.escapeIdentifier(defaultName(table))}
       ORDER BY 1`,
    );
    for (const { from } of rows) {
      const month = monthOf(table, from);
      const { isNew, movedRows } = await createPartition(pool, month);
      if (isNew) created.push(partitionName(month));
      if (movedRows > 0) moved.push({ partition: partitionName(month), rows: movedRows });
    }
  }
  return { created, moved };
}

/** Rows in the default partitions, by table: none, unless a month had no partition when it was written to. */
export async function countDefaultRows(client: Queryable): Promise<{ table: PartitionedTable; rows: number }[]> {
  const { withoutDefault } = await missing(client, []);
  const counts = partitionedTables.map((table) =>
    withoutDefault.includes(table)
      ? `SELECT '${table}' AS "table", 0::bigint AS rows`
      : `SELECT '${table}' AS "table", count(*) AS rows FROM ${pg.escapeIdentifier(defaultName(table))}`,
  );
  return (await client.query<{ table: PartitionedTable; rows: number }>(counts.join(' UNION ALL '))).rows;
}

/** Names are built from table and date alone. */
function partitionName({ table, from }: Month): string {
  return `${table}_${from.slice(0, 7).replace('-', '_')}`;
}

function defaultName(table: PartitionedTable): string {
  return `${table}_default`;
}

function monthOf(table: PartitionedTable, from: string): Month {
  return { table, from, to: isoDay(DateTime.fromISO(from, { zone: 'UTC' }).plus({ months: 1 })) };
}

/** Which of the wanted months, and which default partitions, do not exist. */
async function missing(
  client: Queryable,
  wanted: readonly Month[],
): Promise<{ months: Month[]; withoutDefault: PartitionedTable[] }> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name
     FROM pg_inherits AS i
     JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = ANY ($1::regclass[])`,
    [partitionedTables],
  );
  const existing = new Set(rows.map((row) => row.name));
  return {
    months: wanted.filter((month) => !existing.has(partitionName(month))),
    withoutDefault: partitionedTables.filter((table) => !existing.has(defaultName(table))),
  };
}

/**
 * Makes the partition of a month apart and attaches it, so that nobody who reads or writes the other months has to wait;
 * CREATE TABLE … PARTITION OF would lock them all out. Rows of the month in the default partition move along: only who wants
 * that one waits meanwhile.
 */
async function createPartition(pool: pg.Pool, month: Month): Promise<{ isNew: boolean; movedRows: number }> {
  const name = pg.escapeIdentifier(partitionName(month));
  const parent = pg.escapeIdentifier(month.table);
  const rest = pg.escapeIdentifier(defaultName(month.table));
  const [from, to] = [pg.escapeLiteral(month.from), pg.escapeLiteral(month.to)];
  return withShortLocks(pool, 10, async (client) => {
    if ((await missing(client, [month])).months.length === 0) return { isNew: false, movedRows: 0 };
    const check = `${partitionKey} >= ${from} AND ${partitionKey} < ${to}`;
    await client.query(`CREATE TABLE ${name} (LIKE ${parent} INCLUDING ALL, CONSTRAINT range CHECK (${check}))`);
    const hasDefault = !(await missing(client, [])).withoutDefault.includes(month.table);
    let movedRows = 0;
    if (hasDefault) {
      await client.query(`LOCK TABLE ${rest} IN ACCESS EXCLUSIVE MODE`);
      const result = await client.query(
        `WITH moved AS (DELETE FROM ${rest} WHERE ${check} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
      );
      movedRows = result.rowCount ?? 0;
    }
    // The constraint spares the server to look at every row while it attaches.
    await client.query(`ALTER TABLE ${parent} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`);
    await client.query(`ALTER TABLE ${name} DROP CONSTRAINT range`);
    return { isNew: true, movedRows };
  });
}

async function createDefault(pool: pg.Pool, table: PartitionedTable): Promise<void> {
  const [name, parent] = [pg.escapeIdentifier(defaultName(table)), pg.escapeIdentifier(table)];
  await withShortLocks(pool, 10, async (client) => {
    if (!(await missing(client, [])).withoutDefault.includes(table)) return;
    await client.query(`CREATE TABLE ${name} (LIKE ${parent} INCLUDING ALL)`);
    await client.query(`ALTER TABLE ${parent} ATTACH PARTITION ${name} DEFAULT`);
  });
}

/**
 * A change of the partitions: one exporter at a time, and a lock that is not to be had soon is given up and tried again, so
 * that a long query never makes all others queue behind us.
 * @throws the server's error 55P03 after the last attempt
 */
export async function withShortLocks<T>(
  pool: pg.Pool,
  attempts: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(pool, async (client) => {
        await lockInTransaction(client, 'partitions');
        await client.query(`SET LOCAL lock_timeout = '${lockTimeout}'`);
        return work(client);
      });
    } catch (error) {
      const passing = ['55P03', '40P01'].includes(codeOf(error) ?? '');
      if (!passing || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt * (0.5 + Math.random())));
    }
  }
}

function isoDay(moment: DateTime): string {
  return moment.toFormat('yyyy-MM-dd');
}
