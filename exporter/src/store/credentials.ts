import type { Queryable } from './pool.ts';

/** A login that is kept in the repository, without its secret. */
export interface Credential {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly secretReference: string | null;
  /** Of the key that the stored secret is encrypted with. */
  readonly keyId: string | null;
  /** It came with an instance, is changed with it and goes with it. */
  readonly dedicated: boolean;
  /** Names of the instances that use it. */
  readonly instances: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An encrypted secret, and the key that it is encrypted with. */
export interface Ciphertext {
  readonly ciphertext: Buffer;
  readonly keyId: string;
}

/**
 * A secret that is to be kept: a reference that is resolved at use, or one that is encrypted for the credential of that name and
 * no other; null: there is none.
 */
export type NewSecret = { readonly reference: string } | { encryptFor(credentialName: string): Ciphertext } | null;

/** The columns of a secret: secret_reference, secret_ciphertext, key_id. */
export function secretColumns(
  secret: NewSecret,
  credentialName: string,
): [string | null, Buffer | null, string | null] {
  if (secret === null) return [null, null, null];
  if ('reference' in secret) return [secret.reference, null, null];
  const { ciphertext, keyId } = secret.encryptFor(credentialName);
  return [null, ciphertext, keyId];
}

/** @returns the id; a name that exists is a unique violation (23505) */
export async function addCredential(
  client: Queryable,
  credential: {
    readonly name: string;
    readonly username: string;
    readonly secret: NewSecret;
    readonly dedicated?: boolean;
  },
): Promise<number> {
  const { name, username, secret, dedicated = false } = credential;
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO credentials (name, username, secret_reference, secret_ciphertext, key_id, dedicated)
     VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING id`,
    [name, username, ...secretColumns(secret, name), dedicated],
  );
  return rows[0]?.id ?? 0;
}

const columns = `c.id, c.name, c.username, c.secret_reference AS "secretReference", c.key_id AS "keyId", c.dedicated,
  c.created_at AS "createdAt", c.updated_at AS "updatedAt",
  ARRAY(SELECT i.name FROM instances AS i WHERE i.credential_id = c.id ORDER BY i.name) AS instances`;

/** By name, a page at a time. */
export async function listCredentials(
  client: Queryable,
  page: { readonly limit: number; readonly offset: number } = { limit: 2_147_483_647, offset: 0 },
): Promise<{ credentials: Credential[]; total: number }> {
  const { rows } = await client.query<Credential>(
    `SELECT ${columns} FROM credentials AS c ORDER BY c.name LIMIT $1 OFFSET $2`,
    [page.limit, page.offset],
  );
  const count = await client.query<{ total: number }>('SELECT count(*) AS total FROM credentials');
  return { credentials: rows, total: count.rows[0]?.total ?? 0 };
}

export async function findCredential(client: Queryable, id: number): Promise<Credential | null> {
  const { rows } = await client.query<Credential>(`SELECT ${columns} FROM credentials AS c WHERE c.id = $1`, [id]);
  return rows[0] ?? null;
}

/** A login with its secret as it is stored. */
export interface StoredLogin {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly secretReference: string | null;
  readonly encrypted: Ciphertext | null;
  readonly dedicated: boolean;
  /** How many instances use it. */
  readonly uses: number;
}

/** @param options.lock until the end of the transaction nobody else changes it */
export async function findLogin(
  client: Queryable,
  id: number,
  options: { readonly lock?: boolean } = {},
): Promise<StoredLogin | null> {
  const { rows } = await client.query<Omit<StoredLogin, 'encrypted'> & { ciphertext: Buffer; keyId: string | null }>(
    `SELECT c.id, c.name, c.username, c.secret_reference AS "secretReference", c.secret_ciphertext AS ciphertext,
       c.key_id AS "keyId", c.dedicated, (SELECT count(*)::int FROM instances AS i WHERE i.credential_id = c.id) AS uses
     FROM credentials AS c
     WHERE c.id = $1
     ${options.lock === true ? 'FOR UPDATE' : ''}`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { ciphertext, keyId, ...login } = row;
  return { ...login, encrypted: keyId === null ? null : { ciphertext, keyId } };
}

/** An encrypted secret with what identifies it. */
export interface EncryptedCredential {
  readonly id: number;
  readonly name: string;
  readonly ciphertext: Buffer;
  readonly keyId: string;
}

/** The encrypted secrets that another key than the given one encrypts. */
export async function listEncryptedOtherwise(client: Queryable, keyId: string): Promise<EncryptedCredential[]> {
  const { rows } = await client.query<EncryptedCredential>(
    `SELECT id, name, secret_ciphertext AS ciphertext, key_id AS "keyId"
     FROM credentials
     WHERE key_id <> $1
     ORDER BY name`,
    [keyId],
  );
  return rows;
}

/** Replaces a ciphertext unless somebody changed it meanwhile. @returns whether it was replaced */
export async function replaceCiphertext(
  client: Queryable,
  before: EncryptedCredential,
  after: { readonly ciphertext: Buffer; readonly keyId: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE credentials
     SET secret_ciphertext = $3, key_id = $4, updated_at = now()
     WHERE id = $1 AND secret_ciphertext = $2`,
    [before.id, before.ciphertext, after.ciphertext, after.keyId],
  );
  return rowCount === 1;
}
