import { Router } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import { findSteps, type StepChange } from '../statistics/steps.ts';
import { readDailyTotals, type DailyTotal } from '../store/daily-totals.ts';
import { readGrowth, type Growth } from '../store/growth.ts';
import { readLifespans } from '../store/latest.ts';
import { readHistory, type HistoryRow } from '../store/measurements.ts';
import { addDays, dayIn } from '../store/periods.ts';
import { knownInstance } from './database-sizes.ts';
import { parseParameters } from './errors.ts';
import { databaseName, dateRange, inOrder, instanceId, labelKey, outOfOrder, page, wholeNumber } from './parameters.ts';

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
    instance_id: instanceId.shape.instanceId.optional(),
    database_name: databaseName,
    order: z.enum(['growth', 'shrink', 'rate'], 'expected growth, shrink or rate').default('growth'),
    ...page,
  })
  .refine(needsLabel, labelMissing);

const totalsQuery = z
  .strictObject({
    ...dateRange,
    group_by: z
      .enum(['fleet', 'instance', 'owner', 'label', 'engine'], 'expected fleet, instance, owner, label or engine')
      .default('fleet'),
    label: labelKey.optional(),
    instance_id: instanceId.shape.instanceId.optional(),
  })
  .refine(inOrder, outOfOrder)
  .refine(needsLabel, labelMissing);

const changesQuery = z.strictObject({ ...dateRange, database_name: databaseName }).refine(inOrder, outOfOrder);

/** Where the fleet is going: `/growth`, `/daily-totals`, `/instances/{id}/database-sizes/changes` */
export function growthRouter(pool: pg.Pool, timezone: string): Router {
  const router = Router();

  router.get('/growth', async (request, response) => {
    const query = parseParameters(growthQuery, request.query);
    await refreshDailyTotals(pool);
    const { growth, total } = await readGrowth(pool, {
      today: dayIn(timezone, new Date()),
      days: query.days,
      groupBy: query.group_by,
      labelKey: query.label ?? null,
      instanceId: query.instance_id ?? null,
      databaseName: query.database_name ?? null,
      order: query.order,
      limit: query.limit,
      offset: query.offset,
    });
    response.json({
      data: growth.map(describeGrowth),
      page: { limit: query.limit, offset: query.offset, total },
    });
  });

  router.get('/daily-totals', async (request, response) => {
    const query = parseParameters(totalsQuery, request.query);
    await refreshDailyTotals(pool);
    const endDate = query.end_date ?? dayIn(timezone, new Date());
    const totals = await readDailyTotals(pool, {
      startDate: query.start_date ?? addDays(endDate, -29),
      endDate,
      instanceId: query.instance_id ?? null,
      groupBy: query.group_by,
      labelKey: query.label ?? null,
    });
    response.json({ data: inColumns(totals) });
  });

  router.get('/instances/:instanceId/database-sizes/changes', async (request, response) => {
    const id = await knownInstance(pool, request.params);
    const query = parseParameters(changesQuery, request.query);
    const endDate = query.end_date ?? dayIn(timezone, new Date());
    const startDate = query.start_date ?? addDays(endDate, -29);
    const only = query.database_name ?? null;
    // What is usual for a database is told by the days before the range.
    const history = await readHistory(pool, {
      instanceId: id,
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
    const lives = await readLifespans(pool, id, only);
    const appeared = lives
      .filter((life) => within(life.firstSeenDate) && life.firstSeenDate > life.watchedSinceDate)
      .map(({ databaseName: name, firstSeenDate: date }) => ({ database_name: name, kind: 'appeared', date }));
    const vanished = lives
      .filter((life) => within(life.goneSince))
      .map((life) => ({
        database_name: life.databaseName,
        kind: 'vanished',
        date: life.goneSince ?? '',
        before_bytes: life.sizeBytes,
      }));
    const changes = [...appeared, ...vanished, ...steps];
    changes.sort((one, other) => compare(other.date, one.date) || compare(one.database_name, other.database_name));
    response.json({ data: changes });
  });

  return router;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const oneDecimal = (rate: number | null) => (rate === null ? null : Math.round(rate * 10) / 10);

function describeGrowth(growth: Growth): unknown {
  return {
    group: growth.group,
    instance_id: growth.instanceId,
    instance_name: growth.instanceName,
    database_name: growth.databaseName,
    size_bytes: growth.sizeBytes,
    previous_size_bytes: growth.previousSizeBytes,
    change_bytes: growth.changeBytes,
    growth_rate: oneDecimal(growth.growthRate),
    database_count: growth.databaseCount,
    new_bytes: growth.newBytes,
    new_count: growth.newCount,
    vanished_bytes: growth.vanishedBytes,
    vanished_count: growth.vanishedCount,
    incomparable_bytes: growth.incomparableBytes,
  };
}

function describeStep(name: string, step: StepChange) {
  return {
    database_name: name,
    kind: step.changeBytes > 0 ? 'step_up' : 'step_down',
    date: step.date,
    before_bytes: step.beforeBytes,
    after_bytes: step.afterBytes,
    change_bytes: step.changeBytes,
    expected_bytes: step.expectedBytes,
    score: oneDecimal(step.score),
  };
}

interface TotalsColumns {
  readonly group: string | null;
  readonly t: string[];
  readonly size_bytes: number[];
  readonly database_count: number[];
  readonly instance_count: number[];
}

/** One object a group, one array a column: a third of the bytes of one object a day. The rows come ordered by group. */
function inColumns(totals: readonly DailyTotal[]): TotalsColumns[] {
  const series: TotalsColumns[] = [];
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
