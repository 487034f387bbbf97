import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { FaultMode, FaultProxy } from '../../support/fault-proxy.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { TdsServer } from '../../support/tds/server.ts';
import { startTdsServer } from '../../support/tds/server.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/wait.ts';
import { ownSocket, surviveBrokenReplies } from './tedious-guards.ts';
import { close, connect, open, PASSWORD, query, USER } from './tedious.ts';

/** Time-outs given to the driver; the tests wait for what follows, however late. */
const SHORT = 150;

let server: TdsServer;
let proxies: FaultProxy[];

beforeEach(async () => {
  proxies = [];
  server = await startTdsServer({
    users: { [USER]: PASSWORD },
    handlers: [{ match: 'SELECT 1', answer: { columns: [{ name: 'x', type: 'nvarchar' }], rows: [['one'], ['two']] } }],
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  // What the client has left open would show here.
  await until(() => proxies.every(({ connections }) => connections === 0));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await until(() => server.sockets === 0);
  await server.close();
});

async function through(mode: FaultMode): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ target: server, mode });
  proxies.push(proxy);
  return proxy;
}

/** Bytes of the server that a login takes, and a login with a statement. */
async function sizes(): Promise<{ login: number; statement: number }> {
  const proxy = await through({ kind: 'pass' });
  const client = await connect({ port: proxy.port });
  const login = proxy.forwarded.server;
  await query(client, 'SELECT 1');
  await close(client);
  return { login, statement: proxy.forwarded.server };
}

describe('the driver behind the proxy', () => {
  test('works', async () => {
    const { login, statement } = await sizes();
    expect(login).toBeGreaterThan(0);
    expect(statement).toBeGreaterThan(login);
  });

  test('works on a slow line', async () => {
    const proxy = await through({ kind: 'slow', bytesPerSecond: 4_000 });
    const client = await connect({ port: proxy.port });
    expect((await query(client, 'SELECT 1')).rows).toEqual([['one'], ['two']]);
    await close(client);
  });

  test.each<[FaultMode, string]>([
    [{ kind: 'refuse' }, 'ESOCKET'],
    [{ kind: 'reset' }, 'ESOCKET'],
    [{ kind: 'mute' }, 'ETIMEOUT'],
    [{ kind: 'half-open' }, 'ETIMEOUT'],
  ])('meets %j at once: %s', async (mode, code) => {
    const { port } = await through(mode);
    await expect(open({ port, connectTimeout: SHORT }).connected).rejects.toMatchObject({ code });
  });

  test.each<FaultMode['kind']>(['mute', 'half-open'])(
    'meets %s in a reply, and leaves nothing behind',
    async (kind) => {
      const { login, statement } = await sizes();
      const proxy = await through({ kind, after: (login + statement) >> 1 } as FaultMode);
      const client = await connect({ port: proxy.port });
      const running = query(client, 'SELECT 1');
      await until(() => server.statements.length === 2);
      await close(client);
      expect((await running).error).toMatchObject({ code: 'ECLOSE' });
    },
  );

  test('meets reset in a reply', async () => {
    const { login, statement } = await sizes();
    const proxy = await through({ kind: 'reset', after: (login + statement) >> 1 });
    const client = await connect({ port: proxy.port });
    expect((await query(client, 'SELECT 1')).error).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('garbage', () => {
  const AT_ONCE = 100;

  /** Tries a login and a statement; with a deadline of its own, since the driver may wait for ever. */
  async function attempt(proxy: FaultProxy): Promise<void> {
    const { socket, connector } = ownSocket(proxy.port);
    const timeouts = { connectTimeout: SHORT, requestTimeout: SHORT, cancelTimeout: SHORT };
    const client = open({ port: proxy.port, connector, ...timeouts });
    surviveBrokenReplies(client.connection);
    await Promise.race([client.connected.then(() => query(client, 'SELECT 1')), pause(3 * SHORT)]).catch(
      () => undefined,
    );
    socket.destroy();
    client.connection.close();
  }

  test('from any byte on ends nothing but its connection, with a guard around the driver', async () => {
    const { statement } = await sizes();
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 32);
    // Before it begins: what ends the process leaves no time to say it.
    console.info(`garbage at each of ${statement} bytes; SEED=${seed} repeats it`);
    // The driver writes what it does not understand to the console.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    for (let first = 0; first < statement; first += AT_ONCE) {
      const offsets = Array.from({ length: Math.min(AT_ONCE, statement - first) }, (_, index) => first + index);
      const faulty = await Promise.all(offsets.map((after) => through({ kind: 'garbage', seed: seed + after, after })));
      await Promise.all(faulty.map(attempt));
    }
    expect(proxies.map(({ accepted }) => accepted)).toEqual(proxies.map(() => 1));
  });

  test('ends the process without: when this fails, the driver has been mended and the guard can go', async () => {
    const { login } = await sizes();
    const { port } = await through({ kind: 'garbage', seed: 1, after: login + 10 });
    const tedious = createRequire(import.meta.url).resolve('tedious');
    const script = `
      const { Connection, Request } = require(${JSON.stringify(tedious)});
      const connection = new Connection({
        server: '127.0.0.1',
        authentication: { type: 'default', options: { userName: '${USER}', password: '${PASSWORD}' } },
        options: { port: ${port}, encrypt: false },
      });
      connection.on('error', () => process.exit(0));
      connection.connect(() => connection.execSqlBatch(new Request('SELECT 1', () => process.exit(0))));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += String(text)));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/Unhandled 'error' event|throw er/),
    });
  });
});
