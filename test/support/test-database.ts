import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { defaultDeadlines, type Deadlines } from '../../exporter/src/config/deadlines.ts';
import { Secret } from '../../exporter/src/config/secret.ts';
import { createPool } from '../../exporter/src/store/pool.ts';
import { servers, templateDatabase } from './servers.ts';

/** Short enough for tests that wait for one to pass. */
export const testDeadlines: Deadlines = { ...defaultDeadlines, connect: 2_000, query: 5_000, close: 500, lease: 3_000 };

export interface TestDatabase {
  readonly url: Secret;
  readonly pool: pg.Pool;
  /** Drops the database. @throws when a connection to it is still open */
  close(): Promise<void>;
}

/** The address of a database of the test server, as its superuser or as somebody else. */
export function postgresqlUrl(database: string, username?: string, password?: string): Secret {
  const { postgresql } = servers();
  const user = encodeURIComponent(username ?? postgresql.username);
  const word = encodeURIComponent(password ?? postgresql.password);
  return new Secret(`postgresql://${user}:${word}@127.0.0.1:${postgresql.port}/${encodeURIComponent(database)}`);
}

/** Runs statements as superuser of the test server, one after the other, outside of transactions. */
export async function asSuperuser(database: string, ...statements: readonly string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: postgresqlUrl(database).reveal() });
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

/** A repository for one test file: a clone of the migrated template, or an empty database. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.empty === true ? 'template0' : templateDatabase;
  await asSuperuser('postgres', `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const url = postgresqlUrl(name);
  const pool = createPool(url, testDeadlines);
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await refuseOpenConnections(name);
      await asSuperuser('postgres', `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function refuseOpenConnections(name: string): Promise<void> {
  const count = `SELECT application_name FROM pg_stat_activity WHERE datname = '${name}'`;
  for (let attempt = 0; ; attempt += 1) {
    const [result] = await asSuperuser('postgres', count);
    if (result?.rowCount === 0) return;
    // The server notices the end of a connection a moment after us.
    if (attempt === 20) throw new Error(`connections left open: ${JSON.stringify(result?.rows)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
