import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Secret } from '../../exporter/src/config/secret.ts';
import { serverAccount } from '../../exporter/src/embedded/account.ts';
import { freePort } from './ports.ts';

const program = '/usr/sbin/pgbouncer';

/** Why it cannot be started here, or null. In CI it has to be there. */
export function whyNoPgbouncer(): string | null {
  if (existsSync(program)) return null;
  if (process.env.CI) throw new Error('pgbouncer is not installed: test/run.mjs installs it as root');
  return 'pgbouncer is not installed';
}

/** A PgBouncer in transaction mode, with two server connections for everybody, in front of the server of an address. */
export async function startPgbouncer(server: Secret): Promise<{ url: Secret; stop(): Promise<void> }> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(server.reveal());
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-pgbouncer-'));
  const port = await freePort();
  const users = join(folder, 'users');
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(users, `"${username}" "${decodeURIComponent(password)}"\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
`,
  );
  const account = serverAccount();
  chmodSync(folder, 0o755);
  for (const path of [folder, users, settings]) {
    if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);
  }
  const child = spawn(program, [settings], { ...account, stdio: 'ignore' });
  const url = new Secret(`postgresql://${username}:${password}@127.0.0.1:${port}${pathname}`);
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url.reveal() });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (child.exitCode !== null || attempt === 50) throw error;
      await delay(100);
    }
  }
  return {
    url,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
