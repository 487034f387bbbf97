import type pg from 'pg';
import { Parameters, selectInstances } from './fleet-filter.ts';
import type { Growth, GrowthQuery } from './growth-query.ts';
import { pastSizes, readPastDay, type PastDay } from './past-sizes.ts';
import { addDays } from './periods.ts';
import { inTransaction } from './pool.ts';

interface Row {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly databaseName: string;
  readonly isThere: boolean;
  readonly sizeBytes: number;
  readonly previousSizeBytes: number | null;
  readonly changeBytes: number | null;
  readonly growthRate: number | null;
}

/**
 * The growth of single databases: those of a page, the largest first. Only what the order needs is computed for all of them;
 * how many there are is counted at the same time, on a second connection.
 */
export async function readDatabaseGrowth(
  pool: pg.Pool,
  query: GrowthQuery,
): Promise<{ growth: Growth[]; total: number }> {
  const instanceIds = await selectInstances(pool, query.fleet);
  const past = await readPastDay(pool, addDays(query.today, -query.days), instanceIds);
  const [growth, total] = await Promise.all([
    readPage(pool, query, past, instanceIds),
    countCompared(pool, query, past, instanceIds),
  ]);
  return { growth, total };
}

async function readPage(
  pool: pg.Pool,
  query: GrowthQuery,
  past: PastDay,
  instanceIds: readonly number[] | null,
): Promise<Growth[]> {
  const parameters = new Parameters([past.day, query.limit, query.offset]);
  const pastText = pastSizes(past, instanceIds, parameters);
  const condition = conditionOf(query, past, instanceIds, parameters);
  const order = orders[query.order];
  const text = `
    WITH past AS (${pastText}
    ),
    compared AS (
      SELECT l.instance_id, l.database_name, l.gone_since IS NULL AS is_there, l.size_bytes, p.size_bytes AS previous_bytes,
        CASE
          WHEN l.gone_since IS NOT NULL THEN -p.size_bytes
          WHEN p.size_bytes IS NOT NULL THEN l.size_bytes - p.size_bytes
          -- New, on an instance that was watched before; of others nothing can be said.
          WHEN l.first_seen_date > $1 AND l.instance_id IN (
            SELECT instance_id FROM database_latest WHERE first_seen_date <= $1
          ) THEN l.size_bytes
        END AS change_bytes
      FROM database_latest AS l
      LEFT JOIN past AS p ON p.instance_id = l.instance_id AND p.database_name = l.database_name
      WHERE (l.gone_since IS NULL OR p.size_bytes IS NOT NULL) AND ${condition}
    ),
    page AS (
      SELECT *
      FROM compared
      ORDER BY ${order}, instance_id, database_name
      LIMIT $2 OFFSET $3
    )
    SELECT page.instance_id AS "instanceId", i.name AS "instanceName", page.database_name AS "databaseName",
      page.is_there AS "isThere", page.size_bytes AS "sizeBytes", page.previous_bytes AS "previousSizeBytes",
      page.change_bytes AS "changeBytes", ${rate} AS "growthRate"
    FROM page
    JOIN instances AS i ON i.id = page.instance_id
    ORDER BY ${order}, page.instance_id, page.database_name`;
  const rows = await inTransaction(pool, async (client) => {
    // With the server's defaults the latest states of 50 000 databases are just too few to be read by several processes; two
    // are enough for them: a third costs more than it brings.
    await client.query(
      "SET LOCAL work_mem = '64MB'; SET LOCAL min_parallel_table_scan_size = '1MB'; SET LOCAL max_parallel_workers_per_gather = 1",
    );
    return (await client.query<Row>(text, parameters.values)).rows;
  });
  return rows.map(describe);
}

const rate = 'CASE WHEN previous_bytes > 0 THEN change_bytes * 100::double precision / previous_bytes END';

const orders = {
  growth: 'change_bytes DESC NULLS LAST',
  shrink: 'change_bytes ASC NULLS LAST',
  rate: `${rate} DESC NULLS LAST`,
} as const;

/** Which databases are asked for, as a condition on `database_latest AS l`. */
function conditionOf(
  query: GrowthQuery,
  { allActive }: PastDay,
  instanceIds: readonly number[] | null,
  parameters: Parameters,
): string {
  const conditions = ['true'];
  if (!allActive) conditions.push('l.instance_id IN (SELECT id FROM instances WHERE is_active)');
  if (instanceIds !== null) conditions.push(`l.instance_id = ANY (${parameters.add(instanceIds)}::int[])`);
  if (query.databaseName !== null) conditions.push(`l.database_name = ${parameters.add(query.databaseName)}`);
  return conditions.join(' AND ');
}

/** Further back than this a size never stands in for a day: the end of the ISO week before. */
const longestSubstitution = 14;

/** All but those that are gone and had no size then: these are few, and an index knows them. */
async function countCompared(
  pool: pg.Pool,
  query: GrowthQuery,
  past: PastDay,
  instanceIds: readonly number[] | null,
): Promise<number> {
  const parameters = new Parameters([addDays(past.day, -longestSubstitution)]);
  const pastText = pastSizes(past, instanceIds, parameters);
  const condition = conditionOf(query, past, instanceIds, parameters);
  const { rows } = await pool.query<{ total: number }>(
    `SELECT count(*) - (
       SELECT count(*)
       FROM database_latest AS l
       WHERE ${condition} AND l.gone_since IS NOT NULL AND NOT (
         l.collected_date >= $1 AND EXISTS (
           SELECT FROM (${pastText}) AS p WHERE p.instance_id = l.instance_id AND p.database_name = l.database_name
         )
       )
     ) AS total
     FROM database_latest AS l
     WHERE ${condition}`,
    parameters.values,
  );
  return rows[0]?.total ?? 0;
}

function describe({ isThere, sizeBytes, previousSizeBytes, changeBytes, ...row }: Row): Growth {
  const isNew = isThere && previousSizeBytes === null && changeBytes !== null;
  const isIncomparable = isThere && changeBytes === null;
  return {
    group: null,
    ...row,
    sizeBytes: isThere ? sizeBytes : 0,
    previousSizeBytes,
    changeBytes,
    databaseCount: isThere ? 1 : 0,
    newBytes: isNew ? sizeBytes : 0,
    newCount: isNew ? 1 : 0,
    vanishedBytes: isThere ? 0 : (previousSizeBytes ?? 0),
    vanishedCount: isThere ? 0 : 1,
    incomparableBytes: isIncomparable ? sizeBytes : 0,
  };
}
