import type pg from 'pg';
import { z } from 'zod';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import { findSteps, type StepChange } from '../statistics/steps.ts';
import { readDailyTotals, type DailyTotal } from '../store/daily-totals.ts';
import { readGrowth, type Growth } from '../store/growth.ts';
import { readLifespans } from '../store/latest.ts';
import { readHistory, type HistoryRow } from '../store/measurements.ts';
import { addDays, dayIn } from '../store/periods.ts';
import { change, growth, totalsSeries } from './growth.schemas.ts';
import { requireInstance } from './known-instance.ts';
import { databaseName, dateRange, id, idParameter, inOrder, labelKey, outOfOrder, wholeNumber } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { page, table, type AnswerOf } from './routing/response.ts';
import { oneDecimal } from './schemas.ts';

const needsLabel = (query: { group_by: string; label?: string | undefined }) =>
  (query.group_by === 'label') === (query.label !== undefined);
const labelMissing = { path: ['label'], message: 'expected the key of a label together with group_by=label' };

const growthQuery = z
  .strictObject({
    days: wholeNumber(1, 3660).default(30),
    group_by: z
      .enum(
        ['database', 'instance', 'owner', 'label', 'engine', 'fleet'],
        'expected database, instance, owner, label, engine or fleet',
      )
      .default('database'),
    label: labelKey.optional(),
    instance_id: id.optional(),
    database_name: databaseName,
    order: z.enum(['growth', 'shrink', 'rate'], 'expected growth, shrink or rate').default('growth'),
  })
  .refine(needsLabel, labelMissing);

const totalsQuery = z
  .strictObject({
    ...dateRange,
    group_by: z
      .enum(['fleet', 'instance', 'owner', 'label', 'engine'], 'expected fleet, instance, owner, label or engine')
      .default('fleet'),
    label: labelKey.optional(),
    instance_id: id.optional(),
  })
  .refine(inOrder, outOfOrder)
  .refine(needsLabel, labelMissing);

const changesQuery = z.strictObject({ ...dateRange, database_name: databaseName }).refine(inOrder, outOfOrder);

/** Where the fleet is going: `/growth`, `/daily-totals`, `/instances/{id}/database-sizes/changes` */
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
        labelKey: query.label ?? null,
        instanceId: query.instance_id ?? null,
        databaseName: query.database_name ?? null,
        visibleTo,
        order: query.order,
        limit,
        offset,
      });
      return { rows: rows.map(describeGrowth), total };
    },
  }),

  defineRoute('GET /daily-totals', {
    tag: 'Fleet',
    summary: 'Totals per day',
    query: totalsQuery,
    response: table(totalsSeries, {
      columns: ['group', 'day', 'size_bytes', 'database_count', 'instance_count'],
      lines: (series) =>
        series.t.map((day, index) => ({
          group: series.group,
          day,
          size_bytes: series.size_bytes[index],
          database_count: series.database_count[index],
          instance_count: series.instance_count[index],
        })),
    }),
    example: { query: { group_by: 'engine' } },
    handler: async ({ query, visibleTo, context: { pool, timezone } }) => {
      await refreshDailyTotals(pool);
      const endDate = query.end_date ?? dayIn(timezone, new Date());
      const totals = await readDailyTotals(pool, {
        startDate: query.start_date ?? addDays(endDate, -29),
        endDate,
        instanceId: query.instance_id ?? null,
        groupBy: query.group_by,
        labelKey: query.label ?? null,
        visibleTo,
      });
      return inColumns(totals);
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
      const endDate = query.end_date ?? dayIn(timezone, new Date());
      const startDate = query.start_date ?? addDays(endDate, -29);
      return readChanges(pool, params.id, { startDate, endDate, only: query.database_name ?? null });
    },
  }),
];

async function readChanges(
  pool: pg.Pool,
  instanceId: number,
  { startDate, endDate, only }: { startDate: string; endDate: string; only: string | null },
): Promise<AnswerOf<typeof change>[]> {
  const history = await readHistory(pool, {
    instanceId,
    startDate: addDays(startDate, -91),
    endDate,
    databaseName: only,
  });
  const within = (day: string | null) => day !== null && day >= startDate && day <= endDate;
  const steps = groupByName(history).flatMap(([name, rows]) =>
    findSteps(rows)
      .filter((step) => within(step.date))
      .map((step) => describeStep(name, step)),
  );
  const lives = await readLifespans(pool, instanceId, only);
  const appeared = lives
    .filter((life) => within(life.firstSeenDate) && life.firstSeenDate > life.watchedSinceDate)
    .map(({ databaseName: name, firstSeenDate: date }) => ({ database_name: name, kind: 'appeared' as const, date }));
  const vanished = lives
    .filter((life) => within(life.goneSince))
    .map((life) => ({
      database_name: life.databaseName,
      kind: 'vanished' as const,
      date: life.goneSince ?? '',
      before_bytes: life.sizeBytes,
    }));
  const changes = [...appeared, ...vanished, ...steps];
  changes.sort((one, other) => compare(other.date, one.date) || compare(one.database_name, other.database_name));
  return changes;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

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

function describeStep(name: string, step: StepChange) {
  return {
    database_name: name,
    kind: step.changeBytes > 0 ? ('step_up' as const) : ('step_down' as const),
    date: step.date,
    before_bytes: step.beforeBytes,
    after_bytes: step.afterBytes,
    change_bytes: step.changeBytes,
    expected_bytes: step.expectedBytes,
    score: oneDecimal(step.score),
  };
}

/** One object a group, one array a column: a third of the bytes of one object a day. The rows come ordered by group. */
function inColumns(totals: readonly DailyTotal[]): z.input<typeof totalsSeries>[] {
  const series: z.input<typeof totalsSeries>[] = [];
  for (const total of totals) {
    let columns = series.at(-1);
    if (columns?.group !== total.group) {
      columns = { group: total.group, t: [], size_bytes: [], database_count: [], instance_count: [] };
      series.push(columns);
    }
    columns.t.push(total.day);
    columns.size_bytes.push(total.sizeBytes);
    columns.database_count.push(total.databaseCount);
    columns.instance_count.push(total.instanceCount);
  }
  return series;
}

/** The rows come ordered by database. */
function groupByName(rows: readonly HistoryRow[]): [string, HistoryRow[]][] {
  const groups: [string, HistoryRow[]][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group?.[0] === row.databaseName) group[1].push(row);
    else groups.push([row.databaseName, [row]]);
  }
  return groups;
}
