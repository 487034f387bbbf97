import type pg from 'pg';
import type { HistoryRange } from './measurements.ts';
import type { Queryable } from './pool.ts';

/** The days of one database as JSON objects with commas in between: what the API answers, ready to be put into a list. */
export interface HistoryText {
  readonly databaseName: string;
  readonly days: string;
}

/** Rows that a statement answers, as far as can be told before: some 4 MB of text. */
const rowsPerStatement = 20_000;

/**
 * The history of an instance as the API answers it, database by database in the order of their names, days from the oldest to
 * the newest. The server writes the text: it takes half the time that reading rows and writing them here does. While one
 * portion is used the next one is read; what is read is bounded, however long the history is, and no connection is held in
 * between.
 */
export async function* readHistoryText(pool: pg.Pool, range: HistoryRange): AsyncGenerator<HistoryText[]> {
  const portions = await portionsOf(pool, range);
  const read = (index: number): Promise<HistoryText[]> | null => {
    const names = portions[index];
    if (names === undefined) return null;
    const answer = readPortion(pool, range, names);
    // It is looked at when its turn comes; until then an error is nobody's.
    answer.catch(() => undefined);
    return answer;
  };
  let coming = read(0);
  for (let index = 1; coming !== null; index += 1) {
    const next = read(index);
    yield await coming;
    coming = next;
  }
}

/** The names of the databases, so many together that a statement answers about as many rows as it should. */
async function portionsOf(pool: pg.Pool, { instanceId, startDate, endDate, databaseName }: HistoryRange) {
  const { rows } = await pool.query<{ name: string; days: number }>(
    `SELECT database_name AS name, greatest(
         1, least(collected_date, $3::date) - greatest(first_seen_date, $2::date) + 1
       ) AS days
     FROM database_latest
     WHERE instance_id = $1 AND ($4::text IS NULL OR database_name = $4)
     ORDER BY database_name`,
    [instanceId, startDate, endDate, databaseName],
  );
  const total = rows.reduce((sum, row) => sum + row.days, 0);
  // Two at least, which are read at the same time.
  const limit = Math.min(rowsPerStatement, Math.ceil(total / 2));
  const portions: string[][] = [];
  let room = 0;
  for (const { name, days } of rows) {
    if (room <= 0) {
      portions.push([]);
      room = limit;
    }
    portions.at(-1)?.push(name);
    room -= days;
  }
  return portions;
}

const megabytes = (bytes: string): string => `(${bytes} + 524288) / 1048576`;
const orNull = (value: string): string => `coalesce((${value})::text, 'null')`;

// What is put in without quotes of its own are numbers, null, dates and our methods.
const dayText = `
  '{"collected_at":"' || to_char(collected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  || '","collected_date":"' || to_char(collected_date, 'YYYY-MM-DD')
  || '","size_mb":' || ${megabytes('size_bytes')}
  || ',"data_size_mb":' || ${orNull(megabytes('data_bytes'))}
  || ',"log_size_mb":' || ${orNull(megabytes('log_bytes'))}
  || ',"size_bytes":' || size_bytes
  || ',"data_bytes":' || ${orNull('data_bytes')}
  || ',"log_bytes":' || ${orNull('log_bytes')}
  || ',"method":"' || method || '"}'`;

async function readPortion(pool: pg.Pool, range: HistoryRange, names: readonly string[]): Promise<HistoryText[]> {
  const { rows } = await pool.query<HistoryText>(
    `SELECT database_name AS "databaseName", string_agg(${dayText}, ',' ORDER BY collected_date) AS days
     FROM database_size_stats
     WHERE instance_id = $1 AND database_name = ANY ($4::text[])
       AND collected_date BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')
     GROUP BY database_name
     ORDER BY database_name`,
    [range.instanceId, range.startDate, range.endDate, names],
  );
  return rows;
}

/**
 * A text that changes whenever the history of an instance in a range may have: for conditional requests, at a thousandth of the
 * work of reading it. It is made of when each day was condensed, what is not condensed yet, and what the retention removed;
 * to be read before the history, so that a change in between makes an answer look older than it is, never newer.
 */
export async function readHistoryVersion(client: Queryable, range: HistoryRange): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT concat_ws('-',
       (SELECT concat_ws('-', sum(extract(epoch FROM changed_at) * 1000000)::numeric(40, 0), count(*))
        FROM instance_daily_totals
        WHERE instance_id = $1 AND collected_date BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')),
       (SELECT count(*)
        FROM measurement_changes
        WHERE instance_id = $1 AND collected_date BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')),
       (SELECT count(*) FROM dropped_partitions WHERE table_name = 'database_size_stats')
     ) AS version`,
    [range.instanceId, range.startDate, range.endDate],
  );
  return rows[0]?.version ?? '';
}
