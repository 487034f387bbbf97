import type { StorageMeasurement } from '../engines/engine.ts';
import { lineOf, type DayRange } from './lines.ts';
import type { Queryable } from './pool.ts';

/** A log, a tablespace or a volume when it was last measured. */
export interface LatestStorage extends StorageMeasurement {
  readonly collectedAt: Date;
}

/**
 * What one instance kept besides its databases on the last day on which that kind of thing was measured: where volumes could not
 * be read tonight, those of the night before are told, and a tablespace that was dropped is not.
 */
export async function listStorage(client: Queryable, instanceId: number): Promise<LatestStorage[]> {
  const { rows } = await client.query<LatestStorage>(
    `WITH last AS (
       SELECT scope, max(collected_date) AS collected_date
       FROM storage_stats
       WHERE instance_id = $1
       GROUP BY scope
     )
     SELECT s.scope, s.name, s.collected_at AS "collectedAt", s.allocated_bytes AS "allocatedBytes",
       s.used_bytes AS "usedBytes", s.limit_bytes AS "limitBytes", s.free_bytes AS "freeBytes"
     FROM storage_stats AS s
     JOIN last AS l ON l.scope = s.scope AND l.collected_date = s.collected_date
     WHERE s.instance_id = $1
     ORDER BY s.scope, s.name`,
    [instanceId],
  );
  return rows;
}

export interface StorageHistoryQuery extends DayRange {
  readonly instanceId: number;
  readonly scope: StorageMeasurement['scope'];
  readonly name: string | null;
}

/** One log, tablespace or volume day by day: all lists have the length of `days`, and null is what was not known. */
export interface StorageHistory extends Pick<StorageMeasurement, 'scope' | 'name'> {
  /** YYYY-MM-DD, in the order of time: those that were measured. */
  readonly days: readonly string[];
  readonly allocatedBytes: readonly (number | null)[];
  readonly usedBytes: readonly (number | null)[];
  readonly limitBytes: readonly (number | null)[];
  readonly freeBytes: readonly (number | null)[];
}

/** In the order of names; what was not measured in that time is absent. */
export async function readStorageHistory(client: Queryable, query: StorageHistoryQuery): Promise<StorageHistory[]> {
  const { rows } = await client.query<Record<'name' | 'days' | 'allocated' | 'used' | 'limit' | 'free', string>>(
    `SELECT name, string_agg(collected_date::text, ',' ORDER BY collected_date) AS days,
       ${columnOf('allocated_bytes')} AS allocated, ${columnOf('used_bytes')} AS used,
       ${columnOf('limit_bytes')} AS "limit", ${columnOf('free_bytes')} AS free
     FROM storage_stats
     WHERE instance_id = $1 AND scope = $2 AND ($3::text IS NULL OR name = $3) AND collected_date BETWEEN $4 AND $5
     GROUP BY name
     ORDER BY name`,
    [query.instanceId, query.scope, query.name, query.startDate, query.endDate],
  );
  return rows.map(({ name, days, allocated, used, limit, free }) => {
    const valuesOf = (values: string) => lineOf({ days, values }).values;
    return {
      ...{ scope: query.scope, name, days: days.split(',') },
      ...{ allocatedBytes: valuesOf(allocated), usedBytes: valuesOf(used) },
      ...{ limitBytes: valuesOf(limit), freeBytes: valuesOf(free) },
    };
  });
}

/** Text is quicker to read than arrays; a value that is not known is empty. */
function columnOf(column: string): string {
  return `string_agg(coalesce(${column}::text, ''), ',' ORDER BY collected_date)`;
}
