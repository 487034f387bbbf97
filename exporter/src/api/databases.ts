import type pg from 'pg';
import { z } from 'zod';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import {
  listDatabases,
  type DatabaseListQuery,
  type DatabaseOrder,
  type ListedDatabase,
} from '../store/database-list.ts';
import { dayIn } from '../store/periods.ts';
import { database } from './databases.schemas.ts';
import { fleetOf, fleetParameters, search } from './fleet-parameters.ts';
import { requireInstance } from './known-instance.ts';
import { describeSparkline, listParameters, sparklineRange } from './list-parameters.ts';
import { idParameter, sortBy, truth } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { page, type AnswerOf } from './routing/response.ts';
import { oneDecimal } from './schemas.ts';

const databaseParameters = {
  search,
  include_gone: truth
    .default(false)
    .meta({ description: 'Those that the servers no longer list too, with their last size.' }),
  ...listParameters,
};

const orders = {
  database_name: 'name',
  instance_name: 'instance',
  size_bytes: 'size',
  data_bytes: 'data',
  log_bytes: 'log',
  change_bytes: 'change',
  growth_rate: 'rate',
} as const satisfies Record<string, DatabaseOrder>;

const sort = sortBy(Object.keys(orders) as (keyof typeof orders)[], '-size_bytes');

/** The latest sizes: `/databases`, `/instances/{id}/databases` */
export const databasesRoutes: readonly Route[] = [
  defineRoute('GET /databases', {
    tag: 'Fleet',
    summary: 'The latest size of every database of the fleet, the largest first',
    description: 'Of active instances.',
    query: z.strictObject({ ...fleetParameters, ...databaseParameters, sort }),
    response: page(database),
    example: { query: { engine: 'postgresql', sort: '-change_bytes' } },
    handler: async ({ query, page: pageOf, visibleTo, context }) =>
      answerList(context, query, { ...pageOf, fleet: fleetOf(query, visibleTo), includeInactive: false }),
  }),

  defineRoute('GET /instances/{id}/databases', {
    tag: 'Instances',
    summary: 'The latest size of every database of an instance, the largest first',
    params: idParameter,
    query: z.strictObject({ ...databaseParameters, sort }),
    response: page(database),
    example: { params: { id: 1 }, query: { sparkline_days: 30 } },
    handler: async ({ params, query, page: pageOf, visibleTo, context }) => {
      await requireInstance(context.pool, params.id, visibleTo);
      const fleet = { visibleTo, instanceIds: [params.id] };
      return answerList(context, query, { ...pageOf, fleet, includeInactive: true });
    },
  }),
];

type Query = z.output<z.ZodObject<typeof databaseParameters & { sort: typeof sort }>>;

async function answerList(
  { pool, timezone }: { pool: pg.Pool; timezone: string },
  query: Query,
  rest: Pick<DatabaseListQuery, 'fleet' | 'includeInactive' | 'limit' | 'offset'>,
) {
  // Which day is compared with is told by the daily totals.
  await refreshDailyTotals(pool);
  const growth = { today: dayIn(timezone, new Date()), days: query.growth_days };
  const { databases, total } = await listDatabases(pool, {
    ...rest,
    includeGone: query.include_gone,
    search: query.search,
    growth,
    sparkline: sparklineRange(query.sparkline_days, timezone),
    order: orders[query.sort.field],
    descending: query.sort.descending,
  });
  return { rows: databases.map((row) => describeDatabase(row, growth.days)), total };
}

function describeDatabase(row: ListedDatabase, days: number): AnswerOf<typeof database> {
  return {
    instance_id: row.instanceId,
    instance_name: row.instanceName,
    engine: row.engine,
    owner: row.owner,
    database_name: row.databaseName,
    size_bytes: row.sizeBytes,
    data_bytes: row.dataBytes,
    log_bytes: row.logBytes,
    index_bytes: row.indexBytes,
    temp_bytes: row.tempBytes,
    used_bytes: row.usedBytes,
    limit_bytes: row.limitBytes,
    method: row.method,
    collected_at: row.collectedAt,
    first_seen_date: row.firstSeenDate,
    gone_since: row.goneSince,
    share: row.share,
    growth: { days, change_bytes: row.changeBytes, growth_rate: oneDecimal(row.growthRate) },
    sparkline: describeSparkline(row.sparkline),
  };
}
