import type pg from 'pg';
import type { Config } from '../config/config.ts';
import type { InstanceDefinition } from '../config/file.ts';
import { parseSecretReference, type SecretReference } from '../config/references.ts';
import type { Secret } from '../config/secret.ts';
import type { Target } from '../engines/engine.ts';
import { engineNamed } from '../engines/registry.ts';
import { TidemarkError } from '../errors.ts';
import { deactivateMissing, saveInstance, type Instance, type InstanceDescription } from '../store/instances.ts';
import { inTransaction, lockInTransaction } from '../store/pool.ts';
import { matcherOf, type Patterns } from './patterns.ts';
import { createVault, type Vault } from './vault.ts';

/** How to log in to a provisioned instance; these logins stay in this process. */
interface Login {
  readonly username: string;
  readonly password: SecretReference | null;
}

/** The embedded repository as an instance that is watched. */
export interface EmbeddedInstance {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  readonly dataDirectory: string;
}

/** What is watched, and how to log in to it. */
export interface Fleet {
  /** @throws TidemarkError `credential_unavailable` */
  targetOf(instance: Instance): Target;
  readonly vault: Vault;
  /** Whether a database of this instance is to be measured. */
  wantedOn(instance: Instance): (databaseName: string) => boolean;
}

const embeddedName = 'tidemark-repository';

/**
 * Brings the instances that configuration file and embedded repository name into the repository. What they no longer name
 * becomes inactive, history kept. The embedded repository is watched where the file names no instance.
 * @throws TidemarkError `name_taken` when a user's instance has the name of one in the file
 */
export async function provisionFleet(
  pool: pg.Pool,
  config: Config,
  embedded: EmbeddedInstance | null,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Fleet> {
  const { definitions, watchedEmbedded } = namedBy(config, embedded);
  await inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'fleet');
    for (const definition of definitions) await saveInstance(client, describe(definition), 'file');
    if (config.file !== null) {
      await deactivateMissing(
        client,
        'file',
        definitions.map((definition) => definition.name),
      );
    }
    if (watchedEmbedded !== null) await saveInstance(client, describeEmbedded(watchedEmbedded), 'embedded');
    else await deactivateMissing(client, 'embedded', []);
  });
  return knownFleet(config, embedded, environment);
}

/** The same logins for whoever only looks: nothing is written. */
export function knownFleet(
  config: Config,
  embedded: EmbeddedInstance | null,
  environment: NodeJS.ProcessEnv = process.env,
): Fleet {
  const { definitions, watchedEmbedded } = namedBy(config, embedded);
  const vault = createVault(config, embedded?.dataDirectory ?? null);
  return createFleet(
    { provisioned: logins(definitions, watchedEmbedded), vault, environment },
    config.file ?? everything,
  );
}

function namedBy(config: Config, embedded: EmbeddedInstance | null) {
  const definitions = config.file?.instances ?? [];
  return { definitions, watchedEmbedded: definitions.length === 0 ? embedded : null };
}

const everything: Patterns = { include: ['*'], exclude: [] };

function logins(
  definitions: readonly InstanceDefinition[],
  embedded: EmbeddedInstance | null,
): ReadonlyMap<string, Login> {
  const map = new Map<string, Login>(definitions.map((definition) => [definition.name, definition]));
  if (embedded !== null) {
    const password: SecretReference = { description: 'embedded', read: () => embedded.password };
    map.set(embeddedName, { username: embedded.username, password });
  }
  return map;
}

/** Where logins come from. */
interface LoginSources {
  readonly provisioned: ReadonlyMap<string, Login>;
  readonly vault: Vault;
  readonly environment: NodeJS.ProcessEnv;
}

function createFleet(sources: LoginSources, global: Patterns): Fleet {
  return {
    vault: sources.vault,
    targetOf: (instance) => {
      const { username, password } = loginOf(instance, sources);
      return {
        host: instance.host,
        port: instance.port,
        database: instance.database,
        tls: instance.tls,
        username,
        password: password?.read() ?? null,
      };
    },
    wantedOn: (instance) => matcherOf(global, instance),
  };
}

function loginOf(instance: Instance, { provisioned, vault, environment }: LoginSources): Login {
  const login = provisioned.get(instance.name);
  if (instance.source !== 'user' && login !== undefined) return login;
  const { username, secretReference, encryptedSecret } = instance;
  if (username === null) {
    throw new TidemarkError(
      'credential_unavailable',
      `the login of "${instance.name}" comes from a configuration file that this exporter does not have: ` +
        'give every exporter of the repository the same file',
    );
  }
  if (encryptedSecret !== null) {
    const read = (): Secret => vault.decrypt(encryptedSecret, encryptedSecret.owner);
    return { username, password: { description: `key ${encryptedSecret.keyId}`, read } };
  }
  return { username, password: secretReference === null ? null : parseSecretReference(secretReference, environment) };
}

/** The definition of the file with the defaults of its engine. */
export function describe(definition: Omit<InstanceDefinition, 'password' | 'username'>): InstanceDescription {
  const engine = engineNamed(definition.engine);
  return {
    name: definition.name,
    engine: engine.name,
    host: definition.host,
    port: definition.port ?? engine.defaultPort,
    database: definition.database ?? engine.defaultDatabase,
    tls: definition.tls,
    owner: definition.owner,
    labels: definition.labels,
    include: definition.include,
    exclude: definition.exclude,
    estimateOnTimeout: definition.estimate_on_timeout,
    quietHours: definition.quiet_hours,
    active: definition.active,
  };
}

function describeEmbedded(embedded: EmbeddedInstance): InstanceDescription {
  return {
    name: embeddedName,
    engine: 'postgresql',
    host: embedded.host,
    port: embedded.port,
    database: 'postgres',
    tls: { mode: 'disable' },
    owner: null,
    labels: {},
    ...everything,
    estimateOnTimeout: false,
    quietHours: [],
    active: true,
  };
}
