import type pg from 'pg';
import type { StorageMeasurement } from '../engines/engine.ts';
import { roundsOf, type MeasuredInstance } from './measurements.ts';
import { ensurePartitionsOf } from './partitions.ts';
import type { Queryable } from './pool.ts';

/** What one run found beside the databases of an instance. */
export interface MeasuredStorage extends Pick<MeasuredInstance, 'instanceId' | 'collectedDate' | 'collectedAt'> {
  readonly storage: readonly StorageMeasurement[];
}

/** Storage of any instance and day. */
export interface ImportedStorage extends StorageMeasurement {
  readonly instanceId: number;
  /** YYYY-MM-DD in the configured time zone. */
  readonly collectedDate: string;
  readonly collectedAt: Date;
}

const rowsPerStatement = 10_000;

/** Writes logs, tablespaces and volumes in one statement; a second run on the same day updates them. */
export async function saveStorage(client: Queryable, runs: readonly MeasuredStorage[]): Promise<void> {
  for (const round of roundsOf(runs)) {
    await saveRows(
      client,
      round.flatMap(({ storage, ...run }) => storage.map((measured) => ({ ...run, ...measured }))),
    );
  }
}

/** Writes storage of many instances and days at once. Each 10 000 rows are one transaction; can be repeated. */
export async function importStorage(pool: pg.Pool, rows: readonly ImportedStorage[]): Promise<void> {
  await ensurePartitionsOf(pool, [...new Set(rows.map((row) => row.collectedDate))]);
  for (let next = 0; next < rows.length; next += rowsPerStatement) {
    await saveRows(pool, rows.slice(next, next + rowsPerStatement));
  }
}

/** What an instance kept besides its databases when it was last measured. */
export interface LatestStorageRow extends StorageMeasurement {
  readonly instanceId: number;
}

/**
 * The logs, tablespaces and volumes of the last measurement of each instance.
 * @param instanceIds null: of all instances
 */
export async function readLatestStorage(
  client: Queryable,
  instanceIds: readonly number[] | null = null,
): Promise<LatestStorageRow[]> {
  const { rows } = await client.query<LatestStorageRow>(
    `WITH last AS (
       SELECT instance_id, max(collected_date) AS collected_date, max(collected_at) AS collected_at
       FROM database_latest
       WHERE $1::int[] IS NULL OR instance_id = ANY ($1)
       GROUP BY instance_id
     )
     SELECT s.instance_id AS "instanceId", s.scope, s.name, s.allocated_bytes AS "allocatedBytes",
       s.used_bytes AS "usedBytes", s.limit_bytes AS "limitBytes", s.free_bytes AS "freeBytes"
     FROM last AS l
     JOIN storage_stats AS s
       ON s.instance_id = l.instance_id AND s.collected_date = l.collected_date AND s.collected_at = l.collected_at
     WHERE s.collected_date >= (SELECT min(collected_date) FROM last)
     ORDER BY s.instance_id, s.scope, s.name`,
    [instanceIds],
  );
  return rows;
}

/** No two rows may be of the same thing and day. */
async function saveRows(client: Queryable, rows: readonly ImportedStorage[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO storage_stats (instance_id, collected_date, collected_at, scope, name, allocated_bytes, used_bytes,
       limit_bytes, free_bytes)
     SELECT *
     FROM unnest($1::int[], $2::date[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
       $9::bigint[])
     ON CONFLICT (instance_id, scope, name, collected_date) DO UPDATE SET collected_at = excluded.collected_at,
       allocated_bytes = excluded.allocated_bytes, used_bytes = excluded.used_bytes, limit_bytes = excluded.limit_bytes,
       free_bytes = excluded.free_bytes
     WHERE excluded.collected_at >= storage_stats.collected_at`,
    [
      rows.map((row) => row.instanceId),
      rows.map((row) => row.collectedDate),
      rows.map((row) => row.collectedAt),
      rows.map((row) => row.scope),
      rows.map((row) => row.name),
      rows.map((row) => row.allocatedBytes),
      rows.map((row) => row.usedBytes),
      rows.map((row) => row.limitBytes),
      rows.map((row) => row.freeBytes),
    ],
  );
}
