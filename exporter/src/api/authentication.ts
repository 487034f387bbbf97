import { TidemarkError } from '../errors.ts';
import type { Actor } from '../store/audit.ts';
import type { Queryable } from '../store/pool.ts';
import { findUsableToken } from '../store/tokens.ts';

/**
 * Who holds the token of an `Authorization` header. Nothing tells a token that never was from one that is past.
 * @throws TidemarkError `unauthorized`
 */
export async function authenticate(client: Queryable, header: string | undefined): Promise<Actor> {
  const [, presented = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  const token = await findUsableToken(client, presented);
  if (token === null) {
    throw new TidemarkError(
      'unauthorized',
      'expected the header "Authorization: Bearer …" with a token that is valid: `tidemark tokens create` makes one',
    );
  }
  return { name: token.name, role: token.role, owner: token.owner, expiresAt: token.expiresAt };
}
