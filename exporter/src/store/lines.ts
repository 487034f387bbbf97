import type { Queryable } from './pool.ts';

/** Values day by day; both lists have the same length. */
export interface Line {
  /** YYYY-MM-DD, in the order of time: those that were measured. */
  readonly days: readonly string[];
  /** Null where it is not known. */
  readonly values: readonly (number | null)[];
}

export const emptyLine: Line = { days: [], values: [] };

/** A line as it is selected: text is quicker to read than arrays, and a value that is not known is empty. Null: no days. */
export interface LineText {
  readonly days: string | null;
  readonly values: string | null;
}

/** The columns of `LineText`, of a group of rows. */
export function lineColumns(day: string, value: string): string {
  return `string_agg(${day}::text, ',' ORDER BY ${day}) AS days,
    string_agg(coalesce((${value})::text, ''), ',' ORDER BY ${day}) AS "values"`;
}

export function lineOf({ days, values }: LineText): Line {
  if (days === null || values === null) return emptyLine;
  return {
    days: days.split(','),
    values: values.split(',').map((value) => (value === '' ? null : Number(value))),
  };
}

/** Days are YYYY-MM-DD, both included. */
export interface DayRange {
  readonly startDate: string;
  readonly endDate: string;
}

/** The total sizes of instances, by id; one that was not measured in that time is absent. */
export async function readInstanceLines(
  client: Queryable,
  instanceIds: readonly number[],
  range: DayRange,
): Promise<ReadonlyMap<number, Line>> {
  const { rows } = await client.query<LineText & { id: number }>(
    `SELECT instance_id AS id, ${lineColumns('collected_date', 'size_bytes')}
     FROM instance_daily_totals
     WHERE instance_id = ANY ($1::int[]) AND collected_date BETWEEN $2 AND $3
     GROUP BY instance_id`,
    [instanceIds, range.startDate, range.endDate],
  );
  return new Map(rows.map((row) => [row.id, lineOf(row)]));
}

/** One database of one instance. */
export interface DatabaseKey {
  readonly instanceId: number;
  readonly databaseName: string;
}

/**
 * The history of databases, in their order: each is looked up by its key.
 * @param value of the history `h`
 */
export async function readDatabaseLines(
  client: Queryable,
  databases: readonly DatabaseKey[],
  range: DayRange,
  value = 'h.size_bytes',
): Promise<Line[]> {
  const { rows } = await client.query<LineText>(
    `SELECT line.days, line."values"
     FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS wanted (instance_id, database_name, position)
     CROSS JOIN LATERAL (
       SELECT ${lineColumns('h.collected_date', value)}
       FROM database_size_stats AS h
       WHERE h.instance_id = wanted.instance_id AND h.database_name = wanted.database_name
         AND h.collected_date BETWEEN $3 AND $4
     ) AS line
     ORDER BY wanted.position`,
    [
      databases.map((database) => database.instanceId),
      databases.map((database) => database.databaseName),
      range.startDate,
      range.endDate,
    ],
  );
  return rows.map(lineOf);
}
