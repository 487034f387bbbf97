import type { Parameters } from './fleet-filter.ts';
import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';

/** A day in the past, and what stands in for it where nothing was measured on it. */
export interface PastDay {
  /** YYYY-MM-DD. */
  readonly day: string;
  /** Instances without a measurement on the day, and their last day in the week before. */
  readonly gaps: readonly { readonly instanceId: number; readonly day: string }[];
  /** The retention has removed the day: there are statistics only. */
  readonly isRemoved: boolean;
  /** There is no instance to leave out. */
  readonly allActive: boolean;
}

/** A day without a measurement of an instance is replaced by its last one before, at most so many days earlier. */
const patience = 6;

/** @param instanceIds null for all */
export async function readPastDay(
  client: Queryable,
  day: string,
  instanceIds: readonly number[] | null,
): Promise<PastDay> {
  const { rows } = await client.query<
    Pick<PastDay, 'isRemoved' | 'allActive'> & { instanceId: number | null; day: string | null }
  >(
    `WITH removed AS (
       SELECT EXISTS (
         SELECT FROM dropped_partitions WHERE table_name = 'database_size_stats' AND to_date > $1
       ) AS is_removed, NOT EXISTS (SELECT FROM instances WHERE NOT is_active) AS all_active
     ),
     -- First which, then since when: the other way round every instance is looked up.
     missing AS MATERIALIZED (
       SELECT i.id
       FROM instances AS i
       WHERE ($3::int[] IS NULL OR i.id = ANY ($3))
         AND NOT EXISTS (
           SELECT FROM instance_daily_totals AS t WHERE t.instance_id = i.id AND t.collected_date = $1
         )
     ),
     gaps AS (
       SELECT m.id, (
           SELECT max(t.collected_date)
           FROM instance_daily_totals AS t
           WHERE t.instance_id = m.id AND t.collected_date BETWEEN $2 AND $1
         ) AS day
       FROM missing AS m
     )
     SELECT r.is_removed AS "isRemoved", r.all_active AS "allActive", g.id AS "instanceId", g.day
     FROM removed AS r
     LEFT JOIN gaps AS g ON g.day IS NOT NULL AND NOT r.is_removed
     ORDER BY g.id`,
    [day, addDays(day, -patience), instanceIds],
  );
  const gaps = rows.flatMap((row) =>
    row.instanceId === null || row.day === null ? [] : [{ instanceId: row.instanceId, day: row.day }],
  );
  return { day, gaps, isRemoved: rows[0]?.isRemoved === true, allActive: rows[0]?.allActive === true };
}

/**
 * A query for instance_id, database_name and size_bytes of that day, with only the parts that this day needs: what is not in
 * the text the planner need not plan for.
 * @param instanceIds those that the day was read for
 */
export function pastSizes(past: PastDay, instanceIds: readonly number[] | null, parameters: Parameters): string {
  const only = instanceIds === null ? '' : `AND instance_id = ANY (${parameters.add(instanceIds)}::int[])`;
  if (past.isRemoved) {
    return `
      SELECT instance_id, database_name, last_size_bytes AS size_bytes
      FROM database_size_aggregations
      WHERE period_type = 'weekly' AND vanished_date IS NULL
        AND period_start = date_trunc('week', ${parameters.add(past.day)}::date::timestamp)::date - 7
        AND instance_id IN (SELECT id FROM instances) ${only}`;
  }
  const onTheDay = `
      SELECT instance_id, database_name, size_bytes
      FROM database_size_stats
      WHERE collected_date = ${parameters.add(past.day)} ${only}`;
  if (past.gaps.length === 0) return onTheDay;
  const ids = parameters.add(past.gaps.map((gap) => gap.instanceId));
  const days = parameters.add(past.gaps.map((gap) => gap.day));
  const [from, to] = [parameters.add(addDays(past.day, -patience)), parameters.add(past.day)];
  return `${onTheDay}
      UNION ALL
      SELECT s.instance_id, s.database_name, s.size_bytes
      FROM unnest(${ids}::int[], ${days}::date[]) AS gap (instance_id, day)
      JOIN database_size_stats AS s ON s.instance_id = gap.instance_id AND s.collected_date = gap.day
      WHERE s.collected_date >= ${from} AND s.collected_date < ${to}`;
}
