import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Connection } from 'oracledb';
import { type Answer, type AnswerContext, number } from '../../support/tns/answers.ts';
import type { Stage } from '../../support/tns/faults.ts';
import { startTnsServer, type TnsServer, type TnsServerOptions } from '../../support/tns/server.ts';
import { captureSockets } from './captured-sockets.ts';
import { codeOf, credentials, logOn, rowsOf, stateAfter, until } from './oracle-client.ts';

/** Milliseconds after which these tests give up on a mute server; its answers take a few. */
/** Long enough for a busy machine to get as far as the fault. */
const deadline = 600;

const stages = ['accept', 'connect', 'negotiation', 'authentication', 'logon', 'execute', 'fetch', 'logoff'] as const;

let server: TnsServer | undefined;

async function start(options: TnsServerOptions = {}): Promise<TnsServer> {
  server = await startTnsServer({
    users: { [credentials.user]: credentials.password },
    handlers: [
      {
        match: 'SELECT id FROM many_rows',
        answer: { columns: [number('ID')], rows: Array.from({ length: 1000 }, (_, index) => [index]) },
      },
    ],
    ...options,
  });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

// The driver closes forgotten connections when the garbage collector finds them. If that throws, Jest fails this file.
afterAll(async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time += 1) {
    collectGarbage();
    await sleep(50);
  }
});

/** The whole life of a connection: logon, a query of several pages, goodbye. */
async function measure(running: TnsServer, connected: (connection: Connection) => void): Promise<number> {
  const connection = await logOn(running);
  connected(connection);
  const rows = await rowsOf(connection, 'SELECT id FROM many_rows');
  await connection.close();
  return rows.length;
}

/** The stages that a profile answers with a message of their own. */
function stagesOf(profile: '19c' | '23ai'): readonly Stage[] {
  return stages.filter((stage) => profile !== '23ai' || stage !== 'negotiation');
}

describe.each(['19c', '23ai'] as const)('a server of %s that falls ill', (profile) => {
  describe.each(['mute', 'truncate'] as const)('%s', (how) => {
    test.each(stagesOf(profile))('at %s: only a deadline of our own ends it, and no socket remains', async (at) => {
      const running = await start({ profile, faults: [{ at, how }] });
      let connection: Connection | undefined;
      const attempt = captureSockets(() => measure(running, (opened) => (connection = opened)));
      expect(await stateAfter(attempt.result, deadline)).toBe('pending');
      attempt.destroy(new Error('deadline'));
      // A goodbye that is not answered is no error to the driver.
      if (at === 'logoff') expect(await attempt.result).toBe(1000);
      else expect(['NJS-500', 'NJS-503']).toContain(await codeOf(attempt.result));
      if (at !== 'logoff') await connection?.close();
      await until(() => running.sockets === 0);
      expect(running.unexpected).toEqual([]);
    });
  });

  describe.each(['close', 'reset'] as const)('%s', (how) => {
    test.each(stagesOf(profile))('at %s: the driver notices, and no socket remains', async (at) => {
      const running = await start({ profile, faults: [{ at, how }] });
      let connection: Connection | undefined;
      const attempt = measure(running, (opened) => (connection = opened));
      if (at === 'logoff') expect(await attempt).toBe(1000);
      else expect(['NJS-500', 'NJS-503']).toContain(await codeOf(attempt));
      if (at !== 'logoff') await connection?.close();
      await until(() => running.sockets === 0);
    });
  });

  test('stays well up to a later page, and is well again for the next client', async () => {
    const running = await start({ profile });
    running.inject({ at: 'fetch', how: 'reset', after: 3, statement: 'SELECT id FROM many_rows' });
    const connection = await logOn(running);
    const result = await connection.execute<[number]>('SELECT id FROM many_rows', [], { resultSet: true });
    const cursor = result.resultSet;
    if (cursor === undefined) throw new Error('a result set was expected');
    let seen = 0;
    const readAll = async (): Promise<void> => {
      for (let rows = await cursor.getRows(100); rows.length > 0; rows = await cursor.getRows(100)) seen += rows.length;
    };
    expect(await codeOf(readAll())).toBe('NJS-500');
    expect(seen).toBeGreaterThanOrEqual(300);
    expect(seen).toBeLessThan(1000);
    await connection.close();
    running.heal();
    expect(await measure(running, () => undefined)).toBe(1000);
    await until(() => running.sockets === 0);
  });

  test.each(['accept', 'connect', 'authentication', 'logon'] as const)(
    'a logon that was held up at %s arrives late, and must be closed',
    async (at) => {
      const running = await start({ profile, faults: [{ at, how: 'mute' }] });
      const attempt = logOn(running);
      expect(await stateAfter(attempt, deadline)).toBe('pending');
      running.heal();
      const connection = await attempt;
      expect(running.sockets).toBe(1);
      await connection.close();
      await until(() => running.sockets === 0);
    },
  );
});

