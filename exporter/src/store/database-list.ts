import type pg from 'pg';
import type { Method } from '../engines/engine.ts';
import { fleetCondition, Parameters, searchCondition, selectInstances, type FleetFilter } from './fleet-filter.ts';
import { emptyLine, readDatabaseLines, type DayRange, type Line } from './lines.ts';
import { pastSizes, readPastDay } from './past-sizes.ts';
import { addDays } from './periods.ts';
import { allowSorting, inTransaction, type Queryable } from './pool.ts';

/** What a database can be sorted by. */
export type DatabaseOrder = 'name' | 'instance' | 'size' | 'data' | 'log' | 'change' | 'rate';

/** Which databases are listed, and what is said of them. */
export interface DatabaseListQuery {
  readonly fleet: FleetFilter;
  /** Of instances that are not active too. */
  readonly includeInactive: boolean;
  /** Those that the server no longer lists too. */
  readonly includeGone: boolean;
  /** Part of the name, in upper or lower case. */
  readonly search?: string | undefined;
  readonly growth: { readonly today: string; readonly days: number };
  /** The days of the sparkline; null: none. */
  readonly sparkline: DayRange | null;
  readonly order: DatabaseOrder;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** The last measurement of a database, and how it got there. */
export interface ListedDatabase {
  readonly instanceId: number;
  readonly instanceName: string;
  readonly engine: string;
  readonly owner: string | null;
  readonly databaseName: string;
  readonly sizeBytes: number;
  readonly dataBytes: number | null;
  readonly logBytes: number | null;
  readonly indexBytes: number | null;
  readonly tempBytes: number | null;
  readonly usedBytes: number | null;
  readonly limitBytes: number | null;
  readonly method: Method;
  readonly collectedAt: Date;
  readonly firstSeenDate: string;
  /** The first day on which the server no longer listed it; null while it is there. */
  readonly goneSince: string | null;
  /** Of the total of its instance, 0 to 1; null when it is gone, or all are empty. */
  readonly share: number | null;
  /** As `Growth` has them. */
  readonly changeBytes: number | null;
  readonly growthRate: number | null;
  readonly sparkline: Line | null;
}

const orders: Readonly<Record<DatabaseOrder, string>> = {
  name: 'database_name',
  instance: 'instance_name',
  size: 'size_bytes',
  data: 'data_bytes',
  log: 'log_bytes',
  change: 'change_bytes',
  rate: 'growth_rate',
};

/** The latest state of databases, a page at a time; what is not known comes last. */
export async function listDatabases(
  pool: pg.Pool,
  query: DatabaseListQuery,
): Promise<{ databases: ListedDatabase[]; total: number }> {
  const { fleet, growth, order, sparkline } = query;
  const day = addDays(growth.today, -growth.days);
  const isByGrowth = order === 'change' || order === 'rate';
  return inTransaction(pool, async (client) => {
    await allowSorting(client);
    // The history is asked for the databases of the page only, unless their growth decides what is on it.
    const selected = isByGrowth ? await selectInstances(client, fleet) : [];
    const page = await readPage(client, query, day, selected);
    const total = await countDatabases(client, query);
    const growths = isByGrowth ? null : await readChanges(client, day, page);
    const lines = sparkline === null ? null : await readDatabaseLines(client, page, sparkline);
    const databases = page.map((row, index) => ({
      ...row,
      ...growths?.[index],
      sparkline: lines === null ? null : (lines[index] ?? emptyLine),
    }));
    return { databases, total };
  });
}

type PageRow = Omit<ListedDatabase, 'sparkline'>;

/** $1 is the day. With its last measurement before the day that is compared with, a database has not changed; it has not been measured. */
const change = `
  CASE
    WHEN l.gone_since IS NOT NULL OR l.collected_date <= $1 THEN NULL
    WHEN b.size_bytes IS NOT NULL THEN l.size_bytes - b.size_bytes
    WHEN l.first_seen_date > $1 AND EXISTS (
      SELECT FROM database_latest AS w WHERE w.instance_id = l.instance_id AND w.first_seen_date <= $1
    ) THEN l.size_bytes
  END`;
const rate = `
  CASE WHEN l.gone_since IS NULL AND l.collected_date > $1 AND b.size_bytes > 0
    THEN (l.size_bytes - b.size_bytes) * 100::double precision / b.size_bytes END`;

/** @param instanceIds whose growth is read; null: of all */
async function readPage(
  client: Queryable,
  query: DatabaseListQuery,
  day: string,
  instanceIds: readonly number[] | null,
): Promise<PageRow[]> {
  const past = await readPastDay(client, day, instanceIds);
  const parameters = new Parameters([day]);
  const pastText = pastSizes(past, instanceIds, parameters);
  const condition = conditionOf(query, parameters);
  const direction = query.descending ? 'DESC' : 'ASC';
  const { rows } = await client.query<PageRow>(
    `WITH baseline AS (${pastText}
     ),
     listed AS (
       SELECT l.*, i.name AS instance_name, i.engine, i.owner, ${change} AS change_bytes, ${rate} AS growth_rate
       FROM database_latest AS l
       JOIN instances AS i ON i.id = l.instance_id
       LEFT JOIN baseline AS b ON b.instance_id = l.instance_id AND b.database_name = l.database_name
       WHERE ${condition}
       ORDER BY ${orders[query.order]} ${direction} NULLS LAST, instance_name, database_name
       LIMIT ${parameters.add(query.limit)} OFFSET ${parameters.add(query.offset)}
     )
     SELECT listed.instance_id AS "instanceId", instance_name AS "instanceName", engine, owner,
       database_name AS "databaseName", size_bytes AS "sizeBytes", data_bytes AS "dataBytes", log_bytes AS "logBytes",
       index_bytes AS "indexBytes", temp_bytes AS "tempBytes", used_bytes AS "usedBytes", limit_bytes AS "limitBytes",
       method, collected_at AS "collectedAt", first_seen_date AS "firstSeenDate", gone_since AS "goneSince",
       CASE WHEN gone_since IS NULL THEN size_bytes::double precision / nullif(totals.size, 0) END AS share,
       change_bytes AS "changeBytes", growth_rate AS "growthRate"
     FROM listed
     LEFT JOIN (
       SELECT instance_id, sum(size_bytes)::double precision AS size
       FROM database_latest
       WHERE gone_since IS NULL AND instance_id IN (SELECT instance_id FROM listed)
       GROUP BY instance_id
     ) AS totals ON totals.instance_id = listed.instance_id
     ORDER BY ${orders[query.order]} ${direction} NULLS LAST, instance_name, database_name`,
    parameters.values,
  );
  return rows;
}

function conditionOf(query: DatabaseListQuery, parameters: Parameters): string {
  return [
    fleetCondition(query.fleet, parameters),
    searchCondition('l.database_name', query.search, parameters),
    query.includeInactive ? 'true' : 'i.is_active',
    query.includeGone ? 'true' : 'l.gone_since IS NULL',
  ].join(' AND ');
}

async function countDatabases(client: Queryable, query: DatabaseListQuery): Promise<number> {
  const parameters = new Parameters();
  const { rows } = await client.query<{ total: number }>(
    `SELECT count(*) AS total
     FROM database_latest AS l
     JOIN instances AS i ON i.id = l.instance_id
     WHERE ${conditionOf(query, parameters)}`,
    parameters.values,
  );
  return rows[0]?.total ?? 0;
}

/** The growth of the databases of a page, in their order. */
async function readChanges(
  client: Queryable,
  day: string,
  page: readonly PageRow[],
): Promise<Pick<ListedDatabase, 'changeBytes' | 'growthRate'>[]> {
  const instances = [...new Set(page.map((row) => row.instanceId))];
  const past = await readPastDay(client, day, instances);
  const parameters = new Parameters([day, page.map((row) => row.instanceId), page.map((row) => row.databaseName)]);
  const { rows } = await client.query<Pick<ListedDatabase, 'changeBytes' | 'growthRate'>>(
    `WITH baseline AS (${pastSizes(past, instances, parameters)}
     )
     SELECT ${change} AS "changeBytes", ${rate} AS "growthRate"
     FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS wanted (instance_id, database_name, position)
     JOIN database_latest AS l ON l.instance_id = wanted.instance_id AND l.database_name = wanted.database_name
     LEFT JOIN baseline AS b ON b.instance_id = l.instance_id AND b.database_name = l.database_name
     ORDER BY wanted.position`,
    parameters.values,
  );
  return rows;
}
