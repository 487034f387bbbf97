import { readFileSync } from 'node:fs';
import { messageOf, TidemarkError } from '../errors.ts';
import { Secret } from './secret.ts';

/** Where a secret is to be found. A file is read at each use, so that a rotated password is picked up. */
export interface SecretReference {
  /** What may be shown of it: `env:NAME`, `file:PATH`, or `inline`. */
  readonly description: string;
  /** @throws TidemarkError `credential_unavailable` */
  read(): Secret;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `${NAME}`, `env:NAME` and `file:PATH`; anything else is the secret itself.
 * The variable or file is looked at only when `read()` is called.
 */
export function parseSecretReference(text: string, environment: Environment): SecretReference {
  const variable = /^(?:\$\{(\w+)\}|env:(\w+))$/.exec(text);
  const name = variable?.[1] ?? variable?.[2];
  if (name !== undefined) return { description: `env:${name}`, read: () => readVariable(name, environment) };
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length);
    return { description: text, read: () => readSecretFile(path) };
  }
  return { description: 'inline', read: () => new Secret(text) };
}

function readVariable(name: string, environment: Environment): Secret {
  const value = environment[name];
  if (value === undefined) {
    throw new TidemarkError(
      'credential_unavailable',
      `the environment variable ${name} is not set: set it and try again`,
    );
  }
  return new Secret(value);
}

/** The content of a secret's file, less the line end that editors add. */
export function readSecretFile(path: string): Secret {
  try {
    return new Secret(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    throw new TidemarkError('credential_unavailable', `the secret's file cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
