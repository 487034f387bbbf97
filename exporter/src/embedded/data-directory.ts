import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, TidemarkError } from '../errors.ts';
import { canEnter, type Account } from './account.ts';

/**
 * The folder of the embedded repository. Without a choice of the user it is `./data`; as root in a place that the server's
 * account may not enter (such as /root) a folder below /var/lib/tidemark, one for each working directory.
 * @throws TidemarkError `embedded_failed`
 */
export function chooseDataDirectory(chosen: string | null, account: Account): string {
  const folder = chosen ?? usualDataDirectory('data', account);
  make(folder, account);
  if (canEnter(account, folder)) return folder;
  throw new TidemarkError(
    'embedded_failed',
    `as root the server runs as the user postgres, who may not enter ${folder}: ` +
      'set TIDEMARK_DATA_DIR to a folder that everybody may enter, such as /var/lib/tidemark',
  );
}

/** The folder of that name below the working directory, or the one in its place where the server's account may not enter. */
export function usualDataDirectory(name: string, account: Account): string {
  const usual = resolve(name);
  if (canEnter(account, process.cwd())) return usual;
  return join('/var/lib/tidemark', createHash('sha256').update(usual).digest('hex').slice(0, 12));
}

function make(folder: string, account: Account): void {
  try {
    const made = mkdirSync(folder, { recursive: true });
    // Whatever the umask says: the server's account is another user than ours.
    if (made !== undefined && account.uid !== undefined) chmodSync(folder, 0o755);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new TidemarkError(
      'embedded_failed',
      `the data directory cannot be used (${messageOf(error)}): set TIDEMARK_DATA_DIR to a folder that can be written`,
      { cause: error },
    );
  }
}
