import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { Answer, Handler, TdsServer, TdsServerOptions } from '../../support/tds/server.ts';
import { startTdsServer } from '../../support/tds/server.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/wait.ts';
import type { Client, ClientOptions, QueryResult } from './tedious.ts';
import { close, connect, PASSWORD, query, USER } from './tedious.ts';

/** Time-outs given to the driver; the tests wait for what follows, however late. */
const SHORT = 150;

const ROWS = { columns: [{ name: 'x', type: 'int' }], rows: [[1], [2]] } as const;

/** What an answer begins with, and how it goes on; `SELECT` is answered in full. */
const HANDLERS: Handler[] = [
  { match: 'SELECT', answer: ROWS },
  { match: 'never', answer: () => new Promise<Answer>(() => undefined) },
  { match: 'stall', answer: [ROWS, 'stall'] },
  { match: 'close', answer: [ROWS, 'close'] },
  { match: 'reset', answer: [ROWS, 'reset'] },
];

let server: TdsServer;

afterEach(async () => {
  await until(() => server.sockets === 0);
  expect(server.unexpected).toEqual([]);
  await server.close();
});

async function begin(
  options: Partial<TdsServerOptions> = {},
  clientOptions: Partial<ClientOptions> = {},
): Promise<Client> {
  server = await startTdsServer({ users: { [USER]: PASSWORD }, handlers: HANDLERS, ...options });
  return connect({ port: server.port, requestTimeout: 0, cancelTimeout: SHORT, ...clientOptions });
}

async function isUsable(client: Client): Promise<boolean> {
  return (await query(client, 'SELECT')).error === undefined;
}

describe('cancelling', () => {
  /** Cancels a statement once the server has it and the client has so many rows. */
  async function cancel(client: Client, sql: string, rowCount = 0): Promise<QueryResult> {
    const rows: unknown[][] = [];
    const running = query(client, sql, [], rows);
    await until(() => server.statements.length === 1 && rows.length === rowCount);
    client.connection.cancel();
    const result = await running;
    expect(server.attentions).toBe(1);
    return result;
  }

  test.each<[string, number[][]]>([
    ['never', []],
    ['stall', [[1], [2]]],
  ])('%s, answered: the rows so far, and the connection stays usable', async (sql, rows) => {
    const client = await begin();
    expect(await cancel(client, sql, rows.length)).toMatchObject({ rows, error: { code: 'ECANCEL' } });
    expect(await isUsable(client)).toBe(true);
    await close(client);
  });

  test.each<[string, number[][]]>([
    ['never', []],
    ['stall', [[1], [2]]],
  ])('%s, ignored: the driver gives up after cancelTimeout, and drops the connection', async (sql, rows) => {
    const client = await begin({ attention: 'ignore' });
    expect(await cancel(client, sql, rows.length)).toMatchObject({
      rows,
      error: { code: 'ETIMEOUT', message: /Failed to cancel/ },
    });
    expect(await isUsable(client)).toBe(false);
  });

  test('tells the handler', async () => {
    let wasAborted = false;
    const client = await begin({
      handlers: [
        {
          match: 'wait',
          answer: async ({ signal }) => (await once(signal, 'abort'), (wasAborted = signal.aborted), []),
        },
      ],
    });
    expect((await cancel(client, 'wait')).error).toMatchObject({ code: 'ECANCEL' });
    await until(() => wasAborted);
    await close(client);
  });
});

describe('requestTimeout', () => {
  test('cancels a statement that is not answered', async () => {
    const client = await begin({}, { requestTimeout: SHORT });
    expect((await query(client, 'never')).error).toMatchObject({ code: 'ETIMEOUT', message: /failed to complete/ });
    expect(server.attentions).toBe(1);
    expect(await isUsable(client)).toBe(true);
    await close(client);
  });

  test('needs cancelTimeout as well when the server hangs', async () => {
    const client = await begin({}, { requestTimeout: SHORT });
    server.setFault({ at: 'statement', as: 'mute' });
    expect((await query(client, 'SELECT')).error).toMatchObject({ code: 'ETIMEOUT', message: /Failed to cancel/ });
  });

  test.each([
    ['a reply that stalls', undefined],
    ['a server that hangs in the middle of a reply', { at: 'reply', as: 'mute' }],
  ] as const)('does nothing about %s; closing does', async (_, fault) => {
    const client = await begin(fault ? { fault } : {}, { requestTimeout: SHORT });
    const running = query(client, fault ? 'SELECT' : 'stall');
    expect(await Promise.race([running, pause(3 * SHORT).then(() => 'still waiting')])).toBe('still waiting');
    expect(server.attentions).toBe(0);
    await close(client);
    expect((await running).error).toMatchObject({ code: 'ECLOSE' });
    expect(client.errors).toEqual([]);
  });
});

describe('losing the connection', () => {
  test.each(['close', 'reset'])('in the middle of a reply (%s) fails the statement, after its rows', async (sql) => {
    const client = await begin();
    expect(await query(client, sql)).toMatchObject({ rows: [[1], [2]], error: { code: 'ECONNRESET' } });
    await until(() => client.errors.length > 0);
    expect(client.errors).toMatchObject([{ code: 'ESOCKET' }]);
    expect(await isUsable(client)).toBe(false);
  });

  test.each(['close', 'reset'] as const)('instead of a reply (%s) fails the statement', async (as) => {
    const client = await begin();
    server.setFault({ at: 'statement', as });
    expect(await query(client, 'SELECT')).toMatchObject({ rows: [], error: { code: 'ECONNRESET' } });
    await until(() => client.errors.length > 0);
  });

  test('while nothing runs is an error event, and uncaught without a listener', async () => {
    const client = await begin();
    const ended = once(client.connection, 'end');
    await server.close();
    await ended;
    await until(() => client.errors.length > 0);
    expect(client.errors).toMatchObject([{ code: 'ESOCKET', message: /Connection lost/ }]);
  });
});
