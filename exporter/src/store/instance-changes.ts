import type pg from 'pg';
import { codeOf, TidemarkError } from '../errors.ts';
import { audit, changesBetween, type Actor } from './audit.ts';
import { addCredential, findLogin, secretColumns, type NewSecret, type StoredLogin } from './credentials.ts';
import { findInstance, nameTaken, saveInstance, type Instance, type InstanceDescription } from './instances.ts';
import { inTransaction, lockInTransaction } from './pool.ts';

/** How to log in from now on; what is not given stays as it is. */
export interface LoginChange {
  /** A login that is kept for several instances. */
  readonly credentialId?: number | undefined;
  /** Of the instance's own login. */
  readonly username?: string | undefined;
  readonly secret?: NewSecret | undefined;
}

/**
 * Adds an instance of a user, with a login of its own or one that is kept already.
 * @throws TidemarkError `name_taken`, `bad_request` where the login is not there
 */
export async function createInstance(
  pool: pg.Pool,
  actor: Actor,
  description: InstanceDescription,
  login: LoginChange,
): Promise<number> {
  return withFreeName(description.name, () =>
    inTransaction(pool, async (client) => {
      // Saving changes an instance of that name: nobody else may add it meanwhile.
      await lockInTransaction(client, 'fleet');
      if ((await findInstance(client, { name: description.name })) !== null) throw nameTaken(description.name);
      const credentialId = await chooseLogin(client, description.name, null, login);
      const id = await saveInstance(client, description, 'user', credentialId);
      await record(client, actor, 'create', null, await stateOf(client, id));
      return id;
    }),
  );
}

/**
 * Changes an instance of a user.
 * @returns false when there is none of that id
 * @throws TidemarkError `provisioned`, `name_taken`, `bad_request` where the login is not there
 */
export async function changeInstance(
  pool: pg.Pool,
  actor: Actor,
  id: number,
  changes: Partial<InstanceDescription>,
  login: LoginChange,
): Promise<boolean> {
  return withFreeName(changes.name ?? '', () =>
    inTransaction(pool, async (client) => {
      const before = await lockedState(client, id);
      if (before === null) return false;
      refuseProvisioned(before.instance);
      const description = { ...before.instance, ...changes };
      const credentialId = await chooseLogin(client, description.name, before.login, login);
      // The name is the key of what is saved next.
      await client.query('UPDATE instances SET name = $2, updated_at = now() WHERE id = $1 AND name <> $2', [
        id,
        description.name,
      ]);
      await saveInstance(client, description, 'user', credentialId);
      if (before.login !== null) await dropUnused(client, before.login.id);
      await record(client, actor, 'update', before, await stateOf(client, id));
      return true;
    }),
  );
}

/**
 * Removes an instance of a user with its history and the login that came with it.
 * @returns false when there is none of that id
 * @throws TidemarkError `provisioned`
 */
export async function removeInstance(pool: pg.Pool, actor: Actor, id: number): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const before = await lockedState(client, id);
    if (before === null) return false;
    refuseProvisioned(before.instance);
    await client.query('DELETE FROM instances WHERE id = $1', [id]);
    if (before.login !== null) await dropUnused(client, before.login.id);
    await record(client, actor, 'delete', before, null);
    return true;
  });
}

/** A name that is taken is a violation of its key. */
async function withFreeName<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === '23505') throw nameTaken(name);
    throw error;
  }
}

function refuseProvisioned({ name, source }: Instance): void {
  if (source === 'user') return;
  const origin = {
    file: 'the configuration file: change it in tidemark.yaml',
    embedded: 'Tidemark itself: it is the embedded repository, which is watched as long as the file names no instance',
    demonstration: 'the demonstration, where nothing can be changed',
  }[source];
  throw new TidemarkError('provisioned', `"${name}" comes from ${origin}`);
}

interface State {
  readonly instance: Instance;
  readonly login: StoredLogin | null;
}

async function lockedState(client: pg.PoolClient, id: number): Promise<State | null> {
  const { rowCount } = await client.query('SELECT FROM instances WHERE id = $1 FOR UPDATE', [id]);
  return rowCount === 0 ? null : stateOf(client, id);
}

