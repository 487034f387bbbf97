import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { Secret } from '../config/secret.ts';
import { codeOf, TidemarkError } from '../errors.ts';
import { audit, changesBetween, type Actor, type Role } from './audit.ts';
import { inTransaction, lockInTransaction, type Queryable } from './pool.ts';

/** A token of the API, without what it says. */
export interface Token {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** Whose instances it may see; for the role `owner` only. */
  readonly owner: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const columns = `id, name, role, owner, created_at AS "createdAt", created_by AS "createdBy", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

/** 256 random bits; the prefix lets scanners of repositories and logs find a token that got lost. */
export function newToken(): Secret {
  return new Secret(`tmk_${randomBytes(32).toString('base64url')}`);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What a token says of whoever holds it. */
export type TokenHolder = Pick<Token, 'id' | 'name' | 'role' | 'owner' | 'expiresAt'>;

/**
 * The token that somebody holds, when it may be used now. Whatever is wrong with it takes the same steps.
 */
export async function findUsableToken(client: Queryable, presented: string): Promise<TokenHolder | null> {
  const digest = digestOf(presented);
  const { rows } = await client.query<TokenHolder & { digest: Buffer; usable: boolean; stale: boolean }>(
    `SELECT id, name, role, owner, expires_at AS "expiresAt", digest, revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS usable,
       (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
        AND current_setting('transaction_read_only') = 'off' AS stale
     FROM api_tokens
     WHERE digest = $1`,
    [digest],
  );
  const [found] = rows;
  const matches = timingSafeEqual(found?.digest ?? Buffer.alloc(digest.length), digest);
  if (found === undefined || !matches || !found.usable) return null;
  if (found.stale) await client.query('UPDATE api_tokens SET last_used_at = now() WHERE id = $1', [found.id]);
  const { id, name, role, owner, expiresAt } = found;
  return { id, name, role, owner, expiresAt };
}

/** What a new token is to be. */
export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  readonly owner: string | null;
  readonly expiresAt: Date | null;
}

/** Stores the digest of a token; a name that is in use is a unique violation (23505). */
export async function addToken(
  client: Queryable,
  secret: Secret,
  request: TokenRequest,
  createdBy: string,
): Promise<Token> {
  const { rows } = await client.query<Token>(
    `INSERT INTO api_tokens (name, digest, role, owner, expires_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING ${columns}`,
    [request.name, digestOf(secret.reveal()), request.role, request.owner, request.expiresAt, createdBy],
  );
  const [token] = rows;
  if (token === undefined) throw new Error('the repository stored no token');
  return token;
}

/** A token that was made, and what it says: the only time that it can be shown. */
export interface IssuedToken {
  readonly token: Token;
  readonly secret: Secret;
}

/** Makes a token and writes that down. @throws TidemarkError `name_taken` */
export async function issueToken(pool: pg.Pool, actor: Actor, request: TokenRequest): Promise<IssuedToken> {
  const secret = newToken();
  try {
    const token = await inTransaction(pool, async (client) => {
      const made = await addToken(client, secret, request, actor.name);
      await audit(client, actor, {
        ...{ action: 'create', objectType: 'token', objectId: made.id, objectName: made.name },
        changes: changesBetween(null, { role: request.role, owner: request.owner, expires_at: request.expiresAt }),
      });
      return made;
    });
    return { token, secret };
  } catch (error) {
    if (codeOf(error) !== '23505') throw error;
    throw new TidemarkError(
      'name_taken',
      `there is a token "${request.name}" already: choose another name, or revoke it`,
    );
  }
}

/** The newest first, a page at a time; revoked ones too. */
export async function listTokens(
  client: Queryable,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ tokens: Token[]; total: number }> {
  const { rows } = await client.query<Token>(`SELECT ${columns} FROM api_tokens ORDER BY id DESC LIMIT $1 OFFSET $2`, [
    page.limit,
    page.offset,
  ]);
  const count = await client.query<{ total: number }>('SELECT count(*) AS total FROM api_tokens');
  return { tokens: rows, total: count.rows[0]?.total ?? 0 };
}

/**
 * Ends a token for good, and writes that down.
 * @returns null when there is no such token, or it is revoked already
 * @throws TidemarkError `in_use` for the last one that may do everything
 */
export async function revokeToken(
  pool: pg.Pool,
  actor: Actor,
  by: { readonly id: number } | { readonly name: string },
): Promise<Token | null> {
  return inTransaction(pool, async (client) => {
    // One at a time: two admins that revoke each other would both see the other one.
    await lockInTransaction(client, 'tokens');
    const { rows } = await client.query<Token>(
      `UPDATE api_tokens
       SET revoked_at = now()
       WHERE ${'id' in by ? 'id' : 'name'} = $1 AND revoked_at IS NULL
       RETURNING ${columns}`,
      ['id' in by ? by.id : by.name],
    );
    const [token] = rows;
    if (token === undefined) return null;
    if (token.role === 'admin' && !(await isThereAnAdmin(client))) {
      throw new TidemarkError('in_use', 'it is the last token that may do everything: make another one first');
    }
    await audit(client, actor, {
      ...{ action: 'revoke', objectType: 'token', objectId: token.id, objectName: token.name },
      changes: { revoked_at: [null, token.revokedAt] },
    });
    return token;
  });
}

async function isThereAnAdmin(client: Queryable): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM api_tokens
     WHERE role = 'admin' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     LIMIT 1`,
  );
  return rowCount === 1;
}

const provisioned = 'environment';

/** What became of the token that the environment names. */
export type ProvisionedToken = 'added' | 'known' | 'revoked';

/**
 * Sees to it that the token of the environment may do everything, in place of the one that it named before. One that was
 * revoked stays so.
 */
export async function provisionAdminToken(pool: pg.Pool, secret: Secret): Promise<ProvisionedToken> {
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'tokens');
    const digest = digestOf(secret.reveal());
    const { rows } = await client.query<{ revoked: boolean }>(
      'SELECT revoked_at IS NOT NULL AS revoked FROM api_tokens WHERE digest = $1',
      [digest],
    );
    if (rows[0] !== undefined) return rows[0].revoked ? 'revoked' : 'known';
    await client.query(`UPDATE api_tokens SET revoked_at = now() WHERE created_by = $1 AND revoked_at IS NULL`, [
      provisioned,
    ]);
    const request = { name: 'TIDEMARK_ADMIN_TOKEN', role: 'admin', owner: null, expiresAt: null } as const;
    await addToken(client, secret, request, provisioned);
    return 'added';
  });
}

/** Makes a token that may do everything in a repository that has had none, and null in any other. */
export async function makeFirstAdminToken(pool: pg.Pool): Promise<Secret | null> {
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, 'tokens');
    const { rowCount } = await client.query('SELECT FROM api_tokens LIMIT 1');
    if (rowCount !== 0) return null;
    const secret = newToken();
    const request = { name: 'first admin', role: 'admin', owner: null, expiresAt: null } as const;
    await addToken(client, secret, request, 'first start');
    return secret;
  });
}
