import type { TidemarkClient } from '../client';
import type { Moment } from '../common';

/** A login that several instances share, without its password. */
export interface Credential {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly secret: 'stored' | 'reference' | 'none';
  /** `env:NAME` or `file:PATH`. */
  readonly reference: string | null;
  /** The names of those that use it. */
  readonly instances: readonly string[];
  readonly created_at: Moment;
  readonly updated_at: Moment;
}

export interface CredentialInput {
  readonly name: string;
  readonly username: string;
  readonly password?: string | undefined;
  readonly secret_reference?: string | undefined;
}

/** For admins. */
export const listCredentials = (client: TidemarkClient, signal?: AbortSignal) =>
  client.list<Credential>('/credentials', { limit: 1000 }, signal);

export const createCredential = (client: TidemarkClient, credential: CredentialInput) =>
  client.post<Credential>('/credentials', credential);

export const changeCredential = (client: TidemarkClient, id: number, changes: Partial<CredentialInput>) =>
  client.patch<Credential>(`/credentials/${id}`, changes);

/** @throws ApiError `in_use` while an instance uses it. */
export const deleteCredential = (client: TidemarkClient, id: number) => client.delete(`/credentials/${id}`);
