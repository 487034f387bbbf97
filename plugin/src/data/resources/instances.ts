import type { TidemarkClient } from '../client';
import type { EngineName, FleetFilters, GrowthSummary, Moment, Paging, RecordStatus, SparklineData } from '../common';

export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full' | (string & {});

export interface Tls {
  readonly mode: TlsMode;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly server_name: string | null;
}

/** A server that is measured. */
export interface Instance {
  readonly id: number;
  readonly name: string;
  readonly engine: EngineName;
  readonly host: string;
  readonly port: number;
  readonly database: string | null;
  readonly server_version: string | null;
  readonly owner: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Only those of the `user` are changed through the API. */
  readonly source: 'file' | 'embedded' | 'demonstration' | 'user';
  readonly active: boolean;
  readonly tls: Tls | null;
  readonly username: string | null;
  readonly credential_id: number | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `08:00-18:00`, in the exporter's time zone. */
  readonly quiet_hours: readonly string[];
  readonly estimate_on_timeout: boolean;
  readonly total_size_bytes: number | null;
  readonly total_size_mb: number | null;
  readonly database_count: number;
  readonly measure_seconds: number | null;
  readonly growth: GrowthSummary | null;
  /** Only where `sparkline_days` asked for it. */
  readonly sparkline: SparklineData | null;
  readonly last_collection: {
    readonly session_id: number | string;
    readonly status: RecordStatus;
    readonly finished_at: Moment | null;
    readonly error_code: string | null;
    readonly error_message: string | null;
  } | null;
  readonly created_at: Moment;
  readonly updated_at: Moment;
}

export interface InstanceDetailQuery {
  readonly growth_days?: number | undefined;
  /** 0 (none) to 366. */
  readonly sparkline_days?: number | undefined;
}

type InstanceSortField =
  | 'name'
  | 'engine'
  | 'owner'
  | 'total_size_bytes'
  | 'change_bytes'
  | 'growth_rate'
  | 'database_count'
  | 'last_collection';

export interface InstancesQuery extends FleetFilters, Paging, InstanceDetailQuery {
  readonly search?: string | undefined;
  readonly active?: boolean | undefined;
  readonly status?: RecordStatus | 'never' | undefined;
  readonly sort?: InstanceSortField | `-${InstanceSortField}` | undefined;
}

/** What is written of an instance. Passwords go in and never come out. */
export interface InstanceInput {
  readonly name: string;
  readonly engine: EngineName;
  readonly host: string;
  readonly port?: number | undefined;
  readonly database?: string | null | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** `env:NAME` or `file:PATH`. */
  readonly secret_reference?: string | undefined;
  readonly credential_id?: number | null | undefined;
  readonly tls?: Partial<Tls> | undefined;
  readonly owner?: string | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly quiet_hours?: readonly string[] | undefined;
  readonly estimate_on_timeout?: boolean | undefined;
  readonly active?: boolean | undefined;
}

/** What a login finds: the server, how many databases can be measured, and what stands in the way. */
export interface ConnectionTest {
  readonly server_version: string;
  readonly encrypted: boolean;
  /** Null where the server does not list them. */
  readonly databases: number | null;
  readonly unmeasured_databases: number;
  readonly findings: readonly { readonly database: string | null; readonly code: string; readonly message: string }[];
}

export const listInstances = (client: TidemarkClient, query: InstancesQuery, signal?: AbortSignal) =>
  client.list<Instance>('/instances', { ...query }, signal);

export const getInstance = (
  client: TidemarkClient,
  id: number,
  query: InstanceDetailQuery = {},
  signal?: AbortSignal,
) => client.get<Instance>(`/instances/${id}`, { ...query }, signal);

/** For admins. */
export const createInstance = (client: TidemarkClient, instance: InstanceInput) =>
  client.post<Instance>('/instances', instance);

/** @throws ApiError `provisioned` for an instance of `tidemark.yaml` or the embedded server. */
export const changeInstance = (client: TidemarkClient, id: number, changes: Partial<InstanceInput>) =>
  client.patch<Instance>(`/instances/${id}`, changes);

/** Its history goes too. */
export const deleteInstance = (client: TidemarkClient, id: number) => client.delete(`/instances/${id}`);

/** @throws ApiError with the engine's code and the remedy */
export const testInstance = (client: TidemarkClient, id: number) =>
  client.post<ConnectionTest>(`/instances/${id}/test`);

/** Tries what has not been saved yet. @throws ApiError with the engine's code and the remedy */
export const testNewInstance = (client: TidemarkClient, instance: InstanceInput) =>
  client.post<ConnectionTest>('/instances/test', instance);
