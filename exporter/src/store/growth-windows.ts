import { addDays } from './periods.ts';
import type { Queryable } from './pool.ts';

/** How much a database that is there has grown since some days ago. */
export interface WindowGrowth {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly databaseName: string;
  /** In the order of the windows that were asked for; null where nothing was measured then. */
  readonly changeBytes: readonly (number | null)[];
}

/** A day without a measurement of an instance is replaced by its last one before, at most so many days earlier. */
const patience = 6;

/**
 * The change of every database that is there, on active instances, over several windows: the latest size less the size that
 * many days ago. One look at one day of the history per window, by the index on the day, whatever is between.
 * @param today the day in the configured time zone, YYYY-MM-DD
 * @param windows days; whole numbers
 * @param instanceIds null: of all active instances
 */
export async function readGrowthWindows(
  client: Queryable,
  today: string,
  windows: readonly number[],
  instanceIds: readonly number[] | null = null,
): Promise<WindowGrowth[]> {
  const days = windows.map((window) => addDays(today, -window));
  const name = (index: number) => `past${index}`;
  const ids = `$${windows.length + 1}::int[]`;
  const { rows } = await client.query<Omit<WindowGrowth, 'changeBytes'> & Record<string, number | null>>(
    `WITH history_floor AS (
       SELECT coalesce(max(to_date), '-infinity') AS day FROM dropped_partitions WHERE table_name = 'database_size_stats'
     ),
     ${days.map((_day, index) => pastSizes(name(index), `$${index + 1}`, ids)).join(',\n')}
     SELECT i.id AS "instanceId", i.name AS "instanceName", i.engine, l.database_name AS "databaseName",
       ${days.map((_day, index) => `l.size_bytes - ${name(index)}.size_bytes AS change${index}`).join(', ')}
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     ${days
       .map((_day, index) => {
         const past = name(index);
         return `LEFT JOIN ${past} ON ${past}.instance_id = l.instance_id AND ${past}.database_name = l.database_name`;
       })
       .join('\n')}
     WHERE l.gone_since IS NULL AND i.is_active AND (${ids} IS NULL OR l.instance_id = ANY (${ids}))
     ORDER BY i.name, l.database_name`,
    [...days, instanceIds],
  );
  return rows.map(({ instanceId, instanceName, engine, databaseName, ...changes }) => {
    const changeBytes = days.map((_day, index) => (changes as Record<string, number | null>)[`change${index}`] ?? null);
    return { instanceId, instanceName, engine, databaseName, changeBytes };
  });
}

/**
 * Sizes on a day; of instances that were not measured then, on their last day in the week before; and, where the retention has
 * removed those days, at the end of the ISO week before.
 */
function pastSizes(name: string, day: string, ids: string): string {
  const ofThem = `(${ids} IS NULL OR instance_id = ANY (${ids}))`;
  return `
     ${name}_days AS (
       SELECT instance_id, max(collected_date) AS day
       FROM instance_daily_totals
       WHERE collected_date BETWEEN ${day}::date - ${patience} AND ${day}::date AND ${ofThem}
       GROUP BY instance_id
       HAVING max(collected_date) < ${day}::date
     ),
     ${name} AS (
       SELECT instance_id, database_name, size_bytes
       FROM database_size_stats
       WHERE collected_date = ${day}::date AND ${ofThem}
       UNION ALL
       SELECT s.instance_id, s.database_name, s.size_bytes
       FROM ${name}_days AS e
       JOIN database_size_stats AS s ON s.instance_id = e.instance_id AND s.collected_date = e.day
       WHERE s.collected_date BETWEEN ${day}::date - ${patience} AND ${day}::date - 1
       UNION ALL
       SELECT a.instance_id, a.database_name, a.last_size_bytes
       FROM instances AS i
       JOIN database_size_aggregations AS a ON a.instance_id = i.id
       WHERE a.period_type = 'weekly' AND a.period_start = date_trunc('week', ${day}::date::timestamp)::date - 7
         AND (${ids} IS NULL OR i.id = ANY (${ids})) AND a.vanished_date IS NULL AND ${day}::date < (SELECT history_floor.day FROM history_floor)
     )`;
}
