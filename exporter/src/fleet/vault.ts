import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { parseEncryptionKeys, type EncryptionKey } from '../config/encryption-keys.ts';
import { Secret } from '../config/secret.ts';
import { TidemarkError } from '../errors.ts';

/** A secret as it is stored: nonce, tag and ciphertext of AES-256-GCM, and the id of the key. */
export interface EncryptedSecret {
  readonly ciphertext: Buffer;
  readonly keyId: string;
}

/** Encrypts secrets for the repository, and back. Keys are read at each use, so that a key file can change while we run. */
export interface Vault {
  /**
   * @param owner the name of the credential; the result decrypts for no other
   * @throws TidemarkError `encryption_key_missing`
   */
  encrypt(secret: Secret, owner: string): EncryptedSecret;
  /** @throws TidemarkError `encryption_key_missing`, `secret_unreadable` when it was tampered with */
  decrypt(encrypted: EncryptedSecret, owner: string): Secret;
  /** The id of the key that encrypts. @throws TidemarkError `encryption_key_missing` */
  currentKeyId(): string;
}

const nonceLength = 12;
const tagLength = 16;

/**
 * The vault of a configuration. With the embedded repository a key is generated beside it at the first use; with an own
 * repository the key is the user's to give and to keep.
 * @param embeddedDirectory null with an own repository
 */
export function createVault(config: Pick<Config, 'encryptionKeys'>, embeddedDirectory: string | null): Vault {
  const keys = (): readonly EncryptionKey[] => {
    if (config.encryptionKeys !== null) return parseEncryptionKeys(config.encryptionKeys.read().reveal());
    if (embeddedDirectory !== null) return parseEncryptionKeys(generatedKey(join(embeddedDirectory, 'encryption-key')));
    throw new TidemarkError(
      'encryption_key_missing',
      'there is no key to encrypt passwords with: set TIDEMARK_ENCRYPTION_KEY_FILE to a file with the output of ' +
        '"openssl rand -base64 32", or give the password as a reference (env:NAME, file:PATH)',
    );
  };
  return {
    encrypt: (secret, owner) => encrypt(currentOf(keys()), secret, owner),
    decrypt: (encrypted, owner) => {
      const key = keys().find((candidate) => candidate.id === encrypted.keyId);
      if (key === undefined) {
        const message = `the password of "${owner}" is encrypted with key ${encrypted.keyId}, which is not among the given keys: add it`;
        throw new TidemarkError('encryption_key_missing', message);
      }
      return decrypt(key, encrypted.ciphertext, owner);
    },
    currentKeyId: () => currentOf(keys()).id,
  };
}

function currentOf(keys: readonly EncryptionKey[]): EncryptionKey {
  const [current] = keys;
  if (current === undefined) throw new TidemarkError('encryption_key_missing', 'there is no key to encrypt with');
  return current;
}

function generatedKey(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(path, 'utf8');
}

function encrypt(key: EncryptionKey, secret: Secret, owner: string): EncryptedSecret {
  // A nonce must never repeat under one key: 96 random bits for a few thousand secrets.
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(owner));
  const body = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
  return { ciphertext: Buffer.concat([nonce, cipher.getAuthTag(), body]), keyId: key.id };
}

function decrypt(key: EncryptionKey, ciphertext: Buffer, owner: string): Secret {
  const nonce = ciphertext.subarray(0, nonceLength);
  const tag = ciphertext.subarray(nonceLength, nonceLength + tagLength);
  const body = ciphertext.subarray(nonceLength + tagLength);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
    return new Secret(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
  } catch (error) {
    throw new TidemarkError(
      'secret_unreadable',
      `the stored password of "${owner}" was changed or damaged: enter it again`,
      { cause: error },
    );
  }
}
