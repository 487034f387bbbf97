import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Deadlines } from './deadlines.ts';
import { parseEncryptionKeys } from './encryption-keys.ts';
import { deadlinesOf, environmentSettings, readEnvironment, type EnvironmentValues } from './environment.ts';
import { readConfigurationFile, type FileValues } from './file.ts';
import { httpSettings, type HttpSettings } from './http.ts';
import { messageOf } from '../errors.ts';
import { ConfigurationError, type ConfigurationIssue } from './issues.ts';
import { parseSecretReference, type Environment, type SecretReference } from './references.ts';
import type { Secret } from './secret.ts';

/** Everything that can be configured, checked and frozen. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Null: `./data`, or a folder that the server's own user may enter (see `embedded/`). */
  readonly dataDirectory: string | null;
  /** Null: the embedded PostgreSQL is the repository. */
  readonly databaseUrl: Secret | null;
  /** IANA zone in which days begin and schedules run. */
  readonly timezone: string;
  readonly concurrency: number;
  readonly connectionsPerHost: number;
  readonly loadPercent: number;
  readonly retries: number;
  readonly role: 'all' | 'scheduler' | 'worker' | 'api';
  readonly logLevel: string;
  readonly collect: { readonly enabled: boolean; readonly schedule: string };
  readonly partitions: { readonly createSchedule: string; readonly cleanupSchedule: string };
  readonly aggregation: { readonly enabled: boolean; readonly schedule: string };
  /** How long daily rows are kept: a month goes when both say that it is past. */
  readonly retention: { readonly days: number; readonly months: number };
  /** Most series of the fleet in /metrics. */
  readonly metricsMaxSeries: number;
  readonly deadlines: Deadlines;
  /** Null: none given. */
  readonly encryptionKeys: SecretReference | null;
  readonly allowLocalTargets: boolean;
  /** Null: one is made at the first start. */
  readonly adminToken: Secret | null;
  readonly http: HttpSettings;
  /** Names of the variables that are set: what they say cannot be changed at run time. */
  readonly variables: readonly string[];
  /** Null: Oracle is spoken to without client libraries. */
  readonly oracleClientDirectory: string | null;
  /** Null: there is no configuration file. */
  readonly file: (FileValues & { readonly path: string }) | null;
}

/**
 * Reads environment and file.
 * @param options.readsFile whether the file is read: for what is not about the instances in it, their passwords need not be there
 * @throws ConfigurationError with everything that is wrong with both
 */
export function loadConfig(
  environment: Environment = process.env,
  directory: string = process.cwd(),
  { readsFile = true }: { readonly readsFile?: boolean } = {},
): Config {
  const { values, usable, issues } = readEnvironment(environment);
  const path = configurationPath(environment, directory);
  const isRead = readsFile && (Boolean(environment.TIDEMARK_CONFIG) || existsSync(path));
  const file = isRead ? readConfigurationFile(path, environment) : null;
  const encryption = encryptionKeys(usable, directory);
  const http = httpSettings(usable, directory);
  const allIssues = [...issues, ...encryption.issues, ...http.issues, ...(file?.issues ?? [])];
  if (values === null || allIssues.length > 0) throw new ConfigurationError(allIssues);
  return deepFreeze({
    host: values.TIDEMARK_HOST,
    port: values.TIDEMARK_PORT,
    dataDirectory: values.TIDEMARK_DATA_DIR === undefined ? null : resolve(directory, values.TIDEMARK_DATA_DIR),
    databaseUrl: values.DATABASE_URL ?? null,
    timezone: values.TIDEMARK_TIMEZONE,
    concurrency: values.TIDEMARK_CONCURRENCY,
    connectionsPerHost: values.TIDEMARK_HOST_CONNECTIONS,
    loadPercent: values.TIDEMARK_LOAD_PERCENT,
    retries: values.TIDEMARK_RETRIES,
    role: values.TIDEMARK_ROLE,
    logLevel: values.TIDEMARK_LOG_LEVEL,
    collect: { enabled: values.COLLECT_DB_SIZE_ENABLED, schedule: values.COLLECT_DB_SIZE_HOUR },
    partitions: { createSchedule: values.CREATE_PARTITION_HOUR, cleanupSchedule: values.CLEANUP_PARTITION_HOUR },
    aggregation: { enabled: values.AGGREGATION_ENABLED, schedule: values.AGGREGATION_HOUR },
    retention: { days: values.DATABASE_SIZE_RETENTION_DAYS, months: values.DATABASE_SIZE_RETENTION_MONTHS },
    metricsMaxSeries: values.TIDEMARK_METRICS_MAX_SERIES,
    deadlines: deadlinesOf(values),
    encryptionKeys: encryption.reference,
    allowLocalTargets: values.TIDEMARK_ALLOW_LOCAL_TARGETS,
    adminToken: values.TIDEMARK_ADMIN_TOKEN ?? null,
    http: http.settings,
    variables: Object.keys(environmentSettings).filter((name) => Boolean(environment[name])),
    oracleClientDirectory: values.TIDEMARK_ORACLE_CLIENT_DIR ?? null,
    file: file?.values == null ? null : { ...file.values, path },
  });
}

/** Where the configuration file is, or would be. */
export function configurationPath(environment: Environment = process.env, directory: string = process.cwd()): string {
  return resolve(directory, environment.TIDEMARK_CONFIG || 'tidemark.yaml');
}

/** Where the keys for stored passwords are; they are looked at now, so that a wrong one is said at start. */
function encryptionKeys(
  values: Partial<EnvironmentValues>,
  directory: string,
): { reference: SecretReference | null; issues: ConfigurationIssue[] } {
  const path = values.TIDEMARK_ENCRYPTION_KEY_FILE;
  const inline = values.TIDEMARK_ENCRYPTION_KEY;
  if (path === undefined && inline === undefined) return { reference: null, issues: [] };
  const key = path === undefined ? 'TIDEMARK_ENCRYPTION_KEY' : 'TIDEMARK_ENCRYPTION_KEY_FILE';
  if (path !== undefined && inline !== undefined) {
    return {
      reference: null,
      issues: [{ key, problem: 'TIDEMARK_ENCRYPTION_KEY is set too: expected one of the two' }],
    };
  }
  const reference =
    inline === undefined
      ? parseSecretReference(`file:${resolve(directory, path ?? '')}`, {})
      : { description: `env:${key}`, read: () => inline };
  try {
    parseEncryptionKeys(reference.read().reveal());
    return { reference, issues: [] };
  } catch (error) {
    return { reference: null, issues: [{ key, problem: messageOf(error) }] };
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
