import { afterEach, describe, expect, test } from '@jest/globals';
import { TYPES } from 'tedious';
import type { Column, Handler, ResultSet, TdsServer, TdsServerOptions, Value } from '../../support/tds/server.ts';
import { permissionDenied, startTdsServer, TdsError } from '../../support/tds/server.ts';
import { until } from '../../support/wait.ts';
import type { Client, ClientOptions, QueryResult } from './tedious.ts';
import { close, connect, open, PASSWORD, query, USER } from './tedious.ts';

const LONGEST_NAME = 'n'.repeat(128);
const HOSTILE_NAMES = [`]]; DROP TABLE x; --`, `it's "quoted"`, '=cmd()', 'two  blanks', '数据库 🐘', LONGEST_NAME];

let server: TdsServer;

afterEach(async () => {
  await server.close();
});

async function start(options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
  server = await startTdsServer({ users: { [USER]: PASSWORD }, ...options });
  return server;
}

/** One statement on a connection of its own; nothing may stay open. */
async function ask(
  sql: string,
  parameters?: Parameters<typeof query>[2],
  options?: Partial<ClientOptions>,
): Promise<QueryResult> {
  const client = await connect({ port: server.port, ...options });
  const result = await query(client, sql, parameters);
  await close(client);
  await until(() => server.sockets === 0);
  return result;
}

function cell(column: Omit<Column, 'name'>, value: Value): ResultSet {
  return { columns: [{ name: 'value', ...column }], rows: [[value]] };
}

const ONE: ResultSet = { columns: [{ name: 'one', type: 'int' }], rows: [[1]] };

describe('values', () => {
  const GUID = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
  const cases: [Omit<Column, 'name'>, Value, unknown][] = [
    [{ type: 'tinyint' }, 255, 255],
    [{ type: 'smallint' }, -32_768, -32_768],
    [{ type: 'int' }, 2_147_483_647, 2_147_483_647],
    [{ type: 'bit' }, true, true],
    [{ type: 'real' }, 0.5, 0.5],
    [{ type: 'float' }, 1e300, 1e300],
    [{ type: 'varchar' }, 'é', 'é'],
    [{ type: 'nvarchar', length: 128 }, '数据库 🐘', '数据库 🐘'],
    [{ type: 'nvarchar(max)' }, 'x'.repeat(100_000), 'x'.repeat(100_000)],
    [{ type: 'nvarchar(max)' }, '', ''],
    [{ type: 'varbinary' }, Buffer.from([0, 255]), Buffer.from([0, 255])],
    [{ type: 'uniqueidentifier' }, GUID, GUID],
    [{ type: 'datetime' }, new Date('2012-03-07T01:02:03Z'), new Date('2012-03-07T01:02:03Z')],
    [{ type: 'datetime2' }, new Date('2026-12-31T23:59:59.999Z'), new Date('2026-12-31T23:59:59.999Z')],
    [{ type: 'sql_variant' }, 5, 5],
    [{ type: 'sql_variant' }, 'Enterprise Edition', 'Enterprise Edition'],
    [{ type: 'sql_variant' }, false, false],
    [{ type: 'decimal', precision: 9, scale: 2 }, '-1234567.89', -1_234_567.89],
    // The driver keeps bigint exactly, as a string; decimal it does not.
    [{ type: 'bigint' }, 9_007_199_254_740_993n, '9007199254740993'],
    [{ type: 'bigint' }, '-9223372036854775808', '-9223372036854775808'],
    [{ type: 'sql_variant' }, 9_007_199_254_740_993n, '9007199254740993'],
    [{ type: 'decimal' }, '9007199254740993', 9_007_199_254_740_992],
  ];

  test.each(cases.map((values, index) => [index, values[0].type, ...values] as const))(
    '%i: %s arrives, and so does null',
    async (_index, _type, column, value, expected) => {
      const columns: Column[] = [
        { name: 'value', ...column },
        { name: 'nothing', ...column },
      ];
      const exact = { columns, rows: [[value, null], { nothing: value }] };
      await start({ handlers: [{ match: 'SELECT 1', answer: exact }] });
      const { rows, error } = await ask('SELECT 1');
      expect(error).toBeUndefined();
      expect(plain(rows)).toEqual([
        [expected, null],
        [null, expected],
      ]);
    },
  );

  test.each(['tinyint', 'smallint', 'int', 'bigint', 'bit', 'real', 'float'] as const)(
    'NOT NULL %s travels as its own type, to the same value',
    async (type) => {
      await start({ handlers: [{ match: 'SELECT 1', answer: cell({ type, nullable: false }, 1) }] });
      const { rows } = await ask('SELECT 1');
      expect(rows).toEqual([[{ bigint: '1', bit: true }[type as string] ?? 1]]);
    },
  );

  test('a row of many nulls, as the dictionary views have them, is compressed', async () => {
    const columns = Array.from({ length: 20 }, (_, index) => ({ name: `c${index}`, type: 'bigint' }) as const);
    const values = columns.map((_, index) => (index % 7 === 3 ? BigInt(index) : null));
    await start({ handlers: [{ match: 'SELECT 1', answer: { columns, rows: [values] } }] });
    const { rows } = await ask('SELECT 1');
    expect(rows).toEqual([values.map((value) => value?.toString() ?? null)]);
  });

  test('ten thousand rows cross packets whole', async () => {
    const columns: Column[] = [
      { name: 'name', type: 'nvarchar', length: 128 },
      { name: 'size', type: 'bigint', nullable: false },
    ];
    const rows = Array.from({ length: 10_000 }, (_, index) => [`database ${index}`, BigInt(index) << 33n]);
    await start({ handlers: [{ match: 'SELECT 1', answer: { columns, rows } }] });
    const result = await ask('SELECT 1');
    expect(result.rows).toEqual(rows.map(([name, size]) => [name, String(size)]));
  });

  test('a value that does not fit its column is the fault of the test, and said so', async () => {
    await start({ handlers: [{ match: 'SELECT 1', answer: cell({ type: 'int' }, 2 ** 31) }] });
    expect((await ask('SELECT 1')).error?.message).toMatch(
      /test server: column "value" \(int\) cannot hold 2147483648/,
    );
    expect(server.unexpected).toHaveLength(1);
  });

  /** Buffers of the driver come from another realm than those of the test. */
  function plain(rows: unknown[][]): unknown[][] {
    return rows.map((row) => row.map((value) => (ArrayBuffer.isView(value) ? Buffer.from(value as Buffer) : value)));
  }
});

