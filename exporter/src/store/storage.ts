import type { StorageMeasurement } from '../engines/engine.ts';
import { roundsOf, type MeasuredInstance } from './measurements.ts';
import type { Queryable } from './pool.ts';

/** What one run found beside the databases of an instance. */
export interface MeasuredStorage extends Pick<MeasuredInstance, 'instanceId' | 'collectedDate' | 'collectedAt'> {
  readonly storage: readonly StorageMeasurement[];
}

/** Writes logs, tablespaces and volumes in one statement; a second run on the same day updates them. */
export async function saveStorage(client: Queryable, runs: readonly MeasuredStorage[]): Promise<void> {
  for (const round of roundsOf(runs)) await saveRound(client, round);
}

async function saveRound(client: Queryable, runs: readonly MeasuredStorage[]): Promise<void> {
  const rows = runs.flatMap(({ storage, ...run }) => storage.map((measured) => ({ ...run, ...measured })));
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
