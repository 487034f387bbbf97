import type { StorageMeasurement } from '../engines/engine.ts';
import type { MeasuredInstance } from './measurements.ts';
import type { Queryable } from './pool.ts';

/** Writes the logs, tablespaces and volumes of one instance, in one statement; a second run on the same day updates them. */
export async function saveStorage(
  client: Queryable,
  measured: Pick<MeasuredInstance, 'instanceId' | 'collectedDate' | 'collectedAt'>,
  storage: readonly StorageMeasurement[],
): Promise<void> {
  if (storage.length === 0) return;
  await client.query(
    `INSERT INTO storage_stats (instance_id, collected_date, collected_at, scope, name, allocated_bytes, used_bytes,
       limit_bytes, free_bytes)
     SELECT $1::int, $2::date, $3::timestamptz, scope, name, allocated_bytes, used_bytes, limit_bytes, free_bytes
     FROM unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
       AS row (scope, name, allocated_bytes, used_bytes, limit_bytes, free_bytes)
     ON CONFLICT (instance_id, scope, name, collected_date) DO UPDATE SET collected_at = excluded.collected_at,
       allocated_bytes = excluded.allocated_bytes, used_bytes = excluded.used_bytes, limit_bytes = excluded.limit_bytes,
       free_bytes = excluded.free_bytes`,
    [
      measured.instanceId,
      measured.collectedDate,
      measured.collectedAt,
      storage.map((row) => row.scope),
      storage.map((row) => row.name),
      storage.map((row) => row.allocatedBytes),
      storage.map((row) => row.usedBytes),
      storage.map((row) => row.limitBytes),
      storage.map((row) => row.freeBytes),
    ],
  );
}
