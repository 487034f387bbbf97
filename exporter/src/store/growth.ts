import type pg from 'pg';
import { readDatabaseGrowth } from './database-growth.ts';
import { Parameters, selectInstances } from './fleet-filter.ts';
import type { Growth, GrowthGroup, GrowthQuery } from './growth-query.ts';
import { pastSizes, readPastDay } from './past-sizes.ts';
import { addDays } from './periods.ts';
import { allowSorting, inTransaction } from './pool.ts';

export type { Growth, GrowthQuery } from './growth-query.ts';

const groups: Readonly<Record<Exclude<GrowthGroup, 'database' | 'label'>, string>> = {
  instance: 'i.name',
  owner: 'i.owner',
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
  const instanceIds = await selectInstances(pool, query.fleet);
  const past = await readPastDay(pool, addDays(query.today, -query.days), instanceIds);
  const parameters = new Parameters([past.day]);
  const pastText = pastSizes(past, instanceIds, parameters);
  const conditions = ['(l.gone_since IS NULL OR b.size_bytes IS NOT NULL)'];
  if (instanceIds !== null) conditions.push(`l.instance_id = ANY (${parameters.add(instanceIds)}::int[])`);
  if (query.databaseName !== null) conditions.push(`l.database_name = ${parameters.add(query.databaseName)}`);
  const group = groupBy === 'label' ? `i.labels ->> ${parameters.add(query.labelKey)}::text` : groups[groupBy];
  const text = `WITH baseline AS (${pastText}
     ),
     compared AS (
       SELECT ${group} AS key0, ${groupBy === 'instance' ? 'i.id' : 'NULL::int'} AS key1,
         l.gone_since IS NULL AS is_there, l.size_bytes, b.size_bytes AS previous_bytes,
         b.size_bytes IS NULL AND l.first_seen_date > $1 AND EXISTS (
           SELECT FROM database_latest AS w WHERE w.instance_id = l.instance_id AND w.first_seen_date <= $1
         ) AS is_new
       FROM database_latest AS l
       JOIN instances AS i ON i.id = l.instance_id AND i.is_active
       LEFT JOIN baseline AS b ON b.instance_id = l.instance_id AND b.database_name = l.database_name
       WHERE ${conditions.join(' AND ')}
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
     LIMIT ${parameters.add(query.limit)} OFFSET ${parameters.add(query.offset)}`;
  return inTransaction(pool, async (client) => {
    await allowSorting(client);
    const { rows } = await client.query<Growth & { total: number }>(text, parameters.values);
    return { growth: rows, total: rows[0]?.total ?? 0 };
  });
}

const orders = {
  growth: 'change_bytes DESC NULLS LAST',
  shrink: 'change_bytes ASC NULLS LAST',
  rate: 'growth_rate DESC NULLS LAST',
} as const;
