import type pg from 'pg';
import { codeOf, TidemarkError } from '../errors.ts';
import { audit, changesBetween, type Actor } from './audit.ts';
import {
  addCredential,
  findCredential,
  findLogin,
  secretColumns,
  type Ciphertext,
  type NewSecret,
  type StoredLogin,
} from './credentials.ts';
import { inTransaction } from './pool.ts';

/** What a credential is to be; what is not given stays as it is. */
export interface CredentialChange {
  readonly name?: string | undefined;
  readonly username?: string | undefined;
  readonly secret?: NewSecret | undefined;
}

/** Makes a ciphertext that was encrypted for one name one for another. */
export type Reencrypt = (encrypted: Ciphertext, before: string, after: string) => Ciphertext;

/** Keeps a login for any number of instances. @throws TidemarkError `name_taken` */
export async function createCredential(
  pool: pg.Pool,
  actor: Actor,
  credential: { readonly name: string; readonly username: string; readonly secret: NewSecret },
): Promise<number> {
  return withFreeName(credential.name, () =>
    inTransaction(pool, async (client) => {
      const id = await addCredential(client, credential);
      await record(client, actor, 'create', null, await findLogin(client, id));
      return id;
    }),
  );
}

/** @returns false when there is none of that id @throws TidemarkError `name_taken` */
export async function changeCredential(
  pool: pg.Pool,
  actor: Actor,
  id: number,
  change: CredentialChange,
  reencrypt: Reencrypt,
): Promise<boolean> {
  return withFreeName(change.name ?? '', () =>
    inTransaction(pool, async (client) => {
      const before = await findLogin(client, id, { lock: true });
      if (before === null) return false;
      const { name = before.name, username = before.username, secret = secretUnder(name, before, reencrypt) } = change;
      await client.query(
        `UPDATE credentials
         SET name = $2, username = $3, secret_reference = $4, secret_ciphertext = $5, key_id = $6, updated_at = now()
         WHERE id = $1`,
        [id, name, username, ...secretColumns(secret, name)],
      );
      const after = await findLogin(client, id);
      // Under another name the same password is another ciphertext.
      const isSame = change.secret === undefined && after !== null;
      await record(client, actor, 'update', before, isSame ? { ...after, encrypted: before.encrypted } : after);
      return true;
    }),
  );
}

/** The secret that is stored, under the new name of its credential. */
function secretUnder(
  name: string,
  { name: before, secretReference, encrypted }: StoredLogin,
  reencrypt: Reencrypt,
): NewSecret {
  if (secretReference !== null) return { reference: secretReference };
  if (encrypted === null) return null;
  return { encryptFor: () => (name === before ? encrypted : reencrypt(encrypted, before, name)) };
}

/**
 * @returns false when there is none of that id
 * @throws TidemarkError `in_use` with the names of the instances that log in with it
 */
export async function removeCredential(pool: pg.Pool, actor: Actor, id: number): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const before = await findLogin(client, id, { lock: true });
    if (before === null) return false;
    const instances = (await findCredential(client, id))?.instances ?? [];
    if (instances.length > 0) {
      throw new TidemarkError(
        'in_use',
        `${instances.length === 1 ? 'an instance logs in' : `${instances.length} instances log in`} with it: give them another login first`,
        { details: { instances } },
      );
    }
    await client.query('DELETE FROM credentials WHERE id = $1', [id]);
    await record(client, actor, 'delete', before, null);
    return true;
  });
}

async function withFreeName<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== '23505') throw error;
    throw new TidemarkError('name_taken', `there is a credential "${name}" already: choose another name`);
  }
}

async function record(
  client: pg.PoolClient,
  actor: Actor,
  action: 'create' | 'update' | 'delete',
  before: StoredLogin | null,
  after: StoredLogin | null,
): Promise<void> {
  const { id, name } = after ?? before ?? { id: null, name: '' };
  await audit(client, actor, {
    ...{ action, objectType: 'credential', objectId: id, objectName: name },
    changes: changesBetween(fieldsOf(before), fieldsOf(after), ['password']),
  });
}

/** As the API names them. */
function fieldsOf(login: StoredLogin | null): Record<string, unknown> | null {
  if (login === null) return null;
  return {
    name: login.name,
    username: login.username,
    secret_reference: login.secretReference,
    password: login.encrypted?.ciphertext.toString('base64'),
  };
}
