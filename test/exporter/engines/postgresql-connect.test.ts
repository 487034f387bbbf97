import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import type { EngineSession, Target } from '../../../exporter/src/engines/engine.ts';
import { postgresql } from '../../../exporter/src/engines/postgresql.ts';
import type { TidemarkError } from '../../../exporter/src/errors.ts';
import { brokenRepliesLimit, counts } from '../../support/counts.ts';
import {
  startClosingServer,
  startMuteServer,
  startResettingServer,
  startTalkingServer,
  type FakeServer,
} from '../../support/fake-servers.ts';
import { freePort } from '../../support/ports.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  postgresqlTarget,
  uniquePrefix,
} from '../../support/postgresql-fixtures.ts';
import { withSeeds, type SeededRandom } from '../../support/seeded-random.ts';
import { asSuperuser, testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

jest.setTimeout(brokenRepliesLimit);

const prefix = uniquePrefix();
const database = `${prefix}database`;
const password = 'canary-9f2c-word';

beforeAll(async () => {
  await createDatabases([database]);
  await createLogin(`${prefix}plain`, password);
});

afterAll(async () => {
  await dropDatabases([database]);
  await dropLogin(`${prefix}plain`);
});

const plainTarget = (changes: Parameters<typeof postgresqlTarget>[0] = {}) =>
  postgresqlTarget({ username: `${prefix}plain`, password, ...changes });

/** What connecting fails with; the test fails when it does not. */
async function failureOf(target: Target, deadlines = testDeadlines): Promise<TidemarkError> {
  let session: EngineSession;
  try {
    session = await postgresql.connect(target, deadlines);
  } catch (error) {
    return error as TidemarkError;
  }
  await session.close();
  throw new Error('the connection was made');
}

describe('connecting', () => {
  test('says who is asking and which server answers, and closes twice without harm', async () => {
    const session = await postgresql.connect(plainTarget(), testDeadlines);
    const [seen] = await asSuperuser(
      'postgres',
      `SELECT application_name FROM pg_stat_activity WHERE usename = '${prefix}plain'`,
    );
    expect(seen?.rows).toEqual([{ application_name: 'tidemark' }]);
    expect(session.serverVersion).toMatch(/^PostgreSQL \d+\.\d+$/);
    await session.close();
    await session.close();
    await until(async () => {
      const [left] = await asSuperuser('postgres', `SELECT FROM pg_stat_activity WHERE usename = '${prefix}plain'`);
      return left?.rowCount === 0;
    }, 'the server has seen the end of the session');
  });

  test('cannot write', async () => {
    const writer = `${prefix}writer`;
    await createLogin(writer, password);
    await asSuperuser('postgres', `ALTER ROLE ${writer} IN DATABASE ${database} SET search_path TO trap, pg_catalog`);
    await asSuperuser(
      database,
      `CREATE SCHEMA trap AUTHORIZATION ${writer}`,
      `CREATE TABLE trap.written (id int)`,
      `GRANT ALL ON trap.written TO ${writer}`,
      `CREATE FUNCTION trap.pg_database_size(oid) RETURNS bigint LANGUAGE sql
       AS 'INSERT INTO trap.written VALUES (1) RETURNING 1::bigint'`,
    );
    try {
      const session = await postgresql.connect(
        postgresqlTarget({ username: writer, password, database }),
        testDeadlines,
      );
      const measured = await session.measure({ wanted: (name) => name === database, estimateOnTimeout: false });
      await session.close();
      expect(measured.failures[0]?.message).toContain('read-only');
      const [written] = await asSuperuser(database, 'SELECT FROM trap.written');
      expect(written?.rowCount).toBe(0);
    } finally {
      await asSuperuser(database, 'DROP SCHEMA trap CASCADE');
      await dropLogin(writer);
    }
  });

  test('a wrong password is said, and not shown', async () => {
    const error = await failureOf(plainTarget({ password: 'wrong-canary-7731' }));
    expect(error).toMatchObject({ code: 'access_denied' });
    expect(error.message).toContain(`access denied for user ${prefix}plain`);
    const shown = [error.message, String(error.stack), JSON.stringify(error)];
    shown.push(inspect(error, { depth: Infinity, showHidden: true }));
    for (const text of shown) expect(text).not.toContain('canary');
  });

  test('a missing password is said', async () => {
    const error = await failureOf({ ...plainTarget(), password: null });
    expect(error).toMatchObject({ code: 'access_denied' });
  });

  test('an unknown user and an unknown database are said', async () => {
    expect(await failureOf(postgresqlTarget({ username: 'nobody here' }))).toMatchObject({ code: 'access_denied' });
    expect(await failureOf(postgresqlTarget({ database: 'not here' }))).toMatchObject({ code: 'database_unknown' });
  });

  test('a database that the login may not enter is a missing right', async () => {
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
    try {
      const error = await failureOf(plainTarget({ database }));
      expect(error).toMatchObject({ code: 'permission_denied' });
    } finally {
      await asSuperuser('postgres', `GRANT CONNECT ON DATABASE ${database} TO PUBLIC`);
    }
  });

  test('a server that is full is said', async () => {
    const crowded = `${prefix}crowded`;
    await createLogin(crowded, password);
    await asSuperuser('postgres', `ALTER ROLE ${crowded} CONNECTION LIMIT 1`);
    const first = await postgresql.connect(postgresqlTarget({ username: crowded, password }), testDeadlines);
    try {
      const error = await failureOf(postgresqlTarget({ username: crowded, password }));
      expect(error).toMatchObject({ code: 'too_many_connections' });
    } finally {
      await first.close();
      await dropLogin(crowded);
    }
  });

  test('an unknown host and a port where nobody listens are said', async () => {
    expect(await failureOf(plainTarget({ host: 'no-such-host.invalid' }))).toMatchObject({ code: 'host_unknown' });
    expect(await failureOf(plainTarget({ port: await freePort() }))).toMatchObject({ code: 'connection_refused' });
  });

  describe.each(['prefer', 'disable'] as const)('with TLS %s', (mode) => {
    let server: FakeServer;
    afterEach(() => server.close());

    test('a mute server is given up at the deadline, with its socket', async () => {
      server = await startMuteServer();
      const error = await failureOf(plainTarget({ port: server.port, tls: { mode } }), {
        ...testDeadlines,
        connect: 300,
      });
      expect(error).toMatchObject({ code: 'timeout' });
      expect(server.accepted()).toBe(1);
      await until(() => server.open() === 0, 'the socket is closed');
    });

    test('a server that resets or closes the connection is said', async () => {
      server = await startResettingServer();
      expect(await failureOf(plainTarget({ port: server.port, tls: { mode } }))).toMatchObject({
        code: 'connection_lost',
      });
      await server.close();
      server = await startClosingServer();
      expect(await failureOf(plainTarget({ port: server.port, tls: { mode } }))).toMatchObject({
        code: 'connection_lost',
      });
    });

    test('a server of another kind is said', async () => {
      server = await startTalkingServer(new Uint8Array([0xff, 0, 0, 0, 8, 1, 2, 3, 4]), 'asked');
      expect(await failureOf(plainTarget({ port: server.port, tls: { mode } }))).toMatchObject({
        code: 'protocol_error',
      });
    });

    test('whatever a server says, the answer is an error of ours', async () => {
      await withSeeds(counts.brokenReplies, async (random) => {
        const answer = garbage(random);
        server = await startTalkingServer(answer, random.pick(['asked', 'at once'] as const));
        const target = plainTarget({ port: server.port, tls: { mode } });
        const error = await failureOf(target, { ...testDeadlines, connect: 200 });
        expect({ name: error.name, answer: answer.toString('hex') }).toMatchObject({ name: 'TidemarkError' });
        await until(() => server.open() === 0, 'the socket is closed');
        await server.close();
      });
      server = await startMuteServer();
    });
  });

  /** Half of it starts like a message of the protocol: a letter and a length. */
  function garbage(random: SeededRandom): Buffer {
    const bytes = Buffer.from(Array.from({ length: random.integer(5, 200) }, () => random.integer(0, 255)));
    if (random.chance(0.5)) bytes.set([random.pick([...Buffer.from('RESZKNTDC1')]), 0, 0, 0, random.integer(0, 40)]);
    return bytes;
  }
});

test('a server that is too old is said', async () => {
  const message = (type: string, body: string): Buffer =>
    Buffer.concat([Buffer.from(type), Buffer.from([0, 0, 0, body.length + 4]), Buffer.from(body)]);
  const version = message('S', ['server_version', '9.6.24 (Debian 9.6.24-1)', ''].join('\0'));
  const welcome = [message('R', '\0\0\0\0'), version, message('Z', 'I')];
  const server = await startTalkingServer(Buffer.concat(welcome), 'asked');
  expect(await failureOf(plainTarget({ port: server.port, tls: { mode: 'disable' } }))).toMatchObject({
    code: 'server_too_old',
    message: 'PostgreSQL 9.6.24 (Debian 9.6.24-1) is not supported: 12 or newer is needed',
  });
  await until(() => server.open() === 0, 'the socket is closed');
  await server.close();
});

describe('TLS against a server without it', () => {
  test('prefer goes without', async () => {
    const session = await postgresql.connect(plainTarget({ tls: { mode: 'prefer' } }), testDeadlines);
    expect(session.encrypted).toBe(false);
    await session.close();
  });

  test.each(['require', 'verify-full'] as const)('%s refuses', async (mode) => {
    const error = await failureOf(plainTarget({ tls: { mode } }));
    expect(error).toMatchObject({ code: 'tls_failed' });
    expect(error.message).toContain('does not support SSL');
  });
});