describe('statements', () => {
  test('match in any layout, and are recorded', async () => {
    const match = "SELECT name, N'two  blanks' FROM sys.databases WHERE [odd  name] = 1";
    await start({ handlers: [{ match, answer: ONE }] });
    const text = `\n SELECT name, -- don't\n\tN'two  blanks' /* "x */ FROM sys.databases\r\n WHERE [odd  name] = 1;\n`;
    expect((await ask(text)).rows).toEqual([[1]]);
    expect(server.statements).toMatchObject([{ sql: match, text, kind: 'batch', database: 'master', user: USER }]);
    expect(server.settings).toHaveLength(1);
    expect(server.unexpected).toEqual([]);
  });

  test('without a handler fail, in the reply and in the record', async () => {
    await start({ handlers: [{ match: /^SELECT 1$/, answer: ONE }] });
    const { error } = await ask('SELECT 2');
    expect(error).toMatchObject({ number: 50000, message: 'test server: no handler for the statement: SELECT 2' });
    expect(server.unexpected).toEqual(['statement in master: SELECT 2']);
  });

  test('that a handler fails on fail loudly, too', async () => {
    const answer = (): never => {
      throw new TypeError('a mistake of the test');
    };
    await start({ handlers: [{ match: 'SELECT 1', answer }] });
    expect((await ask('SELECT 1')).error?.message).toContain('TypeError: a mistake of the test');
    expect(server.unexpected).toHaveLength(1);
  });

  test('that only set options are not for handlers', async () => {
    await start();
    expect((await ask('SET LOCK_TIMEOUT 5000; SET DEADLOCK_PRIORITY LOW')).error).toBeUndefined();
    expect(server.settings.at(-1)).toBe('SET LOCK_TIMEOUT 5000; SET DEADLOCK_PRIORITY LOW');
    expect(server.statements).toEqual([]);
  });

  test('have parameters, of all types', async () => {
    const answer: Handler['answer'] = ({ parameters }) => cell({ type: 'int' }, Object.keys(parameters).length);
    await start({ handlers: [{ match: 'SELECT @a', answer }] });
    const long = 'y'.repeat(5_000);
    await ask('SELECT @a', [
      ['a', TYPES.Int, -5],
      ['b', TYPES.BigInt, '9007199254740993'],
      ['c', TYPES.NVarChar, `it's 🐘`],
      ['d', TYPES.NVarChar, long],
      ['e', TYPES.Bit, true],
      ['f', TYPES.Float, 0.25],
      ['g', TYPES.NVarChar, null],
      ['h', TYPES.VarChar, 'é'],
      ['i', TYPES.Int, null],
      ['j', TYPES.TinyInt, 200],
    ]);
    expect(server.statements).toMatchObject([{ sql: 'SELECT @a', kind: 'rpc' }]);
    expect(server.statements[0]?.parameters).toEqual({
      a: -5,
      b: 9_007_199_254_740_993n,
      c: `it's 🐘`,
      d: long,
      e: true,
      f: 0.25,
      g: null,
      h: 'é',
      i: null,
      j: 200,
    });
    expect(server.unexpected).toEqual([]);
  });

  test('may return several results, and none', async () => {
    await start({ handlers: [{ match: 'EXEC three', answer: [ONE, { rowsAffected: 3 }, ONE] }] });
    expect((await ask('EXEC three')).rows).toEqual([[1], [1]]);
  });

  test('are answered from the state of the session', async () => {
    const answer: Handler['answer'] = ({ database, user, login }) => ({
      columns: [{ name: 'x', type: 'nvarchar' }],
      rows: [[database], [user], [login.appName], [String(login.readOnlyIntent)]],
    });
    await start({ handlers: [{ match: 'SELECT 1', answer }] });
    const { rows } = await ask('SELECT 1', [], { database: 'sales', appName: 'tidemark', readOnlyIntent: true });
    expect(rows.flat()).toEqual(['sales', USER, 'tidemark', 'true']);
  });
});

