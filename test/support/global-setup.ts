import { mkdtempSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { defaultDeadlines } from '../../exporter/src/config/deadlines.ts';
import { Secret } from '../../exporter/src/config/secret.ts';
import { startEmbeddedServer } from '../../exporter/src/embedded/server.ts';
import { migrate } from '../../exporter/src/store/migrate.ts';
import { startMariadb } from './mariadb-server.ts';
import { templateDatabase, type Servers } from './servers.ts';

/** Starts the servers that all test files share: one PostgreSQL, one MariaDB. */
export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  chmodSync(folder, 0o755);
  const postgresql = await startEmbeddedServer(join(folder, 'data'), defaultDeadlines.embedded);
  await makeTemplate(postgresql.url);
  const mariadb = await startMariadb(join(folder, 'mariadb')).catch(async (error: unknown) => {
    await postgresql.stop();
    throw error;
  });
  globalThis.testServers = { folder, postgresql, mariadb };
  process.env.TIDEMARK_TEST_SERVERS = JSON.stringify({
    postgresql: {
      port: postgresql.port,
      username: postgresql.username,
      password: postgresql.password.reveal(),
      dataDirectory: join(postgresql.dataDirectory, 'postgresql'),
    },
    mariadb:
      'skipped' in mariadb
        ? { skipped: mariadb.skipped }
        : { port: mariadb.port, username: 'root', password: mariadb.password, dataDirectory: mariadb.dataDirectory },
  } satisfies Servers);
}

/** The databases of the test files are clones of this one. */
async function makeTemplate(url: Secret): Promise<void> {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  // Tests need no durability, and the server starts with its settings only after this.
  await client.query('ALTER SYSTEM SET fsync = off');
  await client.query('SELECT pg_reload_conf()');
  await client.query(`CREATE DATABASE ${templateDatabase}`);
  await client.end();
  await migrate(new Secret(url.reveal().replace(/[^/]+$/, templateDatabase)), defaultDeadlines);
}
