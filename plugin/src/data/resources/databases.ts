import type { TidemarkClient } from '../client';
import type { Day, EngineName, FleetFilters, GrowthSummary, Moment, Paging, SparklineData } from '../common';

/** The latest state of a database. Sizes are null where the engine does not tell them. */
export interface DatabaseRow {
  readonly instance_id: number;
  readonly instance_name: string;
  readonly engine: EngineName;
  readonly owner: string | null;
  readonly database_name: string;
  readonly size_bytes: number;
  readonly data_bytes: number | null;
  readonly log_bytes: number | null;
  readonly index_bytes: number | null;
  readonly temp_bytes: number | null;
  readonly used_bytes: number | null;
  readonly limit_bytes: number | null;
  readonly method: string;
  readonly collected_at: Moment;
  readonly first_seen_date: Day;
  readonly gone_since: Day | null;
  /** Of the total of its instance, 0 to 1. */
  readonly share: number | null;
  readonly growth: GrowthSummary | null;
  /** Only where `sparkline_days` asked for it. */
  readonly sparkline: SparklineData | null;
}

type DatabaseSortField =
  'database_name' | 'instance_name' | 'size_bytes' | 'data_bytes' | 'log_bytes' | 'change_bytes' | 'growth_rate';

export interface DatabasesQuery extends Paging {
  readonly search?: string | undefined;
  readonly include_gone?: boolean | undefined;
  readonly growth_days?: number | undefined;
  readonly sparkline_days?: number | undefined;
  readonly sort?: DatabaseSortField | `-${DatabaseSortField}` | undefined;
}

export type FleetDatabasesQuery = DatabasesQuery & FleetFilters;

/** The databases of one instance. */
export const listInstanceDatabases = (
  client: TidemarkClient,
  instanceId: number,
  query: DatabasesQuery,
  signal?: AbortSignal,
) => client.list<DatabaseRow>(`/instances/${instanceId}/databases`, { ...query }, signal);

/** The databases of the whole fleet, the largest first. */
export const listDatabases = (client: TidemarkClient, query: FleetDatabasesQuery, signal?: AbortSignal) =>
  client.list<DatabaseRow>('/databases', { ...query }, signal);
