import type { Queryable } from './pool.ts';

/** A login that is kept in the repository, without its secret. */
export interface Credential {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly secretReference: string | null;
  /** Of the key that the stored secret is encrypted with. */
  readonly keyId: string | null;
  /** Names of the instances that use it. */
  readonly instances: readonly string[];
}

/** What a credential holds: a reference that is resolved at use, an encrypted secret, or neither. */
export interface StoredSecret {
  readonly secretReference: string | null;
  readonly encrypted: { readonly ciphertext: Buffer; readonly keyId: string } | null;
}

/** @returns the id; a name that exists is a unique violation (23505) */
export async function addCredential(
  client: Queryable,
  credential: StoredSecret & { readonly name: string; readonly username: string },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO credentials (name, username, secret_reference, secret_ciphertext, key_id)
     VALUES ($1, $2, $3, $4, $5)
     RETURNING id`,
    [
      credential.name,
      credential.username,
      credential.secretReference,
      credential.encrypted?.ciphertext ?? null,
      credential.encrypted?.keyId ?? null,
    ],
  );
  return rows[0]?.id ?? 0;
}

export async function listCredentials(client: Queryable): Promise<Credential[]> {
  const { rows } = await client.query<Credential>(
    `SELECT c.id, c.name, c.username, c.secret_reference AS "secretReference", c.key_id AS "keyId",
       ARRAY(SELECT i.name FROM instances AS i WHERE i.credential_id = c.id ORDER BY i.name) AS instances
     FROM credentials AS c
     ORDER BY c.name`,
  );
  return rows;
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
