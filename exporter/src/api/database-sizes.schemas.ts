import { z } from 'zod';
import { periodType } from './parameters.ts';
import { bytes, calendarDay, changeBytes, count, megabytes, moment, percent } from './schemas.ts';

/** A database on one day. The sizes in MB are those of the original interface. */
export const historyPoint = z
  .object({
    collected_at: moment,
    collected_date: calendarDay,
    size_mb: megabytes,
    data_size_mb: megabytes.nullable(),
    log_size_mb: megabytes.nullable(),
    size_bytes: bytes,
    data_bytes: bytes.nullable(),
    log_bytes: bytes.nullable(),
    method: z.enum(['exact', 'estimate']),
  })
  .meta({ id: 'HistoryPoint' });

export const databaseHistory = z
  .object({ database_name: z.string(), stats: z.array(historyPoint) })
  .meta({ id: 'DatabaseHistory' });

/** A database over one period. */
export const periodStatistics = z
  .object({
    database_name: z.string(),
    period_type: periodType,
    period_start: calendarDay,
    period_end: calendarDay,
    is_complete: z.boolean(),
    statistics: z.object({
      avg_size_mb: megabytes,
      max_size_mb: megabytes,
      min_size_mb: megabytes,
      data_count: count.meta({ description: 'Days that were measured.' }),
      avg_data_size_mb: megabytes.nullable(),
      max_data_size_mb: megabytes.nullable(),
      min_data_size_mb: megabytes.nullable(),
      avg_log_size_mb: megabytes.nullable(),
      max_log_size_mb: megabytes.nullable(),
      min_log_size_mb: megabytes.nullable(),
      avg_size_bytes: bytes,
      max_size_bytes: bytes,
      min_size_bytes: bytes,
      avg_data_bytes: bytes.nullable(),
      max_data_bytes: bytes.nullable(),
      min_data_bytes: bytes.nullable(),
      avg_log_bytes: bytes.nullable(),
      max_log_bytes: bytes.nullable(),
      min_log_bytes: bytes.nullable(),
      coverage: z.number().min(0).max(1).meta({ description: 'Days measured / days in the period.' }),
      first_date: calendarDay,
      first_size_bytes: bytes,
      last_date: calendarDay,
      last_size_bytes: bytes,
      change_bytes: changeBytes,
      growth_rate: percent.nullable(),
      appeared_date: calendarDay.nullable(),
      vanished_date: calendarDay.nullable(),
    }),
    calculated_at: moment,
  })
  .meta({ id: 'PeriodStatistics' });

const trendDatabase = z.object({
  database_name: z.string(),
  avg_size_mb: megabytes,
  avg_size_bytes: bytes,
  growth_rate: percent.nullable(),
});

/** From period to period. */
export const trends = z
  .object({
    trends: z
      .array(
        z.object({
          period: z.string().meta({ description: '2026-W05, 2026-01 or 2026-Q1', example: '2026-01' }),
          period_start: calendarDay,
          total_size_mb: megabytes,
          total_size_bytes: bytes,
          databases: z.array(trendDatabase),
        }),
      )
      .meta({ description: 'Oldest first.' }),
    summary: z.object({
      total_growth_rate: percent.nullable(),
      largest_database: z.string().nullable(),
      fastest_growing: z.string().nullable(),
    }),
  })
  .meta({ id: 'Trends' });
