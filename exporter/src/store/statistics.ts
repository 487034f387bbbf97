import { rangeCondition, rangeParameters, type HistoryRange } from './measurements.ts';
import type { Queryable } from './pool.ts';

export type PeriodType = 'weekly' | 'monthly' | 'quarterly';

/** What PostgreSQL calls the period in date_trunc; its week is the ISO week, from Monday on. */
const truncations: Readonly<Record<PeriodType, string>> = { weekly: 'week', monthly: 'month', quarterly: 'quarter' };
const lengths: Readonly<Record<PeriodType, string>> = { weekly: '1 week', monthly: '1 month', quarterly: '3 months' };

/** Statistics of one database over one period; averages are rounded to whole bytes. */
export interface PeriodStatistics {
  readonly databaseName: string;
  readonly periodStart: string;
  /** The last day of the period. */
  readonly periodEnd: string;
  readonly averageSizeBytes: number;
  readonly maximumSizeBytes: number;
  readonly minimumSizeBytes: number;
  readonly dataCount: number;
  readonly averageDataBytes: number | null;
  readonly maximumDataBytes: number | null;
  readonly minimumDataBytes: number | null;
  readonly averageLogBytes: number | null;
  readonly maximumLogBytes: number | null;
  readonly minimumLogBytes: number | null;
}

/** Statistics per database and period over a part of an instance's history, newest period first. */
export async function readPeriodStatistics(
  client: Queryable,
  range: HistoryRange,
  periodType: PeriodType,
): Promise<PeriodStatistics[]> {
  const { rows } = await client.query<PeriodStatistics>(
    `SELECT database_name AS "databaseName", period_start::date AS "periodStart",
       (period_start + $6::interval - interval '1 day')::date AS "periodEnd",
       round(avg(size_bytes))::bigint AS "averageSizeBytes", max(size_bytes)::bigint AS "maximumSizeBytes",
       min(size_bytes)::bigint AS "minimumSizeBytes", count(*) AS "dataCount",
       round(avg(data_bytes))::bigint AS "averageDataBytes", max(data_bytes)::bigint AS "maximumDataBytes",
       min(data_bytes)::bigint AS "minimumDataBytes", round(avg(log_bytes))::bigint AS "averageLogBytes",
       max(log_bytes)::bigint AS "maximumLogBytes", min(log_bytes)::bigint AS "minimumLogBytes"
     FROM database_size_stats
     CROSS JOIN LATERAL date_trunc($5::text, collected_date::timestamp) AS period_start
     WHERE ${rangeCondition}
     GROUP BY database_name, period_start
     ORDER BY period_start DESC, database_name`,
    [...rangeParameters(range), truncations[periodType], lengths[periodType]],
  );
  return rows;
}
