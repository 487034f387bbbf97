import { listEncryptedOtherwise, replaceCiphertext } from '../store/credentials.ts';
import type { Queryable } from '../store/pool.ts';
import type { Vault } from './vault.ts';

/**
 * Encrypts every stored secret with the current key. Exporters that run go on reading them, old or new, as long as their key
 * file holds both keys.
 * @returns how many were encrypted anew
 * @throws TidemarkError `encryption_key_missing` when the key of a secret is not among the given ones; what was done stays
 */
export async function rotateKey(client: Queryable, vault: Vault): Promise<number> {
  let rotated = 0;
  for (const credential of await listEncryptedOtherwise(client, vault.currentKeyId())) {
    const secret = vault.decrypt(credential, credential.name);
    if (await replaceCiphertext(client, credential, vault.encrypt(secret, credential.name))) rotated += 1;
  }
  return rotated;
}
