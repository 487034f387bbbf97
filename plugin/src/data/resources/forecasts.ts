import type { TidemarkClient } from '../client';
import type { Day, EngineName, FleetFilters, Paging } from '../common';

/** Where a database is going. Databases with too little history have none. */
export interface Forecast {
  readonly database_name: string;
  readonly from_date: Day;
  readonly to_date: Day;
  readonly points: number;
  readonly change_bytes_per_day: number;
  /** How well a line describes the history, 0 to 1. */
  readonly r_squared: number;
  readonly size_bytes: number;
  readonly limit_bytes: number | null;
  readonly full_at: Day | null;
}

export interface PredictedForecast extends Forecast {
  readonly predicted: {
    readonly t: readonly Day[];
    readonly size_bytes: readonly number[];
    readonly low_bytes: readonly number[];
    readonly high_bytes: readonly number[];
  };
}

export interface FleetForecast extends Forecast {
  readonly instance_id: number;
  readonly instance_name: string;
  readonly engine: EngineName;
  readonly owner: string | null;
}

export interface InstanceForecastsQuery {
  readonly database_name?: string | undefined;
  /** History that is used, 90 unless said. */
  readonly days?: number | undefined;
  /** How far ahead, 180 unless said. */
  readonly horizon_days?: number | undefined;
}

export interface FleetForecastsQuery extends FleetFilters, Paging {
  readonly days?: number | undefined;
  /** Only those that are full within so many days. */
  readonly within_days?: number | undefined;
  readonly sort?: 'full_at' | '-full_at' | undefined;
}

export const listInstanceForecasts = (
  client: TidemarkClient,
  instanceId: number,
  query: InstanceForecastsQuery,
  signal?: AbortSignal,
) => client.get<readonly PredictedForecast[]>(`/instances/${instanceId}/forecasts`, { ...query }, signal);

export const listForecasts = (client: TidemarkClient, query: FleetForecastsQuery, signal?: AbortSignal) =>
  client.list<FleetForecast>('/forecasts', { ...query }, signal);
