import type { StorageMeasurement } from '../engines/engine.ts';
import type { MeasuredInstance } from './measurements.ts';
import type { Queryable } from './pool.ts';

/** The logs, tablespaces and volumes of one instance at one moment. */
export interface MeasuredStorage extends Pick<MeasuredInstance, 'instanceId' | 'collectedDate' | 'collectedAt'> {
  readonly storage: readonly StorageMeasurement[];
}

/** Writes the storage of some instances, each only once among them, in one statement; a second run on the same day updates it. */
export async function saveStorage(client: Queryable, measured: readonly MeasuredStorage[]): Promise<void> {
  const column = <T>(pick: (row: StorageMeasurement, instance: MeasuredStorage) => T): T[] =>
    measured.flatMap((instance) => instance.storage.map((row) => pick(row, instance)));
  if (measured.every((instance) => instance.storage.length === 0)) return;
  await client.query(
    `INSERT INTO storage_stats (instance_id, collected_date, collected_at, scope, name, allocated_bytes, used_bytes,
       limit_bytes, free_bytes)
     SELECT *
     FROM unnest(
       $1::int[], $2::date[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
       $9::bigint[]
     )
     ON CONFLICT (instance_id, scope, name, collected_date) DO UPDATE SET collected_at = excluded.collected_at,
       allocated_bytes = excluded.allocated_bytes, used_bytes = excluded.used_bytes, limit_bytes = excluded.limit_bytes,
       free_bytes = excluded.free_bytes`,
    [
      column((_, instance) => instance.instanceId),
      column((_, instance) => instance.collectedDate),
      column((_, instance) => instance.collectedAt),
      column((row) => row.scope),
      column((row) => row.name),
      column((row) => row.allocatedBytes),
      column((row) => row.usedBytes),
      column((row) => row.limitBytes),
      column((row) => row.freeBytes),
    ],
  );
}
