import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { InstanceMeasurement, Target } from '../../../exporter/src/engines/engine.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import { startProxy } from '../../support/fake-servers.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  postgresqlTarget,
  uniquePrefix,
} from '../../support/postgresql-fixtures.ts';
import { asSuperuser, testDeadlines } from '../../support/test-database.ts';

const prefix = uniquePrefix();
const names = [`${prefix}0`, `${prefix}1`];
const password = 'canary-9f2c-word';
const [home = ''] = names;
const login = `${prefix}shadowed`;

beforeAll(async () => {
  await createDatabases(names);
  await createLogin(login, password);
  // What this login calls pg_tablespace_size or pg_ls_waldir may be ours: slow, or failing.
  await asSuperuser('postgres', `ALTER ROLE ${login} IN DATABASE ${home} SET search_path TO shadow, pg_catalog`);
  await asSuperuser(home, 'CREATE SCHEMA shadow', `GRANT USAGE ON SCHEMA shadow TO ${login}`);
});

afterAll(async () => {
  await dropDatabases(names);
  await dropLogin(login);
});

const target = (changes: Parameters<typeof postgresqlTarget>[0] = {}): Target =>
  postgresqlTarget({ username: login, password, database: home, ...changes });

async function measure(on: Target, deadlines = testDeadlines): Promise<InstanceMeasurement> {
  const session = await postgresql.connect(on, deadlines);
  try {
    return await session.measure({ wanted: (name) => names.includes(name), estimateOnTimeout: false });
  } finally {
    await session.close();
  }
}

const namesOf = ({ databases }: InstanceMeasurement) => databases.map(({ databaseName }) => databaseName);
const walOf = ({ storage }: InstanceMeasurement) => storage.filter(({ scope }) => scope === 'log');
const tablespacesOf = ({ storage }: InstanceMeasurement) => storage.filter(({ scope }) => scope === 'tablespace');

test('without the right to read the storage there are warnings, and all databases; following them shows it', async () => {
  const role = `${prefix}watcher`;
  await createLogin(role, password);
  const watcher = postgresqlTarget({ username: role, password });
  try {
    const without = await measure(watcher);
    expect(namesOf(without)).toEqual(names);
    expect(walOf(without)).toEqual([]);
    const grant = `GRANT pg_monitor TO "${role}";`;
    expect(without.warnings).toEqual([
      expect.objectContaining({ code: 'permission_denied', message: expect.stringContaining('the write-ahead log') }),
      expect.objectContaining({ code: 'permission_denied', message: expect.stringContaining('the tablespaces') }),
    ]);
    for (const { message } of without.warnings) expect(message).toContain(grant);

    await asSuperuser('postgres', grant);
    const mended = await measure(watcher);
    expect(mended.warnings).toEqual([]);
    const segments = 16 * 2 ** 20;
    const bytes = walOf(mended).find(({ name }) => name === 'wal')?.allocatedBytes ?? 0;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes % segments).toBe(0);
    expect(tablespacesOf(mended).map(({ name }) => name)).toEqual(expect.arrayContaining(['pg_default', 'pg_global']));
  } finally {
    await dropLogin(role);
  }
});

describe('with the right to read the storage', () => {
  beforeAll(async () => {
    await asSuperuser(home, `GRANT pg_monitor TO ${login}`);
  });

  afterEach(async () => {
    await asSuperuser(home, 'DROP FUNCTION IF EXISTS shadow.pg_ls_waldir, shadow.pg_tablespace_size');
  });

  test('nothing is wrong: two messages tell all', async () => {
    let messages = 0;
    const proxy = await startProxy(postgresqlTarget().port, (bytes) => {
      if (bytes.includes('BEGIN READ ONLY')) messages += 1;
    });
    const measured = await measure(target({ port: proxy.port }));
    await proxy.close();
    expect(messages).toBe(2);
    expect(namesOf(measured)).toEqual(names);
    expect(walOf(measured)).toHaveLength(1);
    expect(tablespacesOf(measured).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pg_default', 'pg_global']),
    );
  });

  test.each([
    ['takes too long', 'PERFORM pg_sleep(60)', 'timeout'],
    ['fails', `RAISE EXCEPTION 'could not read directory'`, 'query_failed'],
  ])('a tablespace that %s is a warning; databases and log are measured', async (_, statement, code) => {
    await asSuperuser(
      home,
      `CREATE FUNCTION shadow.pg_tablespace_size(space oid) RETURNS bigint LANGUAGE plpgsql
       AS $$ BEGIN ${statement}; RETURN 0; END $$`,
    );
    const measured = await measure(target(), { ...testDeadlines, query: 1_000 });
    expect(namesOf(measured)).toEqual(names);
    expect(measured.failures).toEqual([]);
    expect(walOf(measured)).toHaveLength(1);
    expect(tablespacesOf(measured)).toEqual([]);
    const message = expect.stringContaining('the tablespaces cannot be measured') as unknown;
    expect(measured.warnings).toEqual([{ databaseName: null, code, message }]);
  });

  test('a log that cannot be sized is a warning; databases and tablespaces are measured', async () => {
    await asSuperuser(
      home,
      `CREATE FUNCTION shadow.pg_ls_waldir(OUT name text, OUT size bigint) RETURNS SETOF record LANGUAGE plpgsql
       AS $$ BEGIN RAISE EXCEPTION 'not supported here'; END $$`,
    );
    const measured = await measure(target(), { ...testDeadlines, query: 1_000 });
    expect(namesOf(measured)).toEqual(names);
    expect(walOf(measured)).toEqual([]);
    expect(tablespacesOf(measured)).not.toEqual([]);
    const message = expect.stringContaining('the write-ahead log cannot be measured') as unknown;
    expect(measured.warnings).toEqual([{ databaseName: null, code: 'query_failed', message }]);
  });
});
