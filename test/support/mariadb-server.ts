import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { freePort } from './ports.ts';

/** A MariaDB of its own on loopback. */
export interface MariadbServer {
  readonly port: number;
  /** Of root. */
  readonly password: string;
  readonly dataDirectory: string;
  stop(): Promise<void>;
}

const program = '/usr/sbin/mariadbd';
const password = 'root-of-the-tests';

/** Starts Debian's MariaDB, on an empty data directory or on one of its own. Without it: why it is skipped; in CI that is an error. */
export async function startMariadb(
  dataDirectory: string,
  options: readonly string[] = [],
): Promise<MariadbServer | { skipped: string }> {
  if (!existsSync(program)) {
    if (process.env.CI) throw new Error('mariadbd is not installed: test/run.mjs installs it as root');
    return { skipped: 'mariadbd is not installed' };
  }
  const asRoot = process.getuid?.() === 0 ? ['--user=mysql'] : [];
  const isNew = !existsSync(join(dataDirectory, 'mysql'));
  if (isNew) install(dataDirectory, asRoot);
  const port = await freePort();
  const log = openSync(`${dataDirectory}.log`, 'a');
  const server = spawn(
    program,
    [
      ...['--no-defaults', ...asRoot, `--datadir=${dataDirectory}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      ...[`--socket=${join(dataDirectory, 'socket')}`, `--pid-file=${join(dataDirectory, 'pid')}`],
      ...[
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=64M',
        '--skip-name-resolve',
        '--log-bin=binlog',
      ],
      ...options,
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  await connectAsRoot(port, server, isNew);
  return { port, password, dataDirectory, stop: () => stop(server) };
}

function install(dataDirectory: string, asRoot: readonly string[]): void {
  mkdirSync(dataDirectory, { recursive: true });
  chmodSync(dataDirectory, 0o755);
  const noPassword = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync('mariadb-install-db', ['--no-defaults', ...asRoot, `--datadir=${dataDirectory}`, ...noPassword], {
    stdio: 'pipe',
    env: { ...process.env, TMPDIR: temporaryFolderOf(dataDirectory) },
  });
}

/** In /tmp, servers that are installed at the same time take the temporary tables of each other for their own. */
function temporaryFolderOf(dataDirectory: string): string {
  const folder = `${dataDirectory}.tmp`;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o1777);
  return folder;
}

/** Waits until the server answers, and gives a new one its password. */
async function connectAsRoot(port: number, server: ChildProcess, isNew: boolean): Promise<void> {
  const login = { host: '127.0.0.1', port, user: 'root', ...(isNew ? {} : { password }) };
  for (;;) {
    if (server.exitCode !== null) throw new Error('MariaDB ended while it started: its log says why');
    try {
      const connection = await mysql.createConnection(login);
      if (isNew) await connection.query(`ALTER USER root@'127.0.0.1' IDENTIFIED BY ${connection.escape(password)}`);
      await connection.end();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ECONNREFUSED') throw error;
      await delay(100);
    }
  }
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}
