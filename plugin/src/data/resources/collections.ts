import type { TidemarkClient } from '../client';
import type { EngineName, Moment, Paging, RecordStatus, SessionStatus } from '../common';

/** What a run covers: nothing said is the whole fleet. */
export interface CollectionScope {
  readonly instance?: string | number | undefined;
  /** `key=value` */
  readonly label?: string | undefined;
  readonly owner?: string | undefined;
}

/** One run over the fleet. */
export interface Session {
  readonly id: number | string;
  readonly trigger: string;
  readonly scope: CollectionScope;
  readonly requested_by: string | null;
  readonly due_at: Moment | null;
  readonly status: SessionStatus;
  readonly started_at: Moment | null;
  readonly finished_at: Moment | null;
  readonly duration_seconds: number | null;
  readonly cancel_requested_at: Moment | null;
  /** How many instances are in which state, and how many it covers. */
  readonly instances: Readonly<Record<RecordStatus | 'total', number>>;
  readonly databases_measured: number;
  readonly databases_failed: number;
}

export interface DatabaseFinding {
  readonly database: string | null;
  readonly code: string;
  readonly message: string;
}

/** One instance within a run. */
export interface CollectionRecord {
  readonly session_id: number | string;
  readonly instance_id: number;
  readonly instance: string;
  readonly engine: EngineName;
  readonly owner: string | null;
  readonly status: RecordStatus;
  readonly attempt: number;
  readonly exporter: string | null;
  readonly started_at: Moment | null;
  readonly finished_at: Moment | null;
  readonly duration_seconds: number | null;
  readonly measure_seconds: number | null;
  readonly databases_measured: number | null;
  readonly databases_failed: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly failures: readonly DatabaseFinding[];
  readonly warnings: readonly DatabaseFinding[];
}

export interface SessionsQuery extends Paging {
  readonly status?: SessionStatus | undefined;
  readonly trigger?: string | undefined;
}

export interface RecordsQuery extends Paging {
  readonly status?: RecordStatus | undefined;
}

/** Newest first. */
export const listSessions = (client: TidemarkClient, query: SessionsQuery, signal?: AbortSignal) =>
  client.list<Session>('/collections', { ...query }, signal);

export const getSession = (client: TidemarkClient, id: Session['id'], signal?: AbortSignal) =>
  client.get<Session>(`/collections/${id}`, undefined, signal);

/** Failed ones first. */
export const listRecords = (
  client: TidemarkClient,
  sessionId: Session['id'],
  query: RecordsQuery = {},
  signal?: AbortSignal,
) => client.list<CollectionRecord>(`/collections/${sessionId}/records`, { ...query }, signal);

/** The history of one instance, newest first. */
export const listInstanceRecords = (
  client: TidemarkClient,
  instanceId: number,
  query: Paging = {},
  signal?: AbortSignal,
) => client.list<CollectionRecord>(`/instances/${instanceId}/records`, { ...query }, signal);

/** Starts a run, or joins the one under way. */
export const startCollection = (client: TidemarkClient, scope: CollectionScope = {}) =>
  client.post<Session & { readonly joined: boolean }>('/collections', scope);

/** What runs is ended at the next safe point; what waits does not start. */
export const cancelCollection = (client: TidemarkClient, id: Session['id']) =>
  client.post<Session>(`/collections/${id}/cancel`);
