import type pg from 'pg';
import { readDatabaseGrowth } from './database-growth.ts';
import type { Growth, GrowthGroup, GrowthQuery } from './growth-query.ts';
import { addDays } from './periods.ts';
import { allowSorting, inTransaction } from './pool.ts';

export type { Growth, GrowthQuery } from './growth-query.ts';

/** A day without a measurement of an instance is replaced by its last one before, at most so many days earlier. */
const patience = 6;

const groups: Readonly<Record<Exclude<GrowthGroup, 'database'>, string>> = {
  instance: 'i.name',
  owner: 'i.owner',
  label: 'i.labels ->> $6',
  engine: 'i.engine',
  fleet: 'NULL::text',
};

/**
 * Growth between a day in the past and the latest state, of active instances: two points, however long the way between.
 *
 * The past is the history of that day; of instances that were not measured then, of their last day in the week before; and,
 * where the retention has removed those days, the last size in the ISO week before.
 */
export async function readGrowth(pool: pg.Pool, query: GrowthQuery): Promise<{ growth: Growth[]; total: number }> {
  const { groupBy } = query;
  if (groupBy === 'database') return readDatabaseGrowth(pool, query);
  const sum = (value: string, condition: string) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)::bigint`;
  const count = (condition: string) => `count(*) FILTER (WHERE ${condition})::int`;
  const text = `WITH ${baseline},
     compared AS (
       SELECT ${groups[groupBy]} AS key0, ${groupBy === 'instance' ? 'i.id' : 'NULL::int'} AS key1,
         l.gone_since IS NULL AS is_there, l.size_bytes, b.size_bytes AS previous_bytes,
         b.size_bytes IS NULL AND l.first_seen_date > $1 AND EXISTS (
           SELECT FROM database_latest AS w WHERE w.instance_id = l.instance_id AND w.first_seen_date <= $1
         ) AS is_new
       FROM database_latest AS l
       JOIN instances AS i ON i.id = l.instance_id AND i.is_active
       LEFT JOIN baseline AS b ON b.instance_id = l.instance_id AND b.database_name = l.database_name
       WHERE (l.gone_since IS NULL OR b.size_bytes IS NOT NULL)
         AND ($4::int IS NULL OR l.instance_id = $4) AND ($5::text IS NULL OR l.database_name = $5)
         AND ($6::text IS NULL OR $6 IS NOT NULL) AND ($9::text IS NULL OR i.owner = $9)
     ),
     summed AS (
       SELECT key0, key1, ${sum('size_bytes', 'is_there')} AS size_bytes, sum(previous_bytes)::bigint AS previous_bytes,
         ${sum('size_bytes', 'is_there AND (previous_bytes IS NOT NULL OR is_new)')} AS comparable_bytes,
         ${count('is_there')} AS database_count,
         ${sum('size_bytes', 'is_there AND is_new')} AS new_bytes, ${count('is_there AND is_new')} AS new_count,
         ${sum('previous_bytes', 'NOT is_there')} AS vanished_bytes, ${count('NOT is_there')} AS vanished_count,
         ${sum('size_bytes', 'is_there AND previous_bytes IS NULL AND NOT is_new')} AS incomparable_bytes
       FROM compared
       GROUP BY key0, key1
     ),
     rated AS (
       SELECT *, CASE WHEN previous_bytes IS NOT NULL OR new_count > 0 THEN comparable_bytes - coalesce(previous_bytes, 0) END
           AS change_bytes,
         CASE WHEN previous_bytes > 0
           THEN (comparable_bytes - previous_bytes) * 100::double precision / previous_bytes END AS growth_rate
       FROM summed
     )
     SELECT key0 AS "group", key1 AS "instanceId", CASE WHEN key1 IS NOT NULL THEN key0 END AS "instanceName",
       NULL AS "databaseName", size_bytes AS "sizeBytes", previous_bytes AS "previousSizeBytes",
       change_bytes AS "changeBytes", growth_rate AS "growthRate", database_count AS "databaseCount",
       new_bytes AS "newBytes", new_count AS "newCount", vanished_bytes AS "vanishedBytes",
       vanished_count AS "vanishedCount", incomparable_bytes AS "incomparableBytes", count(*) OVER () AS total
     FROM rated
     ORDER BY ${orders[query.order]}, key0, key1
     LIMIT $7 OFFSET $8`;
  const parameters = [
    addDays(query.today, -query.days),
    addDays(query.today, -query.days - patience),
    addDays(query.today, -query.days - 1),
    query.instanceId,
    query.databaseName,
    query.labelKey,
    query.limit,
    query.offset,
    query.visibleTo ?? null,
  ];
  return inTransaction(pool, async (client) => {
    await allowSorting(client);
    const { rows } = await client.query<Growth & { total: number }>(text, parameters);
    return { growth: rows, total: rows[0]?.total ?? 0 };
  });
}

const orders = {
  growth: 'change_bytes DESC NULLS LAST',
  shrink: 'change_bytes ASC NULLS LAST',
  rate: 'growth_rate DESC NULLS LAST',
} as const;

/**
 * Sizes on day $1, and of instances without that day on their last one from $2 to $3.
 */
const baseline = `
     history_floor AS (
       SELECT coalesce(max(to_date), '-infinity') AS day FROM dropped_partitions WHERE table_name = 'database_size_stats'
     ),
     earlier_days AS (
       SELECT instance_id, max(collected_date) AS day
       FROM instance_daily_totals
       WHERE collected_date BETWEEN $2 AND $1 AND ($4::int IS NULL OR instance_id = $4)
       GROUP BY instance_id
       HAVING max(collected_date) < $1
     ),
     baseline AS (
       SELECT instance_id, database_name, size_bytes
       FROM database_size_stats
       WHERE collected_date = $1 AND ($4::int IS NULL OR instance_id = $4)
       UNION ALL
       SELECT s.instance_id, s.database_name, s.size_bytes
       FROM earlier_days AS e
       JOIN database_size_stats AS s ON s.instance_id = e.instance_id AND s.collected_date = e.day
       WHERE s.collected_date BETWEEN $2 AND $3
       UNION ALL
       SELECT a.instance_id, a.database_name, a.last_size_bytes
       FROM instances AS i
       JOIN database_size_aggregations AS a ON a.instance_id = i.id
       WHERE a.period_type = 'weekly' AND a.period_start = date_trunc('week', $1::date::timestamp)::date - 7
         AND a.vanished_date IS NULL AND $1 < (SELECT day FROM history_floor) AND ($4::int IS NULL OR i.id = $4)
     )`;