describe('errors', () => {
  test('300 arrives with its number, state and class', async () => {
    await start({ handlers: [{ match: 'SELECT 1', answer: permissionDenied() }] });
    const { rows, error } = await ask('SELECT 1');
    expect(rows).toEqual([]);
    expect(error).toMatchObject({ code: 'EREQUEST', number: 300, class: 14, message: /VIEW SERVER STATE/ });
  });

  test.each<[string, Parameters<typeof query>[2]]>([
    ['a batch', []],
    ['a procedure', [['p', TYPES.Int, 1]]],
  ])('in the middle of the rows of %s leave the rows before', async (_, parameters) => {
    const error = new TdsError(8134, 'Divide by zero error encountered.');
    await start({ handlers: [{ match: 'SELECT 1', answer: { ...ONE, rows: [[1], [2]], error } }] });
    const result = await ask('SELECT 1', parameters);
    expect(result.rows).toEqual([[1], [2]]);
    expect(result.error).toMatchObject({ number: 8134 });
  });

  test('between results leave the results on both sides, and come as one', async () => {
    const answer = [ONE, permissionDenied(), ONE, new TdsError(916, 'The server principal is not able to access.')];
    await start({ handlers: [{ match: 'SELECT 1', answer }] });
    const { rows, error } = await ask('SELECT 1');
    expect(rows).toEqual([[1], [1]]);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as unknown as AggregateError).errors).toMatchObject([{ number: 300 }, { number: 916 }]);
  });

  test('below class 11 are messages, and do not fail the statement', async () => {
    await start({ handlers: [{ match: 'SELECT 1', answer: [new TdsError(0, 'PRINT', { class: 0 }), ONE] }] });
    const { rows, error } = await ask('SELECT 1');
    expect([rows, error]).toEqual([[[1]], undefined]);
  });
});

