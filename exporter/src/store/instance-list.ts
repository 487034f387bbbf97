import type pg from 'pg';
import { fleetCondition, Parameters, searchCondition, type FleetFilter } from './fleet-filter.ts';
import { readGrowth } from './growth.ts';
import { fromRow, instanceColumns, type Instance, type InstanceRow } from './instances.ts';
import { emptyLine, readInstanceLines, type DayRange, type Line } from './lines.ts';
import type { Queryable } from './pool.ts';
import type { RecordStatus } from './records.ts';

/** What an instance can be sorted by. */
export type InstanceOrder = 'name' | 'engine' | 'owner' | 'size' | 'change' | 'rate' | 'databases' | 'last collection';

/** Which instances are listed, and what is said of them. */
export interface InstanceQuery {
  readonly fleet: FleetFilter;
  /** Part of the name, in upper or lower case. */
  readonly search?: string | undefined;
  readonly active?: boolean | undefined;
  /** How the last collection ended, or where it is; `never`: there was none. */
  readonly status?: RecordStatus | 'never' | undefined;
  /** Null: growth is not asked for. */
  readonly growth?: { readonly today: string; readonly days: number } | null;
  /** The days of the sparkline; null: none. */
  readonly sparkline?: DayRange | null;
  readonly order?: InstanceOrder;
  readonly descending?: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** An instance with what the list shows of it. */
export interface InstanceSummary extends Instance {
  /** Null where the login comes with the source. */
  readonly credentialId: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Of the databases that are there; null before the first measurement. */
  readonly totalSizeBytes: number | null;
  readonly databaseCount: number;
  readonly lastCollection: {
    readonly sessionId: number;
    readonly status: RecordStatus;
    readonly finishedAt: Date | null;
    readonly errorCode: string | null;
    readonly errorMessage: string | null;
  } | null;
  /** What measuring it took when that last went well. */
  readonly measureMilliseconds: number | null;
  /** Null where it was not asked for, and of an instance that is not active. */
  readonly growth: InstanceGrowth | null;
  readonly sparkline: Line | null;
}

interface InstanceGrowth {
  readonly days: number;
  readonly changeBytes: number | null;
  readonly growthRate: number | null;
}

const orders: Readonly<Record<InstanceOrder, string>> = {
  name: 'i.name',
  engine: 'i.engine',
  owner: 'i.owner',
  size: 'latest.total',
  change: 'g.change',
  rate: 'g.rate',
  databases: 'latest.databases',
  'last collection': 'last.finished_at',
};

/** Instances, a page at a time; what is not known comes last, and what is equal by name. */
export async function listInstances(
  pool: pg.Pool,
  query: InstanceQuery,
): Promise<{ instances: InstanceSummary[]; total: number }> {
  const { order = 'name', growth = null, sparkline = null, fleet } = query;
  const isByGrowth = order === 'change' || order === 'rate';
  // Only an order by growth needs that of instances on other pages.
  const ranking = isByGrowth && growth !== null ? await readInstanceGrowth(pool, growth, fleet) : noGrowth;
  const parameters = new Parameters();
  const source = sourceOf(query, ranking, parameters);
  const { rows } = await pool.query<ListRow>(
    `SELECT ${instanceColumns}, i.credential_id AS "credentialId", i.created_at AS "createdAt", i.updated_at AS "updatedAt",
       latest.total AS "totalSizeBytes", latest.databases AS "databaseCount",
       last.collection AS "lastCollection", cost.measure_milliseconds AS "measureMilliseconds"
     ${source}
     ORDER BY ${orders[order]} ${query.descending === true ? 'DESC' : 'ASC'} NULLS LAST, i.name
     LIMIT ${parameters.add(query.limit)} OFFSET ${parameters.add(query.offset)}`,
    parameters.values,
  );
  const ids = rows.map((row) => row.id);
  const shown = { ...fleet, instanceIds: ids };
  const growths = growth === null || isByGrowth ? ranking : await readInstanceGrowth(pool, growth, shown);
  const lines = sparkline === null ? null : await readInstanceLines(pool, ids, sparkline);
  return {
    instances: rows.map((row) => ({
      ...fromRow(row),
      lastCollection: withMoments(row.lastCollection),
      growth: growths.get(row.id) ?? null,
      sparkline: lines === null ? null : (lines.get(row.id) ?? emptyLine),
    })),
    total: await countInstances(pool, query),
  };
}

type LastCollection = InstanceSummary['lastCollection'];

type ListRow = InstanceRow & Omit<InstanceSummary, keyof Instance | 'growth' | 'sparkline'>;

/** JSON has no moments. */
function withMoments(last: LastCollection): LastCollection {
  return last?.finishedAt == null ? last : { ...last, finishedAt: new Date(last.finishedAt) };
}

/** One instance as the list shows it. */
export async function findInstanceSummary(
  pool: pg.Pool,
  id: number,
  query: Pick<InstanceQuery, 'growth' | 'sparkline'> & { readonly visibleTo: string | null },
): Promise<InstanceSummary | null> {
  const { visibleTo, ...rest } = query;
  const { instances } = await listInstances(pool, {
    ...rest,
    fleet: { visibleTo, instanceIds: [id] },
    limit: 1,
    offset: 0,
  });
  return instances[0] ?? null;
}

const noGrowth: ReadonlyMap<number, InstanceGrowth> = new Map();

/** By id: the same numbers as the growth of the fleet has for its instances. */
async function readInstanceGrowth(
  pool: pg.Pool,
  { today, days }: { readonly today: string; readonly days: number },
  fleet: FleetFilter,
): Promise<ReadonlyMap<number, InstanceGrowth>> {
  const { growth } = await readGrowth(pool, {
    ...{ today, days, fleet, groupBy: 'instance', labelKey: null, databaseName: null },
    ...{ order: 'growth', limit: 2_147_483_647, offset: 0 },
  });
  return new Map(
    growth.flatMap(({ instanceId, changeBytes, growthRate }) =>
      instanceId === null ? [] : [[instanceId, { days, changeBytes, growthRate }] as const],
    ),
  );
}

async function countInstances(client: Queryable, query: InstanceQuery): Promise<number> {
  const parameters = new Parameters();
  const { rows } = await client.query<{ total: number }>(
    `SELECT count(*) AS total FROM instances AS i ${query.status === undefined ? '' : lastRecord}
     WHERE ${conditionOf(query, parameters)}`,
    parameters.values,
  );
  return rows[0]?.total ?? 0;
}

function conditionOf(query: InstanceQuery, parameters: Parameters): string {
  const conditions = [fleetCondition(query.fleet, parameters), searchCondition('i.name', query.search, parameters)];
  if (query.active !== undefined) conditions.push(`i.is_active = ${parameters.add(query.active)}`);
  if (query.status !== undefined) {
    conditions.push(`coalesce(last.status, 'never') = ${parameters.add(query.status)}`);
  }
  return conditions.join(' AND ');
}

const lastRecord = `
  LEFT JOIN LATERAL (
    SELECT status, finished_at, jsonb_build_object('sessionId', session_id, 'status', status, 'finishedAt', finished_at,
      'errorCode', error_code, 'errorMessage', error_message) AS collection
    FROM collection_records
    WHERE instance_id = i.id
    ORDER BY session_id DESC
    LIMIT 1
  ) AS last ON true`;

function sourceOf(query: InstanceQuery, growths: ReadonlyMap<number, InstanceGrowth>, parameters: Parameters): string {
  const ranked = [...growths];
  const growth =
    ranked.length === 0
      ? 'LEFT JOIN (SELECT NULL::int AS id, NULL::bigint AS change, NULL::float8 AS rate) AS g ON false'
      : `LEFT JOIN unnest(
           ${parameters.add(ranked.map(([id]) => id))}::int[],
           ${parameters.add(ranked.map(([, { changeBytes }]) => changeBytes))}::bigint[],
           ${parameters.add(ranked.map(([, { growthRate }]) => growthRate))}::float8[]
         ) AS g (id, change, rate) ON g.id = i.id`;
  return `
    FROM instances AS i
    LEFT JOIN credentials AS c ON c.id = i.credential_id
    ${growth}
    CROSS JOIN LATERAL (
      SELECT sum(size_bytes)::bigint AS total, count(*) AS databases
      FROM database_latest
      WHERE instance_id = i.id AND gone_since IS NULL
    ) AS latest
    ${lastRecord}
    LEFT JOIN LATERAL (
      SELECT measure_milliseconds
      FROM collection_records
      WHERE instance_id = i.id AND measure_milliseconds IS NOT NULL
      ORDER BY session_id DESC
      LIMIT 1
    ) AS cost ON true
    WHERE ${conditionOf(query, parameters)}`;
}
