import type { TidemarkClient } from '../client';
import type { Moment } from '../common';

/** An API token, without its secret. */
export interface Token {
  readonly id: number;
  readonly name: string;
  readonly role: 'admin' | 'viewer' | 'owner';
  readonly owner: string | null;
  readonly created_at: Moment;
  readonly created_by: string | null;
  readonly expires_at: Moment | null;
  readonly last_used_at: Moment | null;
  readonly revoked_at: Moment | null;
}

export interface NewToken {
  readonly name: string;
  readonly role: Token['role'];
  readonly owner?: string | undefined;
  readonly expires_at?: Moment | undefined;
}

/** For admins. */
export const listTokens = (client: TidemarkClient, signal?: AbortSignal) =>
  client.list<Token>('/tokens', { limit: 1000 }, signal);

/** The secret is in this answer and never again. */
export const createToken = (client: TidemarkClient, token: NewToken) =>
  client.post<Token & { readonly secret: string }>('/tokens', token);

export const revokeToken = (client: TidemarkClient, id: number) => client.delete(`/tokens/${id}`);
