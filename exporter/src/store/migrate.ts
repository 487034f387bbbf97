import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Deadlines } from '../config/deadlines.ts';
import type { Secret } from '../config/secret.ts';
import { messageOf, TidemarkError } from '../errors.ts';
import { tryLockInTransaction } from './pool.ts';
import { installQueue } from './queue.ts';

const folder = new URL('./migrations/', import.meta.url);

interface Migration {
  readonly version: number;
  readonly name: string;
}

/** The numbered files of `migrations/`, in order. */
function listMigrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), name }));
}

/**
 * Brings the repository's schema up to date: all that is missing in one transaction, one exporter at a time.
 * @returns the names of the migrations that were applied
 * @throws TidemarkError `repository_newer`, `repository_unavailable`
 */
export async function migrate(url: Secret, deadlines: Deadlines): Promise<string[]> {
  const client = await connect(url, deadlines);
  try {
    await beginAlone(client);
    const applied = await applyMissing(client);
    await installQueueBeside(url, deadlines);
    await client.query('COMMIT');
    return applied;
  } finally {
    // Ending the connection rolls back whatever was not committed.
    await client.end();
  }
}

/**
 * Begins a transaction in which nobody else migrates. Whoever has to wait gives its connection back meanwhile: behind a pooler
 * with two of them, those who waited on them would leave none for the tables of the queue.
 */
async function beginAlone(client: pg.Client): Promise<void> {
  for (;;) {
    await client.query('BEGIN');
    if (await tryLockInTransaction(client, 'migrate')) return;
    await client.query('ROLLBACK');
    await delay(100);
  }
}

/** pg-boss makes its tables in transactions of its own, so over a second connection, while the first one holds the lock. */
async function installQueueBeside(url: Secret, deadlines: Deadlines): Promise<void> {
  const client = await connect(url, deadlines);
  try {
    await installQueue(client);
  } finally {
    await client.end();
  }
}

async function connect(url: Secret, deadlines: Deadlines): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: deadlines.repositoryConnect,
    application_name: 'tidemark-migrate',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new TidemarkError(
      'repository_unavailable',
      `the repository does not answer (${messageOf(error)}): check DATABASE_URL and that the server runs`,
      { cause: error },
    );
  }
}

async function applyMissing(client: pg.Client): Promise<string[]> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version integer PRIMARY KEY,
      name text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const result = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
  );
  const current = result.rows[0]?.version ?? 0;
  const migrations = listMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new TidemarkError(
      'repository_newer',
      `the repository has schema ${current}, this exporter knows ${newest}: upgrade this exporter, ` +
        'or restore the backup that was made before the repository was upgraded',
    );
  }
  const missing = migrations.filter((migration) => migration.version > current);
  for (const { version, name } of missing) {
    await client.query(readFileSync(new URL(name, folder), 'utf8'));
    await client.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [version, name]);
  }
  return missing.map((migration) => migration.name);
}
