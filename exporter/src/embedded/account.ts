import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { messageOf, TidemarkError } from '../errors.ts';

/** As whom the server's programs run: PostgreSQL refuses to run as root. Empty for everybody else. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const userName = 'postgres';

/** The account for the server; as root that is the user `postgres`, which is made where it is missing. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  try {
    return idsOf(userName);
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', userName], { stdio: 'pipe' });
      return idsOf(userName);
    } catch (error) {
      throw new TidemarkError(
        'embedded_failed',
        `PostgreSQL does not run as root, and the user ${userName} cannot be made (${messageOf(error)}): ` +
          'start as another user, or set DATABASE_URL to an own PostgreSQL',
        { cause: error },
      );
    }
  }
}

function idsOf(name: string): Account {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString());
  return { uid: id('-u'), gid: id('-g') };
}

/** Whether the account may enter a folder, all folders above it included. */
export function canEnter(account: Account, folder: string): boolean {
  if (account.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

export function giveTo(account: Account, path: string): void {
  if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);
}
