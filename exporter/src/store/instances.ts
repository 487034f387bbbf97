import type { TlsOptions } from '../config/tls.ts';
import { TidemarkError } from '../errors.ts';
import type { Queryable } from './pool.ts';

/**
 * Who says what an instance is: the configuration file, the embedded repository, a user through command line or API, or the
 * demonstration, whose instances nobody ever logs in to.
 */
export type InstanceSource = 'file' | 'embedded' | 'user' | 'demonstration';

/** An instance as it is described by its source. */
export interface InstanceDescription {
  readonly name: string;
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  /** What to connect to. */
  readonly database: string;
  readonly tls: TlsOptions;
  readonly owner: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly estimateOnTimeout: boolean;
  /** Times of day at which it is left alone, `08:00-18:00` in the configured time zone. */
  readonly quietHours: readonly string[];
  readonly active: boolean;
}

export interface Instance extends InstanceDescription {
  readonly id: number;
  readonly source: InstanceSource;
  readonly serverVersion: string | null;
  /** Null where the login comes with the source. */
  readonly username: string | null;
  readonly secretReference: string | null;
  /** With the name of the credential, which it was encrypted for. */
  readonly encryptedSecret: { readonly ciphertext: Buffer; readonly keyId: string; readonly owner: string } | null;
}

/** A row of `instanceColumns`. */
export type InstanceRow = Omit<Instance, 'encryptedSecret'> & {
  secretCiphertext: Buffer | null;
  keyId: string | null;
  credentialName: string | null;
};

export function fromRow<Row extends InstanceRow>({ secretCiphertext, keyId, credentialName, ...row }: Row) {
  const encryptedSecret =
    secretCiphertext === null || keyId === null || credentialName === null
      ? null
      : { ciphertext: secretCiphertext, keyId, owner: credentialName };
  return { ...row, encryptedSecret };
}

/** Of `instances AS i LEFT JOIN credentials AS c`, as `fromRow` reads them. */
export const instanceColumns = `i.id, i.name, i.engine, i.host, i.port, i.database_name AS database, i.tls, i.owner, i.labels,
  i.include_patterns AS include, i.exclude_patterns AS exclude, i.estimate_on_timeout AS "estimateOnTimeout",
  i.quiet_hours AS "quietHours", i.is_active AS active, i.source, i.server_version AS "serverVersion", c.username,
  c.secret_reference AS "secretReference", c.secret_ciphertext AS "secretCiphertext", c.key_id AS "keyId", c.name AS "credentialName"`;

/** What is to be measured: instances of a demonstration are shown, but there is nothing to log in to. */
export async function listActiveInstances(client: Queryable): Promise<Instance[]> {
  const { rows } = await client.query<InstanceRow>(
    `SELECT ${instanceColumns}
     FROM instances AS i
     LEFT JOIN credentials AS c ON c.id = i.credential_id
     WHERE i.is_active AND i.source <> 'demonstration'
     ORDER BY i.name`,
  );
  return rows.map(fromRow);
}

/** @param visibleTo the owner whose instances there are; null for all */
export async function findInstance(
  client: Queryable,
  by: { readonly id: number } | { readonly name: string },
  visibleTo: string | null = null,
): Promise<Instance | null> {
  const { rows } = await client.query<InstanceRow>(
    `SELECT ${instanceColumns}
     FROM instances AS i
     LEFT JOIN credentials AS c ON c.id = i.credential_id
     WHERE ${'id' in by ? 'i.id' : 'i.name'} = $1 AND ($2::text IS NULL OR i.owner = $2)`,
    ['id' in by ? by.id : by.name, visibleTo],
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** The columns that a source describes, of the table or of the row that was to be inserted. */
function descriptionOf(table: 'instances' | 'excluded'): string {
  const columns = [
    ...['engine', 'host', 'port', 'database_name', 'tls', 'owner', 'labels', 'include_patterns', 'exclude_patterns'],
    ...['estimate_on_timeout', 'is_active', 'credential_id', 'quiet_hours'],
  ];
  return columns.map((column) => `${table}.${column}`).join(', ');
}

/** Adds an instance, or changes the one of that name when it has the same source. @throws TidemarkError `name_taken` */
export async function saveInstance(
  client: Queryable,
  instance: InstanceDescription,
  source: InstanceSource,
  credentialId: number | null = null,
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO instances (name, engine, host, port, database_name, tls, owner, labels, include_patterns, exclude_patterns,
       estimate_on_timeout, is_active, source, credential_id, quiet_hours)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (name) DO UPDATE SET engine = excluded.engine, host = excluded.host, port = excluded.port,
       database_name = excluded.database_name, tls = excluded.tls, owner = excluded.owner, labels = excluded.labels,
       include_patterns = excluded.include_patterns, exclude_patterns = excluded.exclude_patterns,
       estimate_on_timeout = excluded.estimate_on_timeout, is_active = excluded.is_active,
       credential_id = excluded.credential_id, quiet_hours = excluded.quiet_hours,
       updated_at = CASE WHEN (${descriptionOf('instances')}) IS DISTINCT FROM (${descriptionOf('excluded')})
         THEN now() ELSE instances.updated_at END
     WHERE instances.source = excluded.source
     RETURNING id`,
    [
      instance.name,
      instance.engine,
      instance.host,
      instance.port,
      instance.database,
      instance.tls,
      instance.owner,
      instance.labels,
      instance.include,
      instance.exclude,
      instance.estimateOnTimeout,
      instance.active,
      source,
      credentialId,
      instance.quietHours,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw nameTaken(instance.name);
  return id;
}

/** What is said when the name of an instance is in use. */
export function nameTaken(name: string): TidemarkError {
  return new TidemarkError('name_taken', `there is an instance "${name}" already: choose another name`);
}

/** Deactivates what the file or the embedded repository no longer names; the history stays. */
export async function deactivateMissing(
  client: Queryable,
  source: InstanceSource,
  names: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE instances
     SET is_active = false, updated_at = now()
     WHERE source = $1 AND is_active AND name <> ALL ($2::text[])`,
    [source, names],
  );
}

export async function saveServerVersion(client: Queryable, instanceId: number, version: string): Promise<void> {
  await client.query('UPDATE instances SET server_version = $2 WHERE id = $1 AND server_version IS DISTINCT FROM $2', [
    instanceId,
    version,
  ]);
}

/** Whether the repository shows made-up instances. */
export async function holdsDemonstration(client: Queryable): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM instances WHERE source = 'demonstration' LIMIT 1");
  return rowCount === 1;
}

/** What there is to say of an instance besides its measurements. */
export interface WatchedInstance {
  readonly id: number;
  readonly name: string;
  readonly engine: string;
  readonly serverVersion: string | null;
  readonly owner: string | null;
  /** Its label of that name. */
  readonly environment: string | null;
  readonly createdAt: Date;
}

/** All active instances, by name. */
export async function listWatchedInstances(client: Queryable): Promise<WatchedInstance[]> {
  const { rows } = await client.query<WatchedInstance>(
    `SELECT id, name, engine, server_version AS "serverVersion", owner, labels ->> 'environment' AS environment,
       created_at AS "createdAt"
     FROM instances
     WHERE is_active
     ORDER BY name`,
  );
  return rows;
}
