import { DateTime } from 'luxon';
import { z } from 'zod';
import { filled } from '../config/text.ts';
import { refreshDailyTotals } from '../statistics/aggregate.ts';
import { downsample } from '../statistics/downsample.ts';
import { readSeries } from '../store/series.ts';
import { fleetOf, fleetParameters, groupLabel, labelMissing, needsLabel } from './fleet-parameters.ts';
import { dateRange, inOrder, outOfOrder, rangeOf, repeatable, wholeNumber } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { table } from './routing/response.ts';
import { series } from './series.schemas.ts';

const longestRange = 3660;

const seriesQuery = z
  .strictObject({
    ...fleetParameters,
    ...dateRange,
    database_name: repeatable(filled(255, 'expected a database name')).meta({
      description: 'Only databases of these names.',
    }),
    measure: z
      .enum(['size', 'data', 'log', 'database_count'], 'expected size, data, log or database_count')
      .default('size'),
    group_by: z
      .enum(
        ['fleet', 'engine', 'owner', 'label', 'instance', 'database'],
        'expected fleet, engine, owner, label, instance or database',
      )
      .default('fleet'),
    group_label: groupLabel,
    points: wholeNumber(4, 10_000).default(1000).meta({
      description: 'How many points a series has at most; of those that are left out, none is a peak.',
    }),
    top: wholeNumber(1, 200).default(20).meta({
      description: 'How many groups are told apart, the largest first; the others are summed up.',
    }),
  })
  .refine(inOrder, outOfOrder)
  .refine(needsLabel, labelMissing)
  .refine(({ start_date: start, end_date: end }) => start === undefined || !(lengthOf(start, end) > longestRange), {
    path: ['start_date'],
    message: `expected a day at most ${longestRange} days before end_date`,
  });

/** Where the fleet comes from: `/series` */
export const seriesRoutes: readonly Route[] = [
  defineRoute('GET /series', {
    tag: 'Fleet',
    summary: 'Sizes day by day, of the fleet or of groups in it',
    description:
      'The last 30 days where no range is given. An instance that was not measured on a day counts in a sum with its last size ' +
      'of the six days before; by itself it has no value on that day.',
    query: seriesQuery,
    response: table(series, {
      columns: ['group', 'instance_id', 'instance_name', 'database_name', 'other', 'day', 'value'],
      lines: ({ t, values, ...names }) => t.map((day, index) => ({ ...names, day, value: values[index] })),
    }),
    example: { query: { group_by: 'engine', start_date: '2026-10-01', end_date: '2026-10-31' } },
    handler: async ({ query, format, visibleTo, context: { pool, timezone } }) => {
      await refreshDailyTotals(pool);
      const found = await readSeries(pool, {
        fleet: fleetOf(query, visibleTo),
        databaseNames: query.database_name,
        ...rangeOf(query, timezone),
        measure: query.measure,
        groupBy: query.group_by,
        labelKey: query.group_label ?? null,
        top: query.top,
      });
      return found.map((line) => {
        // A table for other programs is complete.
        const { days, values } = format === 'csv' ? line : downsample(line, query.points);
        return {
          group: line.group,
          instance_id: line.instanceId,
          instance_name: line.instanceName,
          database_name: line.databaseName,
          other: line.isOther,
          t: days,
          values,
        };
      });
    },
  }),
];

function lengthOf(start: string, end: string | undefined): number {
  return (end === undefined ? DateTime.utc() : DateTime.fromISO(end)).diff(DateTime.fromISO(start), 'days').days;
}
