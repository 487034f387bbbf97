import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseEncryptionKeys } from '../../../exporter/src/config/encryption-keys.ts';
import { parseSecretReference } from '../../../exporter/src/config/references.ts';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { rotateKey } from '../../../exporter/src/fleet/rotation.ts';
import { createVault, type Vault } from '../../../exporter/src/fleet/vault.ts';
import { addCredential, listCredentials } from '../../../exporter/src/store/credentials.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const vaultWith = (text: string): Vault => createVault({ encryptionKeys: parseSecretReference(text, {}) }, null);

describe('keys', () => {
  test('base64 and hexadecimal, one a line, comments are none', () => {
    const bytes = randomBytes(32);
    const [one, other] = parseEncryptionKeys(`${bytes.toString('base64')}\n${bytes.toString('hex')}\n`);
    expect(one?.bytes.equals(bytes)).toBe(true);
    expect(other).toEqual(one);
    expect(one?.id).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each([
    '',
    'short',
    'not base64 at all!',
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
  ])('refuses %j without showing it', (text) => {
    expect(() => parseEncryptionKeys(text)).toThrow(/key 1 is not one: expected 32 random bytes/);
    if (text !== '') expect(() => parseEncryptionKeys(text)).not.toThrow(text);
  });
});

describe('a vault', () => {
  const vault = vaultWith(newKey());
  const secret = new Secret('Grüße, 世界 \0 "');

  test('gives back what it was given, never the same ciphertext twice', () => {
    const one = vault.encrypt(secret, 'orders');
    const other = vault.encrypt(secret, 'orders');
    expect(one.ciphertext.equals(other.ciphertext)).toBe(false);
    expect(vault.decrypt(one, 'orders').reveal()).toBe(secret.reveal());
    expect(one.ciphertext.includes(Buffer.from('Grüße'))).toBe(false);
  });

  test('refuses a ciphertext with any one byte flipped, cut, or of another owner', () => {
    const { ciphertext, keyId } = vault.encrypt(secret, 'orders');
    for (let index = 0; index < ciphertext.length; index += 1) {
      const tampered = Buffer.from(ciphertext);
      tampered[index] = (tampered[index] ?? 0) ^ 1;
      expect(() => vault.decrypt({ ciphertext: tampered, keyId }, 'orders')).toThrow('was changed or damaged');
    }
    for (const length of [0, 1, 12, 27, ciphertext.length - 1]) {
      const cut = { ciphertext: ciphertext.subarray(0, length), keyId };
      expect(() => vault.decrypt(cut, 'orders')).toThrow('was changed or damaged');
    }
    expect(() => vault.decrypt({ ciphertext, keyId }, 'billing')).toThrow('was changed or damaged');
  });

  test('says which key is missing, and that there is none at all', () => {
    const encrypted = vault.encrypt(secret, 'orders');
    expect(() => vaultWith(newKey()).decrypt(encrypted, 'orders')).toThrow(`encrypted with key ${encrypted.keyId}`);
    const none = createVault({ encryptionKeys: null }, null);
    expect(() => none.encrypt(secret, 'orders')).toThrow('set TIDEMARK_ENCRYPTION_KEY_FILE');
  });

  test('beside the embedded repository makes its own key, readable by its owner only, and keeps it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vault-'));
    const encrypted = createVault({ encryptionKeys: null }, folder).encrypt(secret, 'orders');
    expect(statSync(join(folder, 'encryption-key')).mode & 0o777).toBe(0o600);
    expect(createVault({ encryptionKeys: null }, folder).decrypt(encrypted, 'orders').reveal()).toBe(secret.reveal());
    rmSync(folder, { recursive: true });
  });
});

describe('changing the key', () => {
  let database: TestDatabase;
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  const file = join(folder, 'keys');

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  test('goes on while an exporter reads: no moment at which a password cannot be read', async () => {
    const { pool } = database;
    const oldKey = newKey();
    const nextKey = newKey();
    writeFileSync(file, oldKey);
    // One that runs, with the file; a command of its own changes the secrets.
    const running = vaultWith(`file:${file}`);
    for (let index = 0; index < 50; index += 1) {
      const name = `instance-${index}`;
      const encrypted = running.encrypt(new Secret(`password-${index}`), name);
      await addCredential(pool, { name, username: 'tidemark', secret: { encryptFor: () => encrypted } });
    }
    const reads = { count: 0, stop: false };
    const reader = (async () => {
      while (!reads.stop) {
        const { rows } = await pool.query<{ name: string; ciphertext: Buffer; keyId: string }>(
          'SELECT name, secret_ciphertext AS ciphertext, key_id AS "keyId" FROM credentials ORDER BY id',
        );
        rows.forEach((row, index) => expect(running.decrypt(row, row.name).reveal()).toBe(`password-${index}`));
        reads.count += 1;
      }
    })();
    const readTwice = async (): Promise<void> => {
      const wanted = reads.count + 2;
      while (reads.count < wanted) await Promise.race([reader, delay(10)]);
    };
    writeFileSync(file, `${nextKey}\n${readFileSync(file, 'utf8')}`);
    expect(await rotateKey(pool, vaultWith(`file:${file}`))).toBe(50);
    // What was fetched before the change may still have to be decrypted with the old key.
    await readTwice();
    writeFileSync(file, nextKey);
    await readTwice();
    reads.stop = true;
    await reader;
    const [current] = parseEncryptionKeys(nextKey);
    const keyIds = (await listCredentials(pool)).credentials.map((credential) => credential.keyId);
    expect(new Set(keyIds)).toEqual(new Set([current?.id]));
    expect(await rotateKey(pool, vaultWith(`file:${file}`))).toBe(0);
  });

  test('stops at a secret whose key is not given, and says which', async () => {
    await expect(rotateKey(database.pool, vaultWith(newKey()))).rejects.toThrow('which is not among the given keys');
  });
});
