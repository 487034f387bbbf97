import type { TidemarkClient } from '../client';
import type { Day, DayRange, Moment } from '../common';

export type StorageScope = 'log' | 'tablespace' | 'volume';

/** What lies below the databases: logs of the server, tablespaces, volumes. */
export interface StorageRow {
  readonly scope: StorageScope;
  readonly name: string;
  readonly collected_at: Moment;
  readonly allocated_bytes: number | null;
  readonly used_bytes: number | null;
  readonly limit_bytes: number | null;
  readonly free_bytes: number | null;
}

/** The latest day of each. */
export const listStorage = (client: TidemarkClient, instanceId: number, signal?: AbortSignal) =>
  client.get<readonly StorageRow[]>(`/instances/${instanceId}/storage`, undefined, signal);

export interface StorageHistory {
  readonly scope: StorageScope;
  readonly name: string;
  readonly t: readonly Day[];
  readonly allocated_bytes: readonly (number | null)[];
  readonly used_bytes: readonly (number | null)[];
  readonly limit_bytes: readonly (number | null)[];
  readonly free_bytes: readonly (number | null)[];
}

export interface StorageHistoryQuery extends DayRange {
  readonly scope: StorageScope;
  readonly name?: string | undefined;
}

export const getStorageHistory = (
  client: TidemarkClient,
  instanceId: number,
  query: StorageHistoryQuery,
  signal?: AbortSignal,
) => client.get<readonly StorageHistory[]>(`/instances/${instanceId}/storage/history`, { ...query }, signal);
