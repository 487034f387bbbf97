import type { TidemarkClient } from '../client';
import type { DayRange, EngineName, Moment, Paging } from '../common';

/** Who the token of the data source is, and which exporter answers. */
export interface Me {
  readonly name: string;
  readonly role: 'admin' | 'viewer' | 'owner';
  /** With role `owner`: the only owner whose instances are seen. */
  readonly owner: string | null;
  readonly expires_at: Moment | null;
  readonly version: string;
  readonly timezone: string;
  readonly demonstration: boolean;
}

export const getMe = (client: TidemarkClient, signal?: AbortSignal) => client.get<Me>('/me', undefined, signal);

/** What can be measured of an engine, as `tidemark engines` prints it. */
export type EngineCapabilities = Readonly<Record<string, unknown>>;

export interface Engine {
  readonly engine: EngineName;
  readonly name: string;
  readonly default_port: number;
  readonly default_database: string | null;
  readonly versions: string;
  readonly capabilities: EngineCapabilities;
  /** Statements that give the login what it needs, by purpose. */
  readonly grants: readonly { readonly for: string; readonly statements: readonly string[] }[];
}

export const listEngines = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<readonly Engine[]>('/engines', undefined, signal);

/** What there is to filter by. */
export interface Facets {
  readonly engines: readonly { readonly value: EngineName; readonly instances: number }[];
  readonly owners: readonly { readonly value: string | null; readonly instances: number }[];
  /** Values of each label key. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

export const getFacets = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<Facets>('/facets', undefined, signal);

export interface Job {
  readonly job: 'collect' | 'aggregate' | 'partitions' | 'cleanup';
  readonly enabled: boolean;
  /** Cron expression in the exporter's time zone. */
  readonly schedule: string;
  readonly next_due_at: Moment | null;
  readonly last_run: {
    readonly due_at: Moment;
    readonly started_at: Moment | null;
    readonly finished_at: Moment | null;
    readonly succeeded: boolean | null;
    readonly message: string | null;
  } | null;
}

export const listJobs = (client: TidemarkClient, signal?: AbortSignal) =>
  client.get<readonly Job[]>('/jobs', undefined, signal);

/** Who changed what. For admins. */
export interface AuditEntry {
  readonly id: number;
  readonly at: Moment;
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly object_type: string;
  readonly object_id: string | number | null;
  readonly object_name: string | null;
  /** Before and after, by field. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

export interface AuditQuery extends DayRange, Paging {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
}

export const listAudit = (client: TidemarkClient, query: AuditQuery, signal?: AbortSignal) =>
  client.list<AuditEntry>('/audit', { ...query }, signal);
