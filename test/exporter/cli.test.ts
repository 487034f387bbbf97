import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { version } from '../../exporter/src/version.ts';
import { configurationOf, type InstanceEntry } from '../support/collection-fixtures.ts';
import { asRoot, mysqlTarget, quoted, withRoot } from '../support/mysql-fixtures.ts';
import { freePort } from '../support/ports.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  postgresqlTarget,
  uniquePrefix,
} from '../support/postgresql-fixtures.ts';
import { runTidemark, startServing, type Ended } from '../support/processes.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { describeWithMariadb } from '../support/with-mariadb.ts';

const prefix = uniquePrefix();
const login = `${prefix}login`;
const password = 'canary-9f2c-word';
let folder: TemporaryFolder;
let repository: TestDatabase;

beforeAll(() => createLogin(login, password));
afterAll(() => dropLogin(login));

beforeEach(async () => {
  folder = createTemporaryFolder();
  repository = await createTestDatabase({ empty: true });
});

afterEach(async () => {
  await repository.close();
  folder.remove();
});

/** With the repository of this test, and these instances in its tidemark.yaml. */
function tidemark(
  args: readonly string[],
  { instances, environment = {} }: { instances?: readonly InstanceEntry[]; environment?: Record<string, string> } = {},
): Promise<Ended> {
  if (instances !== undefined) folder.write('tidemark.yaml', configurationOf(instances));
  return runTidemark(args, {
    directory: folder.path,
    environment: { DATABASE_URL: repository.url.reveal(), TIDEMARK_ALLOW_LOCAL_TARGETS: 'true', ...environment },
  });
}

function postgresqlEntry(name: string, changes: Record<string, unknown> = {}): InstanceEntry {
  const { host, port } = postgresqlTarget();
  return { name, engine: 'postgresql', host, port, username: login, password, include: ['postgres'], ...changes };
}