describe('logins', () => {
  test('18456: unknown user or wrong password', async () => {
    await start();
    for (const wrong of [{ password: 'wrong' }, { user: 'nobody' }, { user: 'constructor' }]) {
      const client = open({ port: server.port, ...wrong });
      await expect(client.connected).rejects.toMatchObject({ code: 'ELOGIN', message: /^Login failed for user/ });
      expect(client.errorNumbers).toEqual([18456]);
    }
    expect(server.logins.map(({ accepted }) => accepted)).toEqual([false, false, false]);
    expect(JSON.stringify(server.logins)).not.toContain('wrong');
    await until(() => server.sockets === 0);
  });

  test('4060: a database that does not exist, or is not theirs', async () => {
    await start({ databases: ['sales'], deniedDatabases: ['hr'] });
    await close(await connect({ port: server.port, database: 'sales' }));
    for (const database of ['hr', 'nowhere']) {
      const client = open({ port: server.port, database });
      // Only the last error becomes the reason; the telling one is in the messages.
      await expect(client.connected).rejects.toMatchObject({ message: `Login failed for user '${USER}'.` });
      expect(client.errorNumbers).toEqual([4060, 18456]);
    }
  });

  test('are refused as a test says', async () => {
    const refusal = new TdsError(18470, 'Login failed. Reason: The account is disabled.', { class: 14 });
    await start({ refuseLogin: ({ user }) => (user === USER ? [refusal] : undefined) });
    await expect(open({ port: server.port }).connected).rejects.toMatchObject({ message: /account is disabled/ });
  });

  test.each([
    [3, 4],
    [0, 1],
  ])('that fail for a while are tried again by the driver itself: %i retries', async (retries, logins) => {
    const unavailable = new TdsError(40613, 'Database is not currently available.', { class: 14 });
    await start({ refuseLogin: () => [unavailable] });
    const limits = { maxRetriesOnTransientErrors: retries, connectionRetryInterval: 10 };
    const client = open({ port: server.port, ...limits });
    await expect(client.connected).rejects.toMatchObject({ code: 'ELOGIN' });
    expect(client.errorNumbers).toEqual(Array(logins).fill(40613));
    expect(server.accepted).toBe(logins);
  });

  test('are sent on by a gateway', async () => {
    const target = await startTdsServer({
      users: { [USER]: PASSWORD },
      handlers: [{ match: 'SELECT 1', answer: ONE }],
    });
    await start({ redirectTo: { host: '127.0.0.1', port: target.port } });
    expect((await ask('SELECT 1')).rows).toEqual([[1]]);
    expect([server.statements.length, target.statements.length]).toEqual([0, 1]);
    await until(() => target.sockets === 0);
    await target.close();
  });
});

describe('databases', () => {
  test.each(HOSTILE_NAMES)('named %j can be logged in to, used, and asked for', async (name) => {
    const answer: Handler['answer'] = ({ database }) => ({
      columns: [{ name, type: 'nvarchar', length: 128 }],
      rows: [[database]],
    });
    await start({ databases: [name], handlers: [{ match: 'SELECT DB_NAME()', answer }] });
    expect(await ask('SELECT DB_NAME()', [], { database: name })).toEqual({ columns: [name], rows: [[name]] });
    const bracketed = `USE [${name.replaceAll(']', ']]')}]; SELECT DB_NAME()`;
    expect(await ask(bracketed)).toEqual({ columns: [name], rows: [[name]] });
    const quoted = `USE "${name.replaceAll('"', '""')}"; SELECT DB_NAME()`;
    expect(await ask(quoted)).toEqual({ columns: [name], rows: [[name]] });
    expect(server.unexpected).toEqual([]);
  });

  test('change with USE, for the statements that follow on the same connection', async () => {
    const answer: Handler['answer'] = ({ database }) => cell({ type: 'nvarchar' }, database);
    await start({ databases: ['sales'], deniedDatabases: ['hr'], handlers: [{ match: 'SELECT DB_NAME()', answer }] });
    const client = await connect({ port: server.port });
    const current = async (): Promise<unknown> => (await query(client, 'SELECT DB_NAME()')).rows[0]?.[0];
    expect(await current()).toBe('master');
    expect((await query(client, 'USE sales')).error).toBeUndefined();
    expect(await current()).toBe('sales');
    expect((await query(client, 'USE hr')).error).toMatchObject({ number: 916 });
    expect((await query(client, 'USE nowhere')).error).toMatchObject({ number: 911 });
    expect(await current()).toBe('sales');
    const inProcedure = await query(client, 'USE master; SELECT DB_NAME()', [['p', TYPES.Int, 1]]);
    expect([inProcedure.rows, await current()]).toEqual([[['master']], 'sales']);
    await reset(client);
    expect(await current()).toBe('master');
    await close(client);
    expect(server.unexpected).toEqual([]);
  });

  function reset({ connection }: Client): Promise<void> {
    return new Promise((resolve, reject) => connection.reset((error) => (error ? reject(error) : resolve())));
  }
});

describe('the server', () => {
  test('wants a certificate where there is TLS', async () => {
    await start();
    await expect(startTdsServer({ users: {}, encryption: 'on' })).rejects.toThrow(/needs a certificate/);
  });

  test('counts its connections, and leaves none when it closes', async () => {
    await start();
    const clients = await Promise.all([connect({ port: server.port }), connect({ port: server.port })]);
    expect([server.sockets, server.accepted]).toEqual([2, 2]);
    await server.close();
    expect(server.sockets).toBe(0);
    await until(() => clients.every(({ errors }) => errors.length === 1));
  });
});
