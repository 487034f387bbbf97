import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { connect } from 'node:net';

import { Secret } from '../../exporter/src/config/secret.ts';
import { freePort } from './ports.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { until } from './waiting.ts';

const program = '/usr/sbin/pgbouncer';

/** Why there is no PgBouncer; null where there is one. */
export const pgbouncerMissing = existsSync(program) ? null : 'pgbouncer is not installed';

export interface Pgbouncer {
  /** The repository, by way of the pooler. */
  readonly url: Secret;
  close(): Promise<void>;
}

/** Debian's PgBouncer in transaction mode before a database, with so few connections that sessions have to share them. */
export async function startPgbouncer(repository: Secret, connections: number): Promise<Pgbouncer> {
  const target = new URL(repository.reveal());
  const folder = createTemporaryFolder();
  const port = await freePort();
  const word = decodeURIComponent(target.password);
  const user = decodeURIComponent(target.username);
  const users = folder.write('users', `"${user}" "${word}"\n`);
  const settings = folder.write(
    'pgbouncer.ini',
    `[databases]
* = host=${target.hostname} port=${target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 500
`,
  );
  for (const path of [folder.path, users, settings]) chmodSync(path, 0o755);
  // It refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
  const server = spawn(program, ['-q', ...asRoot, settings], { stdio: 'ignore' });
  const ended = once(server, 'close');
  await until('PgBouncer listens', () => listens(port));
  target.host = `127.0.0.1:${port}`;
  return {
    url: new Secret(target.href),
    close: async () => {
      server.kill('SIGINT');
      const impatience = setTimeout(() => server.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(impatience);
      folder.remove();
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
