import pg from 'pg';
import type { Queryable } from './pool.ts';

/** A table, or a partition of one, as the catalogue describes it. */
export interface Relation {
  readonly name: string;
  /** With indexes. */
  readonly bytes: number;
  /** `pg_class.reltuples`: as of the last ANALYZE or VACUUM, -1 or 0 before the first. */
  readonly estimatedRows: number;
}

/** What is larger is not counted for somebody who only looks: a table of a gigabyte takes seconds. */
const countedBytes = 64 * 1_048_576;

export async function countRows(client: Queryable, name: string): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${pg.escapeIdentifier(name)}`);
  return rows[0]?.rows ?? 0;
}

/** Counted where that is quick; of a large relation what the server's statistics say, which autovacuum keeps within 10 %. */
export async function approximateRows(client: Queryable, relation: Relation): Promise<number> {
  const { name, bytes, estimatedRows } = relation;
  return bytes > countedBytes && estimatedRows > 0 ? Math.round(estimatedRows) : countRows(client, name);
}
