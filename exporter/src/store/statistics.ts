import type { HistoryRange } from './measurements.ts';
import type { PeriodType } from './periods.ts';
import type { Queryable } from './pool.ts';

/** Stored statistics of one database over one period; averages are rounded to whole bytes. */
export interface PeriodStatistics {
  readonly databaseName: string;
  readonly periodStart: string;
  /** The last day of the period. */
  readonly periodEnd: string;
  /** The period is over. */
  readonly isComplete: boolean;
  /** Days measured / days in the period. */
  readonly coverage: number;
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
  readonly firstDate: string;
  readonly firstSizeBytes: number;
  readonly lastDate: string;
  readonly lastSizeBytes: number;
  /** Last size minus first size. */
  readonly changeBytes: number;
  /** Of the average, in percent against the period before; null where there is none, or it was empty. */
  readonly growthRate: number | null;
  /** The day on which it was first seen, when that is in this period and its instance was watched before. */
  readonly appearedDate: string | null;
  /** The day from which on the server no longer listed it, when its last measurement is in this period. */
  readonly vanishedDate: string | null;
  readonly calculatedAt: Date;
}

/**
 * Statistics of an instance per database and period, newest period first: of every period that has a day in the range, as a
 * whole.
 */
export async function readPeriodStatistics(
  client: Queryable,
  range: HistoryRange,
  periodType: PeriodType,
): Promise<PeriodStatistics[]> {
  const { rows } = await client.query<PeriodStatistics>(
    `SELECT database_name AS "databaseName", period_start AS "periodStart", period_end AS "periodEnd",
       is_complete AS "isComplete", coverage, avg_size_bytes AS "averageSizeBytes", max_size_bytes AS "maximumSizeBytes",
       min_size_bytes AS "minimumSizeBytes", data_count AS "dataCount", avg_data_bytes AS "averageDataBytes",
       max_data_bytes AS "maximumDataBytes", min_data_bytes AS "minimumDataBytes", avg_log_bytes AS "averageLogBytes",
       max_log_bytes AS "maximumLogBytes", min_log_bytes AS "minimumLogBytes", first_date AS "firstDate",
       first_size_bytes AS "firstSizeBytes", last_date AS "lastDate", last_size_bytes AS "lastSizeBytes",
       change_bytes AS "changeBytes", growth_rate AS "growthRate", appeared_date AS "appearedDate",
       vanished_date AS "vanishedDate", calculated_at AS "calculatedAt"
     FROM database_size_aggregations
     WHERE instance_id = $1 AND period_type = $5
       AND period_end >= coalesce($2::date, '-infinity') AND period_start <= coalesce($3::date, 'infinity')
       AND ($4::text IS NULL OR database_name = $4)
     ORDER BY period_start DESC, database_name`,
    [range.instanceId, range.startDate, range.endDate, range.databaseName, periodType],
  );
  return rows;
}
