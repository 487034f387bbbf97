import type { TidemarkClient } from '../client';
import type { Day, DayRange, Moment } from '../common';

export type PeriodType = 'weekly' | 'monthly' | 'quarterly';

/** Statistics of one database over one period. Rates are percent. */
export interface PeriodStatistics {
  readonly database_name: string;
  readonly period_type: PeriodType;
  readonly period_start: Day;
  readonly period_end: Day;
  readonly is_complete: boolean;
  readonly statistics: {
    readonly data_count: number;
    readonly avg_size_bytes: number;
    readonly max_size_bytes: number;
    readonly min_size_bytes: number;
    readonly avg_data_bytes: number | null;
    readonly max_data_bytes: number | null;
    readonly min_data_bytes: number | null;
    readonly avg_log_bytes: number | null;
    readonly max_log_bytes: number | null;
    readonly min_log_bytes: number | null;
    /** Days with a measurement over the days of the period so far, 0 to 1. */
    readonly coverage: number;
    readonly first_date: Day;
    readonly first_size_bytes: number;
    readonly last_date: Day;
    readonly last_size_bytes: number;
    readonly change_bytes: number | null;
    readonly growth_rate: number | null;
    readonly appeared_date: Day | null;
    readonly vanished_date: Day | null;
  };
  readonly calculated_at: Moment;
}

export interface StatisticsQuery extends DayRange {
  readonly period_type: PeriodType;
  readonly database_name?: string | undefined;
}

export const listStatistics = (
  client: TidemarkClient,
  instanceId: number,
  query: StatisticsQuery,
  signal?: AbortSignal,
) =>
  client.get<readonly PeriodStatistics[]>(`/instances/${instanceId}/database-sizes/aggregations`, { ...query }, signal);

/** Period by period, with growth against the period before. */
export interface Trends {
  readonly trends: readonly {
    /** 2024-W05, 2024-01 or 2024-Q1. */
    readonly period: string;
    readonly period_start: Day;
    readonly total_size_bytes: number;
    readonly databases: readonly {
      readonly database_name: string;
      readonly avg_size_bytes: number;
      readonly growth_rate: number | null;
    }[];
  }[];
  readonly summary: {
    readonly total_growth_rate: number | null;
    readonly largest_database: string | null;
    readonly fastest_growing: string | null;
  };
}

export interface TrendsQuery {
  readonly period_type: PeriodType;
  /** How far back, 12 unless said. */
  readonly months?: number | undefined;
}

export const getTrends = (client: TidemarkClient, instanceId: number, query: TrendsQuery, signal?: AbortSignal) =>
  client.get<Trends>(`/instances/${instanceId}/database-sizes/trends`, { ...query }, signal);
