import { z } from 'zod';
import { refreshInstance } from '../statistics/aggregate.ts';
import { toMegabytes } from '../statistics/megabytes.ts';
import { computeTrends } from '../statistics/trends.ts';
import { readHistoryText, readHistoryVersion } from '../store/history.ts';
import { readHistory, type HistoryRange, type HistoryRow } from '../store/measurements.ts';
import { dayIn, periodOf, type PeriodType } from '../store/periods.ts';
import { readPeriodStatistics, type PeriodStatistics } from '../store/statistics.ts';
import { databaseHistory, historyPoint, periodStatistics, trends } from './database-sizes.schemas.ts';
import { historyText } from './history-text.ts';
import { requireInstance } from './known-instance.ts';
import { databaseName, dateRange, idParameter, inOrder, outOfOrder, periodType, wholeNumber } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, JsonText, table, type AnswerOf } from './routing/response.ts';
import { oneDecimal } from './schemas.ts';

const historyQuery = z.strictObject({ ...dateRange, database_name: databaseName }).refine(inOrder, outOfOrder);

const aggregationsQuery = z
  .strictObject({ period_type: periodType, ...dateRange, database_name: databaseName })
  .refine(inOrder, outOfOrder);

const trendsQuery = z.strictObject({
  period_type: periodType,
  months: wholeNumber(1, 1200).default(12).meta({ description: 'How far to look back, this month included.' }),
});

/** History, statistics and trends of one instance: `/instances/{id}/database-sizes…` */
export const databaseSizesRoutes: readonly Route[] = [
  defineRoute('GET /instances/{id}/database-sizes', {
    tag: 'History',
    summary: 'Sizes of the databases of an instance, day by day',
    description: 'One entry a database, ordered by name; its days from the oldest to the newest.',
    params: idParameter,
    query: historyQuery,
    response: table(databaseHistory, {
      columns: ['database_name', ...Object.keys(historyPoint.shape)],
      lines: ({ database_name, stats }) => stats.map((point) => ({ database_name, ...point })),
    }),
    example: { params: { id: 1 }, query: { start_date: '2023-10-26', end_date: '2023-10-27' } },
    handler: async ({ params, query, format, visibleTo, context: { pool } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const range = rangeOf(params.id, query);
      if (format === 'csv') return (await readHistory(pool, range)).map(asHistory);
      return new JsonText(await readHistoryVersion(pool, range), historyText(readHistoryText(pool, range)));
    },
  }),

  defineRoute('GET /instances/{id}/database-sizes/aggregations', {
    tag: 'Statistics',
    summary: 'Average, largest and smallest sizes per week, month or quarter',
    description:
      'Every period that has a day in the range, as a whole, newest first. The current period is part of it and says that it is not complete.',
    params: idParameter,
    query: aggregationsQuery,
    response: table(periodStatistics),
    example: { params: { id: 1 }, query: { period_type: 'monthly' } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      await requireInstance(pool, params.id, visibleTo);
      await refreshInstance(pool, params.id, dayIn(timezone, new Date()));
      const statistics = await readPeriodStatistics(pool, rangeOf(params.id, query), query.period_type);
      return statistics.map((row) => describeStatistics(row, query.period_type));
    },
  }),

  defineRoute('GET /instances/{id}/database-sizes/trends', {
    tag: 'Statistics',
    summary: 'How the databases of an instance grew from period to period',
    params: idParameter,
    query: trendsQuery,
    response: data(trends, {
      csv: {
        columns: ['period', 'period_start', 'database_name', 'avg_size_mb', 'avg_size_bytes', 'growth_rate'],
        lines: (answer) =>
          answer.trends.flatMap(({ period, period_start, databases }) =>
            databases.map((database) => ({ period, period_start, ...database })),
          ),
      },
    }),
    example: { params: { id: 1 }, query: { period_type: 'monthly', months: 12 } },
    handler: async ({ params, query, visibleTo, context: { pool, timezone } }) => {
      await requireInstance(pool, params.id, visibleTo);
      const today = dayIn(timezone, new Date());
      await refreshInstance(pool, params.id, today);
      const start_date = firstDayOf(query.period_type, query.months, today);
      return computeTrends(
        await readPeriodStatistics(pool, rangeOf(params.id, { start_date }), query.period_type),
        query.period_type,
      );
    },
  }),
];

/** A row on its own, for the table that has a line for each. */
function asHistory(row: HistoryRow): AnswerOf<typeof databaseHistory> {
  return {
    database_name: row.databaseName,
    stats: [
      {
        collected_at: row.collectedAt,
        collected_date: row.collectedDate,
        size_mb: toMegabytes(row.sizeBytes),
        data_size_mb: toMegabytes(row.dataBytes),
        log_size_mb: toMegabytes(row.logBytes),
        size_bytes: row.sizeBytes,
        data_bytes: row.dataBytes,
        log_bytes: row.logBytes,
        method: row.method,
      },
    ],
  };
}

function rangeOf(id: number, query: Partial<z.output<typeof historyQuery>>): HistoryRange {
  return {
    instanceId: id,
    startDate: query.start_date ?? null,
    endDate: query.end_date ?? null,
    databaseName: query.database_name ?? null,
  };
}

/** The first day of the period that holds the first of the last `months` months, this one included. */
function firstDayOf(type: PeriodType, months: number, today: string): string {
  return periodOf(type, periodOf('monthly', today, 1 - months).start).start;
}

function describeStatistics(row: PeriodStatistics, type: PeriodType): AnswerOf<typeof periodStatistics> {
  return {
    database_name: row.databaseName,
    period_type: type,
    period_start: row.periodStart,
    period_end: row.periodEnd,
    is_complete: row.isComplete,
    statistics: {
      avg_size_mb: toMegabytes(row.averageSizeBytes),
      max_size_mb: toMegabytes(row.maximumSizeBytes),
      min_size_mb: toMegabytes(row.minimumSizeBytes),
      data_count: row.dataCount,
      avg_data_size_mb: toMegabytes(row.averageDataBytes),
      max_data_size_mb: toMegabytes(row.maximumDataBytes),
      min_data_size_mb: toMegabytes(row.minimumDataBytes),
      avg_log_size_mb: toMegabytes(row.averageLogBytes),
      max_log_size_mb: toMegabytes(row.maximumLogBytes),
      min_log_size_mb: toMegabytes(row.minimumLogBytes),
      avg_size_bytes: row.averageSizeBytes,
      max_size_bytes: row.maximumSizeBytes,
      min_size_bytes: row.minimumSizeBytes,
      avg_data_bytes: row.averageDataBytes,
      max_data_bytes: row.maximumDataBytes,
      min_data_bytes: row.minimumDataBytes,
      avg_log_bytes: row.averageLogBytes,
      max_log_bytes: row.maximumLogBytes,
      min_log_bytes: row.minimumLogBytes,
      coverage: row.coverage,
      first_date: row.firstDate,
      first_size_bytes: row.firstSizeBytes,
      last_date: row.lastDate,
      last_size_bytes: row.lastSizeBytes,
      change_bytes: row.changeBytes,
      growth_rate: oneDecimal(row.growthRate),
      appeared_date: row.appearedDate,
      vanished_date: row.vanishedDate,
    },
    calculated_at: row.calculatedAt,
  };
}
