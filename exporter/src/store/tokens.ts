import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '../config/secret.ts';
import type { Role } from './audit.ts';
import type { Queryable } from './pool.ts';

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
export type TokenHolder = Pick<Token, 'id' | 'name' | 'role' | 'owner'>;

/**
 * The token that somebody holds, when it may be used now. Whatever is wrong with it takes the same steps.
 */
export async function findUsableToken(client: Queryable, presented: string): Promise<TokenHolder | null> {
  const digest = digestOf(presented);
  const { rows } = await client.query<TokenHolder & { digest: Buffer; usable: boolean; stale: boolean }>(
    `SELECT id, name, role, owner, digest, revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS usable,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS stale
     FROM api_tokens
     WHERE digest = $1`,
    [digest],
  );
  const [found] = rows;
  const matches = timingSafeEqual(found?.digest ?? Buffer.alloc(digest.length), digest);
  if (found === undefined || !matches || !found.usable) return null;
  if (found.stale) await client.query('UPDATE api_tokens SET last_used_at = now() WHERE id = $1', [found.id]);
  return { id: found.id, name: found.name, role: found.role, owner: found.owner };
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
