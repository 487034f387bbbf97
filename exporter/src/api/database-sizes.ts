import { Router } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import { refreshInstance } from '../statistics/aggregate.ts';
import { toMegabytes } from '../statistics/megabytes.ts';
import { computeTrends } from '../statistics/trends.ts';
import { findInstance } from '../store/instances.ts';
import { readHistoryText, readHistoryVersion } from '../store/history.ts';
import type { HistoryRange } from '../store/measurements.ts';
import { dayIn, periodOf, type PeriodType } from '../store/periods.ts';
import { readPeriodStatistics, type PeriodStatistics } from '../store/statistics.ts';
import { parseParameters } from './errors.ts';
import { historyText } from './history-text.ts';
import { databaseName, dateRange, inOrder, instanceId, outOfOrder, periodType, wholeNumber } from './parameters.ts';
import { sendText } from './send-text.ts';

const historyQuery = z.strictObject({ ...dateRange, database_name: databaseName }).refine(inOrder, outOfOrder);

const aggregationsQuery = z
  .strictObject({ period_type: periodType, ...dateRange, database_name: databaseName })
  .refine(inOrder, outOfOrder);

const trendsQuery = z.strictObject({ period_type: periodType, months: wholeNumber(1, 1200).default(12) });

/** History, statistics and trends of one instance: `/instances/{id}/database-sizes…` */
export function databaseSizesRouter(pool: pg.Pool, timezone: string): Router {
  const router = Router();

  router.get('/instances/:instanceId/database-sizes', async (request, response) => {
    const id = await knownInstance(pool, request.params);
    const query = parseParameters(historyQuery, request.query);
    const range = rangeOf(id, query);
    const version = await readHistoryVersion(pool, range);
    await sendText(request, response, version, historyText(readHistoryText(pool, range)));
  });

  router.get('/instances/:instanceId/database-sizes/aggregations', async (request, response) => {
    const id = await knownInstance(pool, request.params);
    const query = parseParameters(aggregationsQuery, request.query);
    await refreshInstance(pool, id, dayIn(timezone, new Date()));
    const statistics = await readPeriodStatistics(pool, rangeOf(id, query), query.period_type);
    response.json({ data: statistics.map((row) => describeStatistics(row, query.period_type)) });
  });

  router.get('/instances/:instanceId/database-sizes/trends', async (request, response) => {
    const id = await knownInstance(pool, request.params);
    const { period_type: type, months } = parseParameters(trendsQuery, request.query);
    const today = dayIn(timezone, new Date());
    await refreshInstance(pool, id, today);
    const start_date = firstDayOf(type, months, today);
    const statistics = await readPeriodStatistics(pool, rangeOf(id, { start_date }), type);
    response.json({ data: computeTrends(statistics, type) });
  });

  return router;
}

/** The id in a path. @throws TidemarkError `bad_request`, `not_found` */
export async function knownInstance(pool: pg.Pool, parameters: unknown): Promise<number> {
  const { instanceId: id } = parseParameters(instanceId, parameters);
  if ((await findInstance(pool, { id })) === null) throw new TidemarkError('not_found', `there is no instance ${id}`);
  return id;
}

function rangeOf(
  id: number,
  query: {
    start_date?: string | undefined;
    end_date?: string | undefined;
    database_name?: string | undefined;
  },
): HistoryRange {
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

function describeStatistics(row: PeriodStatistics, type: PeriodType): unknown {
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
      growth_rate: row.growthRate === null ? null : Math.round(row.growthRate * 10) / 10,
      appeared_date: row.appearedDate,
      vanished_date: row.vanishedDate,
    },
    calculated_at: row.calculatedAt,
  };
}
