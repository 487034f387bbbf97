import { z } from 'zod';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import { readChanges, type Change } from '../statistics/changes.ts';
import { readGrowth, type Growth } from '../store/growth.ts';
import { dayIn } from '../store/periods.ts';
import { fleetOf, fleetParameters, groupLabel, labelMissing, needsLabel } from './fleet-parameters.ts';
import { change, growth } from './growth.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { databaseName, dateRange, idParameter, inOrder, outOfOrder, rangeOf, wholeNumber } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { page, table, type AnswerOf } from './routing/response.ts';
import { oneDecimal } from './schemas.ts';

const growthQuery = z
  .strictObject({
    ...fleetParameters,
    days: wholeNumber(1, 3660).default(30).meta({ description: 'How far to look back.' }),
    group_by: z
      .enum(
        ['database', 'instance', 'owner', 'label', 'engine', 'fleet'],
        'expected database, instance, owner, label, engine or fleet',
      )
      .default('database'),
    group_label: groupLabel,
    database_name: databaseName,
    order: z.enum(['growth', 'shrink', 'rate'], 'expected growth, shrink or rate').default('growth'),
  })
  .refine(needsLabel, labelMissing);

const changesQuery = z.strictObject({ ...dateRange, database_name: databaseName }).refine(inOrder, outOfOrder);

/** What grew and what jumped: `/growth`, `/instances/{id}/database-sizes/changes` */
export const growthRoutes: readonly Route[] = [
  defineRoute('GET /growth', {
    tag: 'Fleet',
    summary: 'What grew, and by how much',
    description: 'Compares the latest sizes with those of a day in the past; what cannot be compared is told apart.',
    query: growthQuery,
    response: page(growth),
    example: { query: { days: 30, group_by: 'instance' } },
    handler: async ({ query, page: { limit, offset }, visibleTo, context: { pool, timezone } }) => {
      await refreshDailyTotals(pool);
      const { growth: rows, total } = await readGrowth(pool, {
        today: dayIn(timezone, new Date()),
        days: query.days,
        groupBy: query.group_by,
        labelKey: query.group_label ?? null,
        fleet: fleetOf(query, visibleTo),
        databaseName: query.database_name ?? null,
        order: query.order,
        limit,
        offset,
      });
      return { rows: rows.map(describeGrowth), total };
    },
  }),

  defineRoute('GET /instances/{id}/database-sizes/changes', {
    tag: 'Statistics',
    summary: 'Databases that appeared, vanished, or changed in size at one blow',
    description: 'Newest first. What is usual for a database is told by the three months before the range.',
    params: idParameter,
    query: changesQuery,
    response: table(change),
    example: { params: { id: 1 } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const range = rangeOf(query, timezone);
      const only = query.database_name ?? null;
      const changes = await readChanges(pool, { instanceId: params.id, ...range, databaseName: only });
      return changes.map(describeChange);
    },
  }),
];

function describeGrowth(row: Growth): AnswerOf<typeof growth> {
  return {
    group: row.group,
    instance_id: row.instanceId,
    instance_name: row.instanceName,
    database_name: row.databaseName,
    size_bytes: row.sizeBytes,
    previous_size_bytes: row.previousSizeBytes,
    change_bytes: row.changeBytes,
    growth_rate: oneDecimal(row.growthRate),
    database_count: row.databaseCount,
    new_bytes: row.newBytes,
    new_count: row.newCount,
    vanished_bytes: row.vanishedBytes,
    vanished_count: row.vanishedCount,
    incomparable_bytes: row.incomparableBytes,
  };
}

function describeChange(found: Change): AnswerOf<typeof change> {
  const { databaseName: database_name, kind, date } = found;
  if (found.kind === 'appeared') return { database_name, kind, date };
  if (found.kind === 'vanished') return { database_name, kind, date, before_bytes: found.beforeBytes };
  return {
    ...{ database_name, kind, date },
    before_bytes: found.beforeBytes,
    after_bytes: found.afterBytes,
    change_bytes: found.changeBytes,
    expected_bytes: found.expectedBytes,
    score: oneDecimal(found.score),
  };
}
