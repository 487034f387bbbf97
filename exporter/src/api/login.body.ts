import { z } from 'zod';
import { Secret } from '../config/secret.ts';
import type { Vault } from '../fleet/vault.ts';
import type { NewSecret } from '../store/credentials.ts';

/** A password as it is typed in; it is stored encrypted and never shown. */
const password = z
  .string('expected a text')
  .min(1, 'expected a text that is not empty')
  .max(1000, 'expected at most 1000 characters')
  .refine((text) => !text.includes('\0'), 'expected a text without the character 0')
  .nullable()
  .optional()
  .meta({ description: 'Is stored encrypted and never shown. Null: none.', writeOnly: true });

/** The exporter's own secrets are nobody's password: whoever runs the server that is logged in to would learn them. */
const ownSecrets = /^env:(DATABASE_URL|TIDEMARK_\w*)$|^file:\/+(proc|sys|dev)\//;

const secretReference = z
  .string('expected a text')
  .max(1000, 'expected at most 1000 characters')
  .regex(
    /^(env:\w+|file:\/[^\0]+)$/,
    'expected env:NAME or file:/path, which are looked up on the exporter at each login',
  )
  .refine((text) => !ownSecrets.test(text.replaceAll(/\/\.?(?=\/)/g, '')), "expected no secret of the exporter's own")
  .nullable()
  .optional()
  .meta({ description: 'Where the exporter finds the password at each login.', example: 'env:ORDERS_PASSWORD' });

export const secretFields = { password, secret_reference: secretReference };

interface SecretFields {
  readonly password?: string | null | undefined;
  readonly secret_reference?: string | null | undefined;
}

export function isOneSecret(body: SecretFields): boolean {
  return body.password == null || body.secret_reference == null;
}

export const twoSecrets = { path: ['password'], message: 'expected a password or a secret_reference, not both' };

/** What is to be stored; undefined where nothing is said of it. */
export function secretOf(body: SecretFields, vault: Vault): NewSecret | undefined {
  const { password: typed, secret_reference: reference } = body;
  if (typeof typed === 'string') return { encryptFor: (name) => vault.encrypt(new Secret(typed), name) };
  if (typeof reference === 'string') return { reference };
  return typed === null || reference === null ? null : undefined;
}
