import type { Queryable } from '../store/pool.ts';
import { findUsableToken, type TokenHolder } from '../store/tokens.ts';

/**
 * Who holds the token of an `Authorization` header; null for none that may be used now. Nothing tells a token that never was
 * from one that is past, or from none: all of them take the same steps.
 */
export async function authenticate(client: Queryable, header: string | undefined): Promise<TokenHolder | null> {
  const [, presented = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return findUsableToken(client, presented);
}
