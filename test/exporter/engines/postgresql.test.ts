import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Target, InstanceMeasurement, MeasureOptions } from '../../../exporter/src/engines/engine.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  fileBytesOf,
  postgresqlTarget,
  uniquePrefix,
} from '../../support/postgresql-fixtures.ts';
import { startPgbouncer, whyNoPgbouncer } from '../../support/pgbouncer.ts';
import { asSuperuser, postgresqlUrl, testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const { escapeLiteral } = pg;
const prefix = uniquePrefix();
const names = Array.from({ length: 50 }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);
const ours = { wanted: (name: string) => name.startsWith(prefix), estimateOnTimeout: false };
const password = 'canary-9f2c-word';

beforeAll(async () => {
  await createDatabases(names);
  for (const [index, name] of names.slice(0, 5).entries()) {
    await asSuperuser(
      name,
      `CREATE TABLE filled AS SELECT g AS id, repeat('x', 500) AS text FROM generate_series(1, ${(index + 1) * 700}) AS g`,
      'CREATE INDEX ON filled (id)',
      'VACUUM ANALYZE filled',
    );
  }
  await createLogin(`${prefix}plain`, password);
});

afterAll(async () => {
  await dropDatabases(names);
  await dropLogin(`${prefix}plain`);
});

const plainTarget = (changes: Parameters<typeof postgresqlTarget>[0] = {}) =>
  postgresqlTarget({ username: `${prefix}plain`, password, ...changes });

async function measure(target: Target, options: MeasureOptions = ours): Promise<InstanceMeasurement> {
  const session = await postgresql.connect(target, testDeadlines);
  try {
    return await session.measure(options);
  } finally {
    await session.close();
  }
}

function namesOf(measurement: InstanceMeasurement): string[] {
  return measurement.databases.map((database) => database.databaseName);
}

describe('sizes', () => {
  test('of 50 databases are the bytes of their files', async () => {
    const before = await fileBytesOf(names);
    const { databases, failures, warnings } = await measure(plainTarget());
    const after = await fileBytesOf(names);

    expect(databases.map((database) => database.databaseName)).toEqual(names);
    expect(failures).toEqual([]);
    // The plain role may size its databases, and not the logs and tablespaces of the instance.
    expect(warnings.map((warning) => warning.code)).toEqual(['permission_denied', 'permission_denied']);
    for (const { databaseName, sizeBytes } of databases) {
      // The same where nobody wrote in between, which is nearly always.
      const bounds = [before.get(databaseName) ?? 0, after.get(databaseName) ?? 0];
      expect(sizeBytes).toBeGreaterThanOrEqual(Math.min(...bounds));
      expect(sizeBytes).toBeLessThanOrEqual(Math.max(...bounds));
      expect(Math.max(...bounds)).toBeLessThan(1.01 * Math.min(...bounds));
    }
  });

  test('are what pg_database_size says', async () => {
    const measured = await measure(plainTarget());
    const [said] = await asSuperuser(
      'postgres',
      `SELECT datname, pg_database_size(oid)::float8 AS bytes FROM pg_database WHERE starts_with(datname, '${prefix}')`,
    );
    const bytes = new Map((said?.rows as { datname: string; bytes: number }[]).map((row) => [row.datname, row.bytes]));
    expect(bytes.size).toBe(50);
    for (const { databaseName, sizeBytes } of measured.databases) {
      expect(Math.abs(sizeBytes - (bytes.get(databaseName) ?? 0))).toBeLessThanOrEqual(0.01 * sizeBytes);
    }
    const [, , , , large] = measured.databases;
    const [small] = measured.databases;
    expect(large?.sizeBytes).toBeGreaterThan(small?.sizeBytes ?? Infinity);
  });

  test('what an engine cannot say is null, never 0', async () => {
    const [first] = (await measure(plainTarget())).databases;
    expect(first).toMatchObject({
      dataBytes: first?.sizeBytes,
      logBytes: null,
      indexBytes: null,
      tempBytes: null,
      usedBytes: null,
      limitBytes: null,
      method: 'exact',
    });
  });

  test('templates, databases with an interrupted DROP and those not wanted are left out', async () => {
    const dropped = `${prefix}interrupted`;
    const template = `${prefix}template`;
    await createDatabases([dropped, template]);
    await asSuperuser(
      'postgres',
      `ALTER DATABASE ${template} IS_TEMPLATE true`,
      `UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${dropped}'`,
    );
    try {
      const measured = await measure(plainTarget());
      expect(namesOf(measured)).toEqual(names);
      expect(measured.failures).toEqual([]);
      const few = await measure(plainTarget(), { ...ours, wanted: (name) => name === names[7] });
      expect(namesOf(few)).toEqual([names[7]]);
    } finally {
      await asSuperuser('postgres', `ALTER DATABASE ${template} IS_TEMPLATE false`);
      await dropDatabases([dropped, template]);
    }
  });

  test('a database that takes no connections has a size all the same', async () => {
    await asSuperuser('postgres', `ALTER DATABASE ${names[3] ?? ''} ALLOW_CONNECTIONS false`);
    try {
      expect(namesOf(await measure(plainTarget()))).toEqual(names);
    } finally {
      await asSuperuser('postgres', `ALTER DATABASE ${names[3] ?? ''} ALLOW_CONNECTIONS true`);
    }
  });

  test('a database dropped between listing and sizing takes nothing else with it', async () => {
    const doomed = `${prefix}doomed`;
    await createDatabases([doomed]);
    let dropped = 0;
    const proxy = await startProxy(postgresqlTarget().port, async (bytes) => {
      if (dropped > 0 || !bytes.includes('pg_database_size')) return;
      dropped += 1;
      await dropDatabases([doomed]);
    });
    try {
      const measured = await measure(plainTarget({ port: proxy.port }));
      expect(dropped).toBe(1);
      expect(namesOf(measured)).toEqual(names);
      expect(measured.failures).toEqual([]);
    } finally {
      await proxy.close();
      await dropDatabases([doomed]);
    }
  });

  test('hostile names are only names', async () => {
    const hostile = [
      `${prefix}quote"double`,
      `${prefix}quote'single`,
      `${prefix} space  space `,
      `${prefix}; DROP DATABASE postgres; --`,
      `${prefix}$1 %s {0} \\ \t`,
      `${prefix}=cmd|'/C calc'!A0`,
      `${prefix}Ünïcödé 漢字 🐘 עברית`,
      `${prefix}UPPER`,
      prefix.padEnd(63, 'x'),
      `${prefix}${'漢'.repeat(17)}`,
    ];
    await createDatabases(hostile);
    try {
      const measured = await measure(plainTarget(), { ...ours, wanted: (name) => hostile.includes(name) });
      expect(namesOf(measured).sort()).toEqual([...hostile].sort());
      const bytes = await fileBytesOf(hostile);
      for (const { databaseName, sizeBytes } of measured.databases) expect(sizeBytes).toBe(bytes.get(databaseName));
    } finally {
      await dropDatabases(hostile);
    }
  });
});

const noPgbouncer = whyNoPgbouncer();
(noPgbouncer === null ? test : test.skip)(
  `behind PgBouncer in transaction mode all is the same${noPgbouncer === null ? '' : ` (skipped: ${noPgbouncer})`}`,
  async () => {
    const pgbouncer = await startPgbouncer(postgresqlUrl('postgres'));
    try {
      const port = Number(new URL(pgbouncer.url.reveal()).port);
      const direct = await postgresql.connect(postgresqlTarget(), testDeadlines);
      const behind = await postgresql.connect(postgresqlTarget({ port }), testDeadlines);
      expect(behind.serverVersion).toBe(direct.serverVersion);
      expect((await behind.measure(ours)).databases).toEqual((await direct.measure(ours)).databases);
      await Promise.all([direct.close(), behind.close()]);
    } finally {
      await pgbouncer.stop();
    }
  },
);

describe('missing rights', () => {
  const denied = names[21] ?? '';

  /** The n-th statement that a message tells to run. */
  function grantIn(message: string, number: number): string {
    return message.match(/GRANT [^;]*;/g)?.[number] ?? `no GRANT in: ${message}`;
  }

  afterEach(() => asSuperuser('postgres', `GRANT CONNECT ON DATABASE ${denied} TO PUBLIC`));

  test.each([
    ['GRANT pg_read_all_stats', 0],
    ['GRANT CONNECT', 1],
  ])('one denied database is one finding; following its %s mends it', async (start, number) => {
    const role = `${prefix}ro"le o'${number}`;
    await createLogin(role, password);
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${denied} FROM PUBLIC`);
    try {
      const target = postgresqlTarget({ username: role, password });
      const measured = await measure(target);
      expect(namesOf(measured)).toEqual(names.filter((name) => name !== denied));
      expect(measured.failures).toHaveLength(1);
      const [finding] = measured.failures;
      expect(finding).toMatchObject({ databaseName: denied, code: 'permission_denied' });

      const grant = grantIn(finding?.message ?? '', number);
      expect(grant.startsWith(start)).toBe(true);
      await asSuperuser('postgres', grant);
      const mended = await measure(target);
      expect(namesOf(mended)).toEqual(names);
      expect(mended.failures).toEqual([]);
    } finally {
      await dropLogin(role);
    }
  });
});

describe('a server that misbehaves in the middle', () => {
  const home = `${prefix}home`;
  const login = `${prefix}shadowed`;

  beforeAll(async () => {
    await createDatabases([home]);
    await createLogin(login, password);
    // What this login calls pg_database_size is ours: it can be slow, fail or lie for single databases.
    await asSuperuser('postgres', `ALTER ROLE ${login} IN DATABASE ${home} SET search_path TO shadow, pg_catalog`);
    await asSuperuser(home, 'CREATE SCHEMA shadow', `GRANT USAGE ON SCHEMA shadow TO ${login}`);
  });

  afterAll(async () => {
    await dropDatabases([home]);
    await dropLogin(login);
  });

  /** @param name null for every database */
  async function onSizing(name: string | null, statement: string): Promise<void> {
    const chosen = name === null ? 'true' : `d.datname = ${escapeLiteral(name)}`;
    await asSuperuser(
      home,
      `CREATE OR REPLACE FUNCTION shadow.pg_database_size(database oid) RETURNS bigint LANGUAGE plpgsql AS $$
       BEGIN
         IF database IN (SELECT oid FROM pg_database AS d WHERE ${chosen}) THEN ${statement}; END IF;
         RETURN pg_catalog.pg_database_size(database);
       END $$`,
    );
  }

  const target = () => postgresqlTarget({ username: login, password, database: home });
  const sick = names[2] ?? '';
  const healthy = names.filter((name) => name !== sick);
  const hurried = { ...testDeadlines, query: 1_000 };

  async function measureHurriedly(estimateOnTimeout: boolean): Promise<InstanceMeasurement> {
    const session = await postgresql.connect(target(), hurried);
    try {
      return await session.measure({ wanted: (name) => names.includes(name), estimateOnTimeout });
    } finally {
      await session.close();
    }
  }

  test('a database that cannot be sized is a finding, the others are measured', async () => {
    await onSizing(sick, `RAISE EXCEPTION 'could not stat file "base/1/2": Input/output error'`);
    const measured = await measureHurriedly(false);
    expect(namesOf(measured).sort()).toEqual(healthy);
    expect(measured.failures).toEqual([
      {
        databaseName: sick,
        code: 'database_unreadable',
        message: expect.stringContaining('Input/output error') as unknown,
      },
    ]);
  });

  test.each([
    ['negative', '-1'],
    ['larger than any JSON number', '9007199254740992'],
  ])('a size that is %s is refused', async (_, bytes) => {
    await onSizing(sick, `RETURN ${bytes}`);
    const measured = await measureHurriedly(false);
    expect(namesOf(measured).sort()).toEqual(healthy);
    expect(measured.failures).toMatchObject([{ databaseName: sick, code: 'size_out_of_range' }]);
  });

  test('a database that takes too long is a finding, the others are measured', async () => {
    await onSizing(sick, 'PERFORM pg_sleep(60)');
    const measured = await measureHurriedly(false);
    expect(namesOf(measured).sort()).toEqual(healthy);
    expect(measured.failures).toMatchObject([{ databaseName: sick, code: 'timeout' }]);
  });

  test('where an estimate will do, the one that takes too long is estimated', async () => {
    await onSizing(sick, 'PERFORM pg_sleep(60)');
    const measured = await measureHurriedly(true);
    expect(measured.failures).toEqual([]);
    expect(namesOf(measured).sort()).toEqual(names);
    const estimates = measured.databases.filter((database) => database.method === 'estimate');
    expect(estimates.map((database) => database.databaseName)).toEqual([sick]);
    const bytes = (await fileBytesOf([sick])).get(sick) ?? 0;
    // Tables, indexes and TOAST, without maps, catalogs' spare files and the like.
    expect(estimates[0]?.sizeBytes).toBeGreaterThan(0.7 * bytes);
    expect(estimates[0]?.sizeBytes).toBeLessThanOrEqual(bytes);
  });

  test('where all of them take too long, the instance does not take the deadline of each', async () => {
    await onSizing(null, 'PERFORM pg_sleep(60)');
    const start = Date.now();
    const measured = await measureHurriedly(false);
    expect(measured.databases).toEqual([]);
    expect(measured.failures.map((failure) => failure.code)).toEqual(names.map(() => 'timeout'));
    expect(Date.now() - start).toBeLessThan((names.length / 2) * hurried.query);
  });

  test('a server that ends our session is a finding for each database that was left', async () => {
    await onSizing(sick, 'PERFORM pg_terminate_backend(pg_backend_pid())');
    const measured = await measureHurriedly(false);
    expect(measured.databases).toEqual([]);
    expect(measured.failures.map((failure) => failure.databaseName)).toEqual(names);
    expect(new Set(measured.failures.map((failure) => failure.code))).toEqual(new Set(['connection_lost']));
  });

  test.each([
    ['while it lists its databases', 'pg_ls_waldir'],
    ['while it sizes them', 'pg_database_size'],
  ])('a server that is stopped %s is a lost connection', async (_, statement) => {
    const proxy = await startProxy(postgresqlTarget().port, async (bytes) => {
      if (!bytes.includes(statement)) return;
      const sessions = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${escapeLiteral(login)}`;
      await asSuperuser('postgres', sessions);
    });
    const session = await postgresql.connect({ ...target(), port: proxy.port }, testDeadlines);
    const measuring = session.measure({ wanted: (name) => names.includes(name), estimateOnTimeout: false });
    const outcome = await measuring.then(
      ({ databases, failures }) => ({ databases, codes: failures.map(({ code }) => code) }),
      (error: unknown) => error,
    );
    const left = { databases: [], codes: names.map(() => 'connection_lost') };
    expect(outcome).toMatchObject(statement === 'pg_database_size' ? left : { code: 'connection_lost' });
    await session.close();
    await proxy.close();
  });

  test('a server that falls silent in the middle is given up', async () => {
    let proxy: FakeServer | undefined;
    const silence = new Promise<void>(() => undefined);
    try {
      proxy = await startProxy(postgresqlTarget().port, (bytes) =>
        bytes.includes('pg_database_size') ? silence : undefined,
      );
      const session = await postgresql.connect(plainTarget({ port: proxy.port }), { ...testDeadlines, query: 300 });
      const measured = await session.measure({ ...ours, wanted: (name) => names.includes(name) });
      await session.close();
      expect(measured.databases).toEqual([]);
      expect(measured.failures.map((failure) => failure.code)).toEqual(names.map(() => 'timeout'));
      await until(() => proxy?.open() === 0, 'the socket is closed');
    } finally {
      await proxy?.close();
    }
  });
});