describe('help', () => {
  test('names every command and the exit codes', async () => {
    const { code, stdout, stderr } = await runTidemark(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['serve', 'collect', 'migrate', 'instances', 'Exit codes:', '4 repository not available']) {
      expect(stdout.replaceAll('\n', ' ')).toContain(word);
    }
  });

  test.each([['serve'], ['collect'], ['migrate'], ['instances', 'list'], ['instances', 'add'], ['instances', 'test']])(
    'has an example: %s %s',
    async (...words) => {
      const { code, stdout } = await runTidemark([...words, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\n.*tidemark ${words.join(' ')}`));
    },
  );

  test('the version is that of the package', async () => {
    expect(await runTidemark(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('what is refused, with exit code 2', () => {
  test.each([
    [['brew'], 'unknown command'],
    [['collect', '--all'], 'unknown option'],
    [['collect', '--label', 'environment'], 'expected key=value'],
    [['instances'], 'Usage:'],
    [['instances', 'test'], 'missing required argument'],
    [['instances', 'add', 'x', '--engine', 'sybase', '--host', 'h', '--username', 'u'], 'Allowed choices'],
    [['instances', 'add', 'x', '--engine', 'mysql', '--host', 'h'], '--username'],
    [
      ['instances', 'add', 'x', '--engine', 'mysql', '--host', 'h', '--username', 'u', '--label', 'none'],
      'expected key=value',
    ],
  ])('%j', async (args, words) => {
    const result = await runTidemark(args);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
    expect(result.stderr).toContain(words);
  });

  test('a password on the command line, which is not repeated', async () => {
    const args = ['instances', 'add', 'x', '--engine', 'mysql', '--host', 'h', '--username', 'u', '--password'];
    const result = await runTidemark([...args, 'canary-5511']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('expected env:NAME or file:PATH');
    expect(result.stdout + result.stderr).not.toContain('canary');
  });

  test('a configuration, with everything that is wrong with it', async () => {
    folder.write(
      'tidemark.yaml',
      configurationOf([
        { name: 'a', engine: 'sybase', host: 'h', username: 'u' },
        { name: 'b', engine: 'mysql', username: 'u', port: 99_999, password: 'canary-5512' },
      ]),
    );
    const result = await runTidemark(['collect'], {
      directory: folder.path,
      environment: { TIDEMARK_TIMEZONE: 'Mars/Olympus', TIDEMARK_CONCURRENCY: 'many', TIDEMARK_PROT: '1' },
    });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
    const wrong = ['TIDEMARK_TIMEZONE', 'TIDEMARK_CONCURRENCY', 'TIDEMARK_PROT', 'instances[0].engine'];
    for (const key of [...wrong, 'instances[1].host', 'instances[1].port'])
      expect(result.stderr).toContain(`  ${key}: `);
    expect(result.stderr).not.toContain('canary');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('an instance that is not there', async () => {
    expect(await tidemark(['instances', 'test', 'nobody'])).toMatchObject({
      code: 2,
      stderr: 'tidemark: there is no instance "nobody"\n',
    });
    expect(await tidemark(['collect', '--instance', 'nobody'])).toMatchObject({
      code: 2,
      stderr: 'tidemark: there is no active instance "nobody"; active ones: none\n',
    });
  });

  test('a port that is taken', async () => {
    const environment = { DATABASE_URL: repository.url.reveal() };
    const first = await startServing({ directory: folder.path, environment });
    const { port } = new URL(first.url);
    const second = await tidemark(['serve'], { environment: { TIDEMARK_PORT: port } });
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: 2 });
    expect(second.stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
  });
});

describe('a repository that is not available, with exit code 4', () => {
  test.each([['migrate'], ['collect'], ['serve']])('%s', async (command) => {
    const url = new URL(repository.url.reveal());
    url.port = String(await freePort());
    url.password = 'canary-5513';
    const result = await tidemark([command], { environment: { DATABASE_URL: url.href } });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 4, stdout: '' });
    expect(result.stderr).toContain('the repository does not answer');
    expect(result.stderr).not.toContain('canary');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  test('one that a newer Tidemark has migrated', async () => {
    await tidemark(['migrate']);
    await repository.pool.query(`INSERT INTO schema_migrations (version, name) VALUES (9999, 'later')`);
    const result = await tidemark(['migrate']);
    expect(result.code).toBe(4);
    expect(result.stderr).toContain('upgrade this exporter');
  });
});

describe('instances', () => {
  test('are added, listed, tested and measured', async () => {
    const { host, port } = postgresqlTarget();
    const where = ['--engine', 'postgresql', '--host', host, '--port', String(port), '--username', login];
    const more = ['--password', 'env:ORDERS_PASSWORD', '--owner', 'team-orders', '--include', 'postgres'];
    const environment = { ORDERS_PASSWORD: password };
    const added = await tidemark(['instances', 'add', 'orders', ...where, ...more, '--label', 'a=1', 'b=2']);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toContain('tidemark instances test orders');

    const again = await tidemark(['instances', 'add', 'orders', ...where]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('choose another name');

    const tested = await tidemark(['instances', 'test', 'orders'], { environment });
    expect(tested).toMatchObject({ code: 0, stderr: '' });
    expect(tested.stdout).toMatch(/^PostgreSQL \d+\.\d+, not encrypted: 1 databases can be measured, 0 cannot\n/);
    const { rows } = await repository.pool.query('SELECT FROM database_latest');
    expect(rows).toHaveLength(0);

    const withoutPassword = await tidemark(['instances', 'test', 'orders']);
    expect(withoutPassword).toMatchObject({ code: 1, stdout: '' });
    expect(withoutPassword.stderr).toContain('the environment variable ORDERS_PASSWORD is not set');

    const before = await tidemark(['instances', 'list']);
    expect(before.stdout).toMatch(new RegExp(`^orders +postgresql +${host}:${port} +team-orders +user +never$`, 'm'));
    // The login may not read the logs of the instance, which standard error says; the databases are all measured.
    const collected = await tidemark(['collect'], { environment });
    expect(collected).toMatchObject({ code: 0, stderr: expect.stringContaining('GRANT pg_monitor') });
    const after = await tidemark(['instances', 'list']);
    expect(after.stdout).toMatch(/^orders .* user +\d{7,} +succeeded$/m);
    const stored = await repository.pool.query<{ labels: unknown }>('SELECT labels FROM instances');
    expect(stored.rows).toEqual([{ labels: { a: '1', b: '2' } }]);
  });

  test('test says what cannot be measured, with exit code 3', async () => {
    const database = `${prefix}closed`;
    await createDatabases([database]);
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
    try {
      const instances = [postgresqlEntry('one', { include: ['postgres', database] })];
      const result = await tidemark(['instances', 'test', 'one'], { instances });
      expect(result).toMatchObject({ code: 3, stderr: '' });
      expect(result.stdout).toContain('1 databases can be measured, 1 cannot');
      expect(result.stdout).toContain(`  ${database}: `);
      expect(result.stdout).toContain(`GRANT CONNECT ON DATABASE "${database}" TO "${login}";`);
    } finally {
      await dropDatabases([database]);
    }
  });

  test('are read from the file by commands that only look, and left to the exporters', async () => {
    const [one, two] = [postgresqlEntry('one'), postgresqlEntry('two')];
    expect(await tidemark(['collect'], { instances: [one] })).toMatchObject({ code: 0 });
    const list = await tidemark(['instances', 'list'], { instances: [two] });
    expect(list.stdout).toMatch(/^one .* file +\d+ +succeeded$/m);
    expect(list.stdout).toMatch(/^two .* file, not watched yet +never$/m);
    const tested = await tidemark(['instances', 'test', 'two'], { instances: [two] });
    expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining('can be measured') });
    // What has nothing to do with logins does not need their passwords either.
    const locked = { ...two, password: 'env:NOT_SET_HERE' };
    for (const args of [['tokens', 'list'], ['partitions'], ['aggregate']]) {
      expect(await tidemark(args, { instances: [locked] })).toMatchObject({ code: 0 });
    }
    const { rows } = await repository.pool.query('SELECT name, is_active FROM instances');
    expect(rows).toEqual([{ name: 'one', is_active: true }]);
  });

  test('test of one that refuses us fails with exit code 1', async () => {
    const instances = [postgresqlEntry('one', { password: 'wrong-canary-7731' })];
    const result = await tidemark(['instances', 'test', 'one'], { instances });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('access denied');
    expect(result.stderr).not.toContain('canary');
  });
});

test('migrate makes the schema, and can be repeated', async () => {
  for (let round = 0; round < 2; round += 1) {
    expect(await tidemark(['migrate'])).toEqual({
      ...{ code: 0, signal: null },
      ...{ stdout: 'the repository is up to date\n', stderr: '' },
    });
  }
  const { rows } = await repository.pool.query('SELECT FROM collection_sessions');
  expect(rows).toHaveLength(0);
});

test('a run in which everything fails ends with exit code 1', async () => {
  const instances = [postgresqlEntry('one', { port: await freePort() })];
  const result = await tidemark(['collect'], { instances });
  expect(result).toMatchObject({
    code: 1,
    stdout: 'failed: 1 instances, 0 succeeded, 0 partly, 1 failed; 0 databases measured, 0 failed\n',
  });
  expect(result.stderr).toContain('nothing listens there');
});

describeWithMariadb('a fleet', (mariadb) => {
  const names = Array.from({ length: 50 }, (_, index) => `${prefix}db${String(index).padStart(2, '0')}`);
  const unreadable = names[31] ?? '';

  beforeAll(async () => {
    await createDatabases(names);
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${unreadable} FROM PUBLIC`);
    await asRoot(
      mariadb,
      `CREATE USER ${quoted(login)}@'127.0.0.1' IDENTIFIED BY '${password}'`,
      `GRANT SELECT, PROCESS, SHOW DATABASES, BINLOG MONITOR ON *.* TO ${quoted(login)}@'127.0.0.1'`,
      ...names.flatMap((name) => [`CREATE DATABASE ${name}`, `CREATE TABLE ${name}.t (id INT) ENGINE=InnoDB`]),
    );
  });

  afterAll(async () => {
    await dropDatabases(names);
    await withRoot(mariadb, async (connection) => {
      for (const name of names) await connection.query(`DROP DATABASE ${name}`);
      await connection.query(`DROP USER ${quoted(login)}@'127.0.0.1'`);
    });
  });

  test('of which one database is not readable and one login is wrong: everything else is measured', async () => {
    const { host, port } = mysqlTarget(mariadb);
    const include = [`${prefix}db*`];
    const wrong = 'wrong-canary-7731';
    const instances = [
      { name: 'maria', engine: 'mysql', host, port, username: login, password, include },
      postgresqlEntry('postgres', { include }),
      postgresqlEntry('stranger', { password: wrong, include }),
    ];
    const result = await tidemark(['collect'], { instances });
    expect(result.code).toBe(3);
    expect(result.stdout).toBe(
      'partial: 3 instances, 1 succeeded, 1 partly, 1 failed; 99 databases measured, 1 failed\n',
    );
    expect(result.stderr).toContain('access denied');
    expect(result.stderr).toContain('GRANT CONNECT');

    const { pool } = repository;
    const stored = await pool.query<{ name: string; rows: number; least: number; exact: boolean }>(
      `SELECT i.name, count(*)::int AS rows, min(size_bytes)::float8 AS least, bool_and(method = 'exact') AS exact
       FROM database_size_stats AS s
       JOIN instances AS i ON i.id = s.instance_id
       GROUP BY i.name
       ORDER BY i.name`,
    );
    expect(stored.rows).toMatchObject([
      { name: 'maria', rows: 50, exact: true },
      { name: 'postgres', rows: 49, exact: true },
    ]);
    for (const row of stored.rows) expect(row.least).toBeGreaterThan(0);

    const records = await pool.query<{ name: string; failures: unknown[] }>(
      `SELECT i.name, r.status, r.databases_measured, r.databases_failed, r.error_code, r.error_message, r.failures,
         r.warnings
       FROM collection_records AS r
       JOIN instances AS i ON i.id = r.instance_id
       ORDER BY i.name`,
    );
    expect(records.rows).toMatchObject([
      { name: 'maria', status: 'succeeded', databases_measured: 50, databases_failed: 0, failures: [], warnings: [] },
      {
        ...{ name: 'postgres', status: 'partial', databases_measured: 49, databases_failed: 1, error_code: null },
        failures: [
          {
            databaseName: unreadable,
            code: 'permission_denied',
            message: expect.stringContaining(`GRANT CONNECT ON DATABASE "${unreadable}" TO "${login}";`) as unknown,
          },
        ],
      },
      {
        ...{ name: 'stranger', status: 'failed', databases_measured: 0, error_code: 'access_denied' },
        error_message: expect.stringContaining('access denied') as unknown,
      },
    ]);
    const sessions = await pool.query<{ status: string; over: boolean }>(
      'SELECT status, finished_at IS NOT NULL AS over FROM collection_sessions',
    );
    expect(sessions.rows).toEqual([{ status: 'partial', over: true }]);

    const everything = [result.stdout, result.stderr, await dumpOf(repository)].join('\n');
    expect(everything).toContain(unreadable);
    expect(everything).not.toContain('canary');
  });
});

/** Every row of every table. */
async function dumpOf({ pool }: TestDatabase): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name
     FROM pg_class AS c
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`,
  );
  expect(tables.length).toBeGreaterThan(5);
  const dumps: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} AS t`);
    dumps.push(...rows.map(({ row }) => row));
  }
  return dumps.join('\n');
}
