import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import type { EngineSession, Target } from '../../../exporter/src/engines/engine.ts';
import { mysql } from '../../../exporter/src/engines/mysql.ts';
import type { TidemarkError } from '../../../exporter/src/errors.ts';
import { brokenRepliesLimit, counts } from '../../support/counts.ts';
import {
  startClosingServer,
  startMuteServer,
  startProxy,
  startResettingServer,
  startTalkingServer,
  type FakeServer,
} from '../../support/fake-servers.ts';
import { asRoot, mysqlTarget, quoted, withRoot } from '../../support/mysql-fixtures.ts';
import { freePort } from '../../support/ports.ts';
import { uniquePrefix } from '../../support/postgresql-fixtures.ts';
import { withSeeds, type SeededRandom } from '../../support/seeded-random.ts';
import { testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

jest.setTimeout(brokenRepliesLimit);

const user = `${uniquePrefix()}plain`;
const password = 'canary-9f2c-word';

/** What connecting fails with; the test fails when it does not. */
async function failureOf(target: Target, deadlines = testDeadlines): Promise<TidemarkError> {
  let session: EngineSession;
  try {
    session = await mysql.connect(target, deadlines);
  } catch (error) {
    return error as TidemarkError;
  }
  await session.close();
  throw new Error('the connection was made');
}

describeWithMariadb('MariaDB', (mariadb) => {
  const target = mysqlTarget(mariadb, { username: user, password });
  const measuring = { wanted: () => true, estimateOnTimeout: false };

  beforeAll(() => asRoot(mariadb, `CREATE USER ${quoted(user)}@'127.0.0.1' IDENTIFIED BY '${password}'`));

  afterAll(() => asRoot(mariadb, `DROP USER ${quoted(user)}@'127.0.0.1'`));

  test('says which server answers, cannot write, and closes twice without harm', async () => {
    const session = await mysql.connect(target, testDeadlines);
    expect(session.serverVersion).toMatch(/^MariaDB \d+\.\d+\.\d+$/);
    expect(session.encrypted).toBe(false);
    const seen = await withRoot(mariadb, async (connection) => {
      const [rows] = await connection.query(`SHOW PROCESSLIST`);
      return (rows as { User: string }[]).filter((row) => row.User === user).length;
    });
    expect(seen).toBe(1);
    await session.close();
    await session.close();
  });

  test('a wrong password is said, and not shown', async () => {
    const error = await failureOf(mysqlTarget(mariadb, { username: user, password: 'wrong-canary-7731' }));
    expect(error).toMatchObject({ code: 'access_denied' });
    expect(error.message).toContain(`access denied for user ${user}`);
    const shown = [error.message, String(error.stack), JSON.stringify(error)];
    shown.push(inspect(error, { depth: Infinity, showHidden: true }));
    for (const text of shown) expect(text).not.toContain('canary');
  });

  test('a missing password, an unknown user and an unknown database are said', async () => {
    expect(await failureOf({ ...target, password: null })).toMatchObject({ code: 'access_denied' });
    expect(await failureOf({ ...target, username: 'nobody here' })).toMatchObject({ code: 'access_denied' });
    const asRootOf = mysqlTarget(mariadb, { database: 'not here' });
    expect(await failureOf(asRootOf)).toMatchObject({ code: 'database_unknown' });
  });

  test('a server that is full is said', async () => {
    await asRoot(mariadb, `ALTER USER ${quoted(user)}@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1`);
    const first = await mysql.connect(target, testDeadlines);
    try {
      expect(await failureOf(target)).toMatchObject({ code: 'too_many_connections' });
    } finally {
      await first.close();
      await asRoot(mariadb, `ALTER USER ${quoted(user)}@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0`);
    }
  });

  test('an unknown host and a port where nobody listens are said', async () => {
    expect(await failureOf({ ...target, host: 'no-such-host.invalid' })).toMatchObject({ code: 'host_unknown' });
    expect(await failureOf({ ...target, port: await freePort() })).toMatchObject({ code: 'connection_refused' });
  });

  test('a file of tls that is not there is named, and no socket is opened', async () => {
    const server = await startMuteServer();
    const tls = { mode: 'verify-full', ca: '/no/such/ca.pem' } as const;
    const error = await failureOf({ ...target, port: server.port, tls });
    expect(error).toMatchObject({ code: 'credential_unavailable' });
    expect(error.message).toContain('/no/such/ca.pem');
    expect(server.accepted()).toBe(0);
    await server.close();
  });

  test.each(['require', 'verify-full'] as const)('TLS %s refuses a server without it', async (mode) => {
    expect(await failureOf({ ...target, tls: { mode } })).toMatchObject({
      code: 'tls_failed',
      message: expect.stringContaining('the server offers no TLS: switch it on there') as unknown,
    });
  });

  test('a server that falls silent in the middle is given up', async () => {
    const silence = new Promise<void>(() => undefined);
    const proxy = await startProxy(mariadb.port, (bytes) => (bytes.includes('schemata') ? silence : undefined));
    try {
      const session = await mysql.connect({ ...target, port: proxy.port }, { ...testDeadlines, query: 300 });
      await expect(session.measure(measuring)).rejects.toMatchObject({
        code: 'timeout',
      });
      await session.close();
      await until(() => proxy.open() === 0, 'the socket is closed');
    } finally {
      await proxy.close();
    }
  });

  /** As an administrator, a shutdown or a limit of idle time does it. */
  function killSessions(): Promise<void> {
    return withRoot(mariadb, async (connection) => {
      const [rows] = await connection.query('SHOW PROCESSLIST');
      for (const row of rows as { Id: number; User: string }[]) {
        if (row.User === user) await connection.query(`KILL ${row.Id}`);
      }
    });
  }

  test('a server that ends our session while it is asked is said', async () => {
    const proxy = await startProxy(mariadb.port, (bytes) => (bytes.includes('schemata') ? killSessions() : undefined));
    try {
      const session = await mysql.connect({ ...target, port: proxy.port }, testDeadlines);
      await expect(session.measure(measuring)).rejects.toMatchObject({ code: 'connection_lost' });
      await session.close();
    } finally {
      await proxy.close();
    }
  });

  test('a server that ends our session between two statements is said', async () => {
    const proxy = await startProxy(mariadb.port);
    try {
      const session = await mysql.connect({ ...target, port: proxy.port }, testDeadlines);
      await killSessions();
      await until(() => proxy.open() === 0, 'the session has ended');
      await expect(session.measure(measuring)).rejects.toMatchObject({ code: 'connection_lost' });
      await session.close();
    } finally {
      await proxy.close();
    }
  });
});

describe('a server that is none', () => {
  const targetOn = (port: number) => mysqlTarget({ port, password });
  const hurried = { ...testDeadlines, connect: 300 };
  let server: FakeServer;
  afterEach(() => server.close());

  test.each([
    ['from the start', () => startMuteServer()],
    ['after its greeting', () => startTalkingServer(greeting(), 'at once')],
  ])('mute %s: it is given up at the deadline, with its socket', async (_, start) => {
    server = await start();
    const target = { ...targetOn(server.port), tls: { mode: 'disable' } as const };
    expect(await failureOf(target, hurried)).toMatchObject({ code: 'timeout' });
    expect(server.accepted()).toBe(1);
    await until(() => server.open() === 0, 'the socket is closed');
  });

  test('one that closes or resets the connection is said', async () => {
    server = await startClosingServer();
    expect(await failureOf(targetOn(server.port))).toMatchObject({ code: 'connection_lost' });
    await server.close();
    server = await startResettingServer();
    // It waits for our first word, and in this protocol the server speaks first.
    expect(await failureOf(targetOn(server.port), hurried)).toMatchObject({ code: 'timeout' });
  });

  test('one of another kind is said', async () => {
    server = await startTalkingServer('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', 'at once');
    const error = await failureOf(targetOn(server.port), hurried);
    expect(['protocol_error', 'timeout']).toContain(error.code);
    await until(() => server.open() === 0, 'the socket is closed');
  });

  const goodbye = [0xff, 0xbf, 0x0f, ...Buffer.from('#HY000The client was idle for too long.')];

  test.each([
    ['whole', goodbye, 'connection_lost', 'the server ended the session (The client was idle for too long.)'],
    ['cut short', goodbye.slice(0, 1), 'protocol_error', 'this is not the protocol of MySQL'],
  ])('an error that comes unasked, %s, ends the connection, and not the process', async (_, error, code, message) => {
    const welcome = packet(2, [0, 0, 0, 2, 0, 0, 0]);
    server = await startTalkingServer(Buffer.concat([greeting(), welcome, packet(0, error)]), 'at once');
    const target = { ...targetOn(server.port), tls: { mode: 'disable' } as const };
    expect(await failureOf(target)).toMatchObject({ code, message: expect.stringContaining(message) });
    await until(() => server.open() === 0, 'the socket is closed');
  });

  test('whatever a server says, the answer is an error of ours', async () => {
    await withSeeds(counts.brokenReplies, async (random) => {
      const answer = garbage(random);
      server = await startTalkingServer(answer, 'at once');
      const error = await failureOf(targetOn(server.port), { ...hurried, connect: 150 });
      expect({ name: error.name, answer: answer.toString('hex') }).toMatchObject({ name: 'TidemarkError' });
      await until(() => server.open() === 0, 'the socket is closed');
      await server.close();
    });
    server = await startMuteServer();
  });

  /** Most of it starts like a packet: three bytes of length, a number; some of it like a greeting, or after one. */
  function garbage(random: SeededRandom): Buffer {
    const bytes = Buffer.from(Array.from({ length: random.integer(5, 200) }, () => random.integer(0, 255)));
    if (random.chance(0.7)) bytes.set([random.integer(0, bytes.length - 4), 0, 0, 0]);
    if (random.chance(0.5)) bytes.set([random.pick([10, 0xff, 0, 0xfe, 1])], 4);
    if (random.chance(0.3)) {
      bytes.set([bytes.length - 4, 0, 0, 2]);
      return Buffer.concat([greeting(), bytes]);
    }
    return bytes;
  }
});

/** The first packet of a MySQL 8 without TLS. */
function greeting(): Buffer {
  const body = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.0.40\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('abcdefgh\0'),
    Buffer.from([0xff, 0xf7, 0xff, 2, 0, 0xff, 0xdf, 21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
  return packet(0, [...body]);
}

/** Three bytes of length, a number, and what it says; up to 255 bytes. */
function packet(number: number, body: readonly number[]): Buffer {
  return Buffer.from([body.length, 0, 0, number, ...body]);
}
