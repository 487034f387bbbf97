import type { TidemarkClient } from '../client';
import type { Day, Moment } from '../common';

/** A month of the history, and when the retention drops it. */
export interface Partition {
  readonly name: string;
  readonly table: string;
  /** Null for the default partition. */
  readonly from_date: Day | null;
  readonly to_date: Day | null;
  readonly row_count: number;
  readonly size_bytes: number;
  readonly next: 'kept' | 'dropped_on';
  readonly drop_date: Day | null;
}

export const listPartitions = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<readonly Partition[]>('/partitions', undefined, signal);

/** The PostgreSQL database that keeps the history. */
export interface Repository {
  readonly server_version: string;
  readonly schema_version: string | number;
  readonly size_bytes: number;
  readonly tables: readonly { readonly name: string; readonly row_count: number; readonly size_bytes: number }[];
  readonly dropped: readonly {
    readonly name: string;
    readonly from_date: Day;
    readonly to_date: Day;
    readonly row_count: number;
    readonly freed_bytes: number;
    readonly dropped_at: Moment;
  }[];
}

export const getRepository = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<Repository>('/repository', undefined, signal);
