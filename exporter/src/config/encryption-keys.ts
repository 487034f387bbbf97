import { createHash } from 'node:crypto';
import { TidemarkError } from '../errors.ts';

/** A key for the secrets that are stored. */
export interface EncryptionKey {
  /** The first eight hexadecimal digits of its SHA-256: names the key, tells nothing of it. */
  readonly id: string;
  readonly bytes: Buffer;
}

const length = 32;

/**
 * Reads keys of 32 bytes, in base64 or hexadecimal, one a line (or separated by commas): the first encrypts, all decrypt.
 * @throws TidemarkError `configuration_invalid`; never shows what it read
 */
export function parseEncryptionKeys(text: string): EncryptionKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) throw invalidKey(1);
  return words.map((word, index) => {
    const bytes = Buffer.from(word, /^[0-9a-f]{64}$/i.test(word) ? 'hex' : 'base64');
    if (bytes.length !== length || !/^[\w+/=-]+$/.test(word)) throw invalidKey(index + 1);
    return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
  });
}

function invalidKey(position: number): TidemarkError {
  return new TidemarkError(
    'configuration_invalid',
    `key ${position} is not one: expected ${length} random bytes in base64, such as "openssl rand -base64 ${length}" makes`,
  );
}
