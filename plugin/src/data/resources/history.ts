import type { TidemarkClient } from '../client';
import type { Day, DayRange, Moment } from '../common';

/** A day of a database, as it was measured. */
export interface HistoryPoint {
  readonly collected_at: Moment;
  readonly collected_date: Day;
  readonly size_mb: number;
  readonly data_size_mb: number | null;
  readonly log_size_mb: number | null;
  readonly size_bytes: number;
  readonly data_bytes: number | null;
  readonly log_bytes: number | null;
  readonly method: string;
}

export interface DatabaseHistory {
  readonly database_name: string;
  readonly stats: readonly HistoryPoint[];
}

export interface HistoryQuery extends DayRange {
  readonly database_name?: string | undefined;
}

export const getHistory = (client: TidemarkClient, instanceId: number, query: HistoryQuery, signal?: AbortSignal) =>
  client.get<readonly DatabaseHistory[]>(`/instances/${instanceId}/database-sizes`, { ...query }, signal);

/** Where a database began, ended or jumped. */
export interface SizeChange {
  readonly database_name: string;
  readonly kind: 'appeared' | 'vanished' | 'step_up' | 'step_down';
  readonly date: Day;
  readonly before_bytes?: number;
  readonly after_bytes?: number;
  readonly change_bytes?: number;
  readonly expected_bytes?: number;
  /** How unusual the step is. */
  readonly score?: number | null;
}

export const listChanges = (client: TidemarkClient, instanceId: number, query: HistoryQuery, signal?: AbortSignal) =>
  client.get<readonly SizeChange[]>(`/instances/${instanceId}/database-sizes/changes`, { ...query }, signal);