async function stateOf(client: pg.PoolClient, id: number): Promise<State> {
  const instance = await findInstance(client, { id });
  if (instance === null) throw new Error(`instance ${id} has gone from the transaction that has it`);
  const { rows } = await client.query<{ id: number | null }>(
    'SELECT credential_id AS id FROM instances WHERE id = $1',
    [id],
  );
  const credentialId = rows[0]?.id ?? null;
  return { instance, login: credentialId === null ? null : await findLogin(client, credentialId, { lock: true }) };
}

/** @returns the id of the credential that the instance uses from now on */
async function chooseLogin(
  client: pg.PoolClient,
  instanceName: string,
  current: StoredLogin | null,
  change: LoginChange,
): Promise<number | null> {
  const { credentialId, username, secret } = change;
  if (credentialId !== undefined) {
    if ((await findLogin(client, credentialId)) === null)
      throw badField('credential_id', `there is no credential ${credentialId}`);
    return credentialId;
  }
  if (username === undefined && secret === undefined) return current?.id ?? null;
  if (current?.dedicated === true && current.uses === 1) {
    await changeLogin(client, current, { username, secret });
    return current.id;
  }
  const name = username ?? current?.username;
  if (name === undefined) throw badField('username', 'expected together with a password');
  const hasSecret = current !== null && (current.secretReference !== null || current.encrypted !== null);
  if (secret === undefined && hasSecret)
    throw badField('password', "expected together with the user name: the login in use is not this instance's own");
  return addCredential(client, {
    name: await freeCredentialName(client, instanceName),
    username: name,
    secret: secret ?? null,
    dedicated: true,
  });
}

async function changeLogin(
  client: pg.PoolClient,
  { id, name }: StoredLogin,
  { username, secret }: Pick<LoginChange, 'username' | 'secret'>,
): Promise<void> {
  if (username !== undefined)
    await client.query('UPDATE credentials SET username = $2, updated_at = now() WHERE id = $1', [id, username]);
  if (secret === undefined) return;
  await client.query(
    `UPDATE credentials
     SET secret_reference = $2, secret_ciphertext = $3, key_id = $4, updated_at = now()
     WHERE id = $1`,
    [id, ...secretColumns(secret, name)],
  );
}

/** That of the instance, with a number where another credential has it. */
async function freeCredentialName(client: pg.PoolClient, instanceName: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? instanceName : `${instanceName} (${number})`;
    const { rowCount } = await client.query('SELECT FROM credentials WHERE name = $1', [name]);
    if (rowCount === 0) return name;
  }
}

async function dropUnused(client: pg.PoolClient, credentialId: number): Promise<void> {
  await client.query(
    `DELETE FROM credentials AS c
     WHERE c.id = $1 AND c.dedicated AND NOT EXISTS (SELECT FROM instances AS i WHERE i.credential_id = c.id)`,
    [credentialId],
  );
}

function badField(field: string, problem: string): TidemarkError {
  return new TidemarkError('bad_request', `${field}: ${problem}`, { details: [{ field, problem }] });
}

async function record(
  client: pg.PoolClient,
  actor: Actor,
  action: 'create' | 'update' | 'delete',
  before: State | null,
  after: State | null,
): Promise<void> {
  const { id, name } = (after ?? before)?.instance ?? { id: null, name: '' };
  await audit(client, actor, {
    ...{ action, objectType: 'instance', objectId: id, objectName: name },
    changes: changesBetween(fieldsOf(before), fieldsOf(after), ['password']),
  });
}

/** As the API names them. */
function fieldsOf(state: State | null): Record<string, unknown> | null {
  if (state === null) return null;
  const { instance, login } = state;
  return {
    name: instance.name,
    engine: instance.engine,
    host: instance.host,
    port: instance.port,
    database: instance.database,
    tls: instance.tls,
    owner: instance.owner,
    labels: instance.labels,
    include: instance.include,
    exclude: instance.exclude,
    estimate_on_timeout: instance.estimateOnTimeout,
    quiet_hours: instance.quietHours,
    active: instance.active,
    credential: login?.name,
    username: login?.username,
    secret_reference: login?.secretReference,
    password: login?.encrypted?.ciphertext.toString('base64'),
  };
}
