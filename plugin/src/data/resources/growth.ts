import type { TidemarkClient } from '../client';
import type { FleetFilters, Paging } from '../common';

export type GrowthGroup = 'database' | 'instance' | 'owner' | 'label' | 'engine' | 'fleet';

/** How much a group grew over the window. */
export interface GrowthRow {
  /** Null where the group has no name: no owner, no such label, the fleet, a single database. */
  readonly group: string | null;
  readonly instance_id: number | null;
  readonly instance_name: string | null;
  readonly database_name: string | null;
  readonly size_bytes: number;
  readonly previous_size_bytes: number | null;
  readonly change_bytes: number | null;
  /** Percent. */
  readonly growth_rate: number | null;
  readonly database_count: number;
  readonly new_bytes: number;
  readonly new_count: number;
  readonly vanished_bytes: number;
  readonly vanished_count: number;
  /** Of databases that were not measured then, so that nothing can be said of them. */
  readonly incomparable_bytes: number;
}

export interface GrowthQuery extends FleetFilters, Paging {
  readonly days?: number | undefined;
  readonly group_by?: GrowthGroup | undefined;
  /** The key, with `group_by: 'label'`. */
  readonly group_label?: string | undefined;
  readonly database_name?: string | undefined;
  readonly order?: 'growth' | 'shrink' | 'rate' | undefined;
}

export const listGrowth = (client: TidemarkClient, query: GrowthQuery, signal?: AbortSignal) =>
  client.list<GrowthRow>('/growth', { ...query }, signal);
