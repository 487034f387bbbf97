import type pg from 'pg';
import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import { findInstanceSummary, listInstances, type InstanceOrder } from '../store/instance-list.ts';
import { dayIn } from '../store/periods.ts';
import { recordStatus } from './collections.schemas.ts';
import { fleetOf, fleetParameters, search } from './fleet-parameters.ts';
import { describeInstance } from './instances.describe.ts';
import { instance } from './instances.schemas.ts';
import { listParameters, sparklineRange } from './list-parameters.ts';
import { idParameter, sortBy, truth } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, page } from './routing/response.ts';

const orders = {
  name: 'name',
  engine: 'engine',
  owner: 'owner',
  total_size_bytes: 'size',
  change_bytes: 'change',
  growth_rate: 'rate',
  database_count: 'databases',
  last_collection: 'last collection',
} as const satisfies Record<string, InstanceOrder>;

const listQuery = z.strictObject({
  ...fleetParameters,
  search,
  active: truth.optional().meta({ description: 'Only those that are measured, or only those that are not.' }),
  status: z
    .enum([...recordStatus.options, 'never'])
    .optional()
    .meta({ description: 'How the last collection ended, or where it is; never: there was none.' }),
  ...listParameters,
  sort: sortBy(Object.keys(orders) as (keyof typeof orders)[], 'name'),
});

/** What is watched: `/instances` */
export const instancesRoutes: readonly Route[] = [
  defineRoute('GET /instances', {
    tag: 'Instances',
    summary: 'What is watched, with total sizes, growth and the last collection',
    query: listQuery,
    response: page(instance),
    example: { query: { owner: 'team-orders', sort: '-total_size_bytes' } },
    handler: async ({ query, page: pageOf, visibleTo, context: { pool, timezone } }) => {
      const { instances, total } = await listInstances(pool, {
        ...(await measuresOf(pool, timezone, query)),
        ...pageOf,
        fleet: fleetOf(query, visibleTo),
        search: query.search,
        active: query.active,
        status: query.status,
        order: orders[query.sort.field],
        descending: query.sort.descending,
      });
      return { rows: instances.map(describeInstance), total };
    },
  }),

  defineRoute('GET /instances/{id}', {
    tag: 'Instances',
    summary: 'One instance',
    params: idParameter,
    query: z.strictObject(listParameters),
    response: data(instance),
    example: { params: { id: 1 }, query: { sparkline_days: 30 } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      const measures = await measuresOf(pool, timezone, query);
      const found = await findInstanceSummary(pool, params.id, { ...measures, visibleTo });
      if (found === null) throw new TidemarkError('not_found', `there is no instance ${params.id}`);
      return describeInstance(found);
    },
  }),
];

/** The growth and the sparkline that are asked for; both rest on the daily totals. */
async function measuresOf(pool: pg.Pool, timezone: string, query: z.output<z.ZodObject<typeof listParameters>>) {
  await refreshDailyTotals(pool);
  return {
    growth: { today: dayIn(timezone, new Date()), days: query.growth_days },
    sparkline: sparklineRange(query.sparkline_days, timezone),
  };
}