describe.each(['12.1', '19c', '23ai'] as const)('breaks on a server of %s', (profile) => {
  /** Runs until it is canceled. */
  function endless({ signal }: AnswerContext): Promise<Answer> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve({ rowsAffected: 0 });
      });
    });
  }

  async function startSlow(): Promise<{ running: TnsServer; connection: Connection; canceled: () => number }> {
    let aborted = 0;
    const running = await start({ profile });
    running.handle({
      match: /FROM slow_view$/,
      answer: (context) => {
        context.signal.addEventListener('abort', () => (aborted += 1));
        return endless(context);
      },
    });
    return { running, connection: await logOn(running), canceled: () => aborted };
  }

  test('callTimeout cancels the call, and the connection goes on', async () => {
    const { running, connection, canceled } = await startSlow();
    connection.callTimeout = 500;
    expect(await codeOf(connection.execute('SELECT a FROM slow_view'))).toBe('NJS-123');
    expect(canceled()).toBe(1);
    connection.callTimeout = 0;
    expect(await rowsOf(connection, 'SELECT id FROM many_rows')).toHaveLength(1000);
    await connection.close();
    await until(() => running.sockets === 0);
  });

  test('break() ends the call with ORA-01013, and the connection goes on', async () => {
    const { running, connection } = await startSlow();
    const call = codeOf(connection.execute('SELECT a FROM slow_view'));
    await until(() => running.statements.length === 1);
    await connection.break();
    expect(await call).toBe('ORA-01013');
    expect(await rowsOf(connection, 'SELECT id FROM many_rows')).toHaveLength(1000);
    await connection.close();
  });

  test('callTimeout counts per round trip, so also for a page that does not come', async () => {
    const running = await start({ profile, faults: [{ at: 'fetch', how: 'mute', after: 2 }] });
    const connection = await logOn(running);
    connection.callTimeout = 500;
    expect(await codeOf(connection.execute('SELECT id FROM many_rows'))).toBe('NJS-123');
    running.heal(); // the page that was held back was canceled: it must not come now
    expect(await rowsOf(connection, 'SELECT id FROM many_rows')).toHaveLength(1000);
    await connection.close();
    await until(() => running.sockets === 0);
  });

  test('a break that is ignored leaves the call and close() pending until the socket is destroyed', async () => {
    const { running, connection: unused } = await startSlow();
    await unused.close();
    running.inject({ at: 'break', how: 'mute' });
    const opened = captureSockets(() => logOn(running));
    const connection = await opened.result;
    connection.callTimeout = 100;
    const call = codeOf(connection.execute('SELECT a FROM slow_view'));
    expect(await stateAfter(call, 2 * deadline)).toBe('pending');
    const closing = connection.close(); // waits its turn behind the call
    expect(await stateAfter(closing, deadline)).toBe('pending');
    opened.destroy(new Error('deadline'));
    expect(await call).toBe('NJS-500');
    await closing;
    await until(() => running.sockets === 0);
  });

  test('a break that is answered late still ends the call in order', async () => {
    const { running, connection } = await startSlow();
    running.inject({ at: 'break', how: 'mute' });
    connection.callTimeout = 100;
    const call = codeOf(connection.execute('SELECT a FROM slow_view'));
    expect(await stateAfter(call, deadline)).toBe('pending');
    running.heal();
    expect(await call).toBe('NJS-123');
    connection.callTimeout = 0;
    expect(await rowsOf(connection, 'SELECT id FROM many_rows')).toHaveLength(1000);
    await connection.close();
  });
});

test.each(['accept', 'connect'] as const)('connectTimeout ends an attempt that is held up at %s', async (at) => {
  const running = await start({ faults: [{ at, how: 'mute' }] });
  expect(await codeOf(logOn(running, { connectTimeout: 1 }))).toBe('NJS-510');
  await until(() => running.sockets === 0);
});

test('connectTimeout does not end a logon that is held up', async () => {
  const running = await start({ faults: [{ at: 'authentication', how: 'mute' }] });
  const attempt = captureSockets(() => logOn(running, { connectTimeout: 1 }));
  expect(await stateAfter(attempt.result, 2000)).toBe('pending');
  attempt.destroy(new Error('deadline'));
  expect(await codeOf(attempt.result)).toBe('NJS-500');
  await until(() => running.sockets === 0);
});

test('a client that disappears cancels its call and ends its session', async () => {
  const running = await start();
  let aborted = false;
  running.handle({
    match: 'SELECT a FROM t',
    answer: ({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    },
  });
  const opened = captureSockets(() => logOn(running));
  const connection = await opened.result;
  const call = codeOf(connection.execute('SELECT a FROM t'));
  await until(() => running.statements.length === 1);
  opened.destroy(new Error('gone'));
  expect(await call).toBe('NJS-500');
  await connection.close();
  await until(() => aborted && running.sockets === 0);
  expect(running.sessions).toMatchObject([{ open: false, loggedOff: false }]);
});

test('close() breaks what is open and gives the port back', async () => {
  const running = await start();
  const connection = await logOn(running);
  await running.close();
  expect(running.sockets).toBe(0);
  expect(await codeOf(connection.execute('SELECT id FROM many_rows'))).toBe('NJS-500');
  await connection.close();
  expect(await codeOf(logOn(running))).toBe('NJS-503');
});
