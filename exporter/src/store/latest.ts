import type { Queryable } from './pool.ts';

/** From when to when a database was there. Days are YYYY-MM-DD. */
export interface Lifespan {
  readonly databaseName: string;
  readonly firstSeenDate: string;
  /** The first day on which the server no longer listed it; null while it is there. */
  readonly goneSince: string | null;
  /** At its last measurement. */
  readonly sizeBytes: number;
  /** The first day of its instance. */
  readonly watchedSinceDate: string;
}

/** Of every database ever seen on an instance, or the one of that name. */
export async function readLifespans(
  client: Queryable,
  instanceId: number,
  databaseName: string | null,
): Promise<Lifespan[]> {
  const { rows } = await client.query<Lifespan>(
    `SELECT * FROM (
       SELECT database_name AS "databaseName", first_seen_date AS "firstSeenDate", gone_since AS "goneSince",
         size_bytes AS "sizeBytes", min(first_seen_date) OVER () AS "watchedSinceDate"
       FROM database_latest
       WHERE instance_id = $1
     ) AS lives
     WHERE $2::text IS NULL OR "databaseName" = $2
     ORDER BY "databaseName"`,
    [instanceId, databaseName],
  );
  return rows;
}
