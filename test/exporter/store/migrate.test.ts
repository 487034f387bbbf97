import { afterEach, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { migrate } from '../../../exporter/src/store/migrate.ts';
import { freePort } from '../../support/ports.ts';
import { createTestDatabase, postgresqlUrl, testDeadlines, type TestDatabase } from '../../support/test-database.ts';

const open: TestDatabase[] = [];

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ empty: true });
  open.push(database);
  return database;
}

afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

/** Everything of ours that a schema can hold: tables, indexes, sequences, domains. */
async function namesIn({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'd'
    ORDER BY name`);
  return rows.map((row) => row.name);
}

async function appliedIn({ pool }: TestDatabase): Promise<{ version: number; name: string }[]> {
  const { rows } = await pool.query<{ version: number; name: string }>(
    'SELECT version, name FROM schema_migrations ORDER BY version',
  );
  return rows;
}

describe('migrating the repository', () => {
  test('makes the schema in an empty database, and notes each migration', async () => {
    const database = await emptyDatabase();
    const applied = await migrate(database.url, testDeadlines);
    expect(applied[0]).toBe('0001_initial.sql');
    expect(await appliedIn(database)).toEqual(applied.map((name) => ({ version: Number(name.slice(0, 4)), name })));
    expect(await namesIn(database)).toEqual(
      expect.arrayContaining([
        'byte_count',
        'collection_records',
        'database_latest',
        'database_size_stats',
        'instances',
      ]),
    );
  });

  test('again changes nothing', async () => {
    const database = await emptyDatabase();
    await migrate(database.url, testDeadlines);
    const names = await namesIn(database);
    const applied = await appliedIn(database);
    expect(await migrate(database.url, testDeadlines)).toEqual([]);
    expect(await namesIn(database)).toEqual(names);
    expect(await appliedIn(database)).toEqual(applied);
  });

  test('twenty times at once makes one schema, and none of them fails', async () => {
    const database = await emptyDatabase();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => migrate(database.url, testDeadlines)));
    const applying = outcomes.filter((applied) => applied.length > 0);
    expect(outcomes).toHaveLength(20);
    expect(applying).toHaveLength(1);
    expect(await appliedIn(database)).toHaveLength(applying[0]?.length ?? 0);
  });

  test('gives the schema that the tests of this project use', async () => {
    const database = await emptyDatabase();
    await migrate(database.url, testDeadlines);
    const template = await createTestDatabase();
    open.push(template);
    expect(await namesIn(database)).toEqual(await namesIn(template));
  });

  test('refuses a repository that a newer exporter has migrated, and leaves it alone', async () => {
    const database = await emptyDatabase();
    await migrate(database.url, testDeadlines);
    await database.pool.query("INSERT INTO schema_migrations (version, name) VALUES (9999, '9999_future.sql')");
    const applied = await appliedIn(database);
    await expect(migrate(database.url, testDeadlines)).rejects.toMatchObject({
      code: 'repository_newer',
      message: expect.stringMatching(/has schema 9999, this exporter knows \d+: upgrade this exporter/),
    });
    expect(await appliedIn(database)).toEqual(applied);
  });

  test('that fails leaves nothing behind, and succeeds once the cause is gone', async () => {
    const database = await emptyDatabase();
    // In the way of a statement in the middle of the first migration.
    await database.pool.query('CREATE TABLE database_latest (unrelated integer)');
    await expect(migrate(database.url, testDeadlines)).rejects.toThrow('database_latest');
    expect(await namesIn(database)).toEqual(['database_latest']);
    await database.pool.query('DROP TABLE database_latest');
    expect(await migrate(database.url, testDeadlines)).toContain('0001_initial.sql');
  });

  test('that is killed in the middle leaves nothing behind, and the next one does it all', async () => {
    const database = await emptyDatabase();
    const holder = await database.pool.connect();
    try {
      await holder.query('BEGIN');
      // The migration waits for this lock with a part of the schema made.
      await holder.query('CREATE TABLE collection_sessions (unrelated integer)');
      const migration = migrate(database.url, testDeadlines).then(
        () => 'migrated',
        () => 'failed',
      );
      for (;;) {
        const { rows } = await database.pool.query<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'tidemark-migrate' AND wait_event_type = 'Lock'`,
        );
        if (rows[0] === undefined) continue;
        await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
        break;
      }
      expect(await migration).toBe('failed');
      await holder.query('ROLLBACK');
    } finally {
      holder.release();
    }
    expect(await namesIn(database)).toEqual([]);
    expect(await migrate(database.url, testDeadlines)).toContain('0001_initial.sql');
  });
});

describe('a repository that is not there', () => {
  test('is said so where nothing listens', async () => {
    const url = new Secret(`postgresql://tidemark:canary-4711@127.0.0.1:${await freePort()}/tidemark`);
    await expect(migrate(url, testDeadlines)).rejects.toMatchObject({
      code: 'repository_unavailable',
      message: expect.stringMatching(/ECONNREFUSED.*check DATABASE_URL/),
    });
  });

  test.each([
    ['the password is wrong', () => postgresqlUrl('postgres', undefined, 'canary-4711')],
    ['the database does not exist', () => postgresqlUrl('absent-database')],
    ['the user does not exist', () => postgresqlUrl('postgres', 'absent-user', 'canary-4711')],
  ])('is said so where %s, and no password is shown', async (_case, urlOf) => {
    const error: unknown = await migrate(urlOf(), testDeadlines).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'repository_unavailable' });
    expect(inspect(error, { depth: null })).not.toContain('canary-4711');
  });
});
