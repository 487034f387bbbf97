import { afterEach, describe, expect, test } from '@jest/globals';
import oracledb from 'oracledb';
import { date, type Handler, number, varchar2 } from '../../support/tns/answers.ts';
import { accountLocked, OracleError, tableNotVisible } from '../../support/tns/oracle-error.ts';
import { startTnsServer, type TnsServer, type TnsServerOptions } from '../../support/tns/server.ts';
import { codeOf, credentials, logOn, rowsOf, until } from './oracle-client.ts';

const manyRows = Array.from({ length: 1234 }, (_, index) => [index + 1, `tablespace ${index + 1}`]);

const handlers: Handler[] = [
  {
    match: 'SELECT bytes, name, created FROM sizes',
    answer: {
      columns: [number('BYTES'), varchar2('NAME', 60), date('CREATED')],
      rows: [
        [9007199254740993n, 'größe 数 😀', '2024-02-29 13:14:15'],
        ['-99999999999999999999999999999999999999', 'x', '1999-12-31 23:59:59'],
        ['0.05', 'a "quoted" name', null],
        [null, null, null],
      ],
    },
  },
  {
    match: 'SELECT id, name FROM many_rows',
    answer: { columns: [number('ID'), varchar2('NAME')], rows: manyRows },
  },
  { match: 'SELECT name FROM nothing', answer: { columns: [varchar2('NAME')], rows: [] } },
  { match: /FROM dba_data_files$/i, answer: tableNotVisible(14) },
  {
    match: /^SELECT :/,
    answer: ({ binds }) => ({ columns: [varchar2('BINDS')], rows: [{ BINDS: JSON.stringify(binds) }] }),
  },
  { match: /^ALTER SESSION/, answer: { rowsAffected: 0 } },
];

let server: TnsServer | undefined;

async function start(options: TnsServerOptions = {}): Promise<TnsServer> {
  server = await startTnsServer({ users: { [credentials.user]: credentials.password }, handlers, ...options });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(['12.1', '19c', '21c', '23ai'] as const)('a server of %s', (profile) => {
  describe.each([false, true])('errors behind markers: %s', (errorsBehindMarkers) => {
    test('logs on, answers, says goodbye and leaves no socket', async () => {
      const running = await start({ profile, errorsBehindMarkers });
      const connection = await logOn(running);
      expect(connection.thin).toBe(true);
      expect(await rowsOf(connection, 'SELECT bytes,\n  name,\n  created\nFROM sizes')).toEqual([
        { BYTES: '9007199254740993', NAME: 'größe 数 😀', CREATED: new Date(2024, 1, 29, 13, 14, 15) },
        { BYTES: '-99999999999999999999999999999999999999', NAME: 'x', CREATED: new Date(1999, 11, 31, 23, 59, 59) },
        { BYTES: '.05', NAME: 'a "quoted" name', CREATED: null },
        { BYTES: null, NAME: null, CREATED: null },
      ]);
      await connection.close();
      await until(() => running.sockets === 0);
      expect(running.sessions).toMatchObject([{ user: 'MONITOR', open: false, loggedOff: true }]);
      expect(running.unexpected).toEqual([]);
    });

    test('a wrong password and an unknown user are ORA-01017', async () => {
      const running = await start({ profile, errorsBehindMarkers });
      expect(await codeOf(logOn(running, { password: 'wrong' }))).toBe('ORA-01017');
      expect(await codeOf(logOn(running, { user: 'nobody' }))).toBe('ORA-01017');
      await until(() => running.sockets === 0);
      expect(running.sessions).toEqual([]);
    });

    test('a locked account is ORA-28000', async () => {
      const account = { password: credentials.password, refusal: accountLocked() };
      const running = await start({ profile, errorsBehindMarkers, users: { [credentials.user]: account } });
      expect(await codeOf(logOn(running))).toBe('ORA-28000');
      await until(() => running.sockets === 0);
    });

    test('a view that may not be seen is ORA-00942, and the connection goes on', async () => {
      const running = await start({ profile, errorsBehindMarkers });
      const connection = await logOn(running);
      const failing = connection.execute('SELECT bytes FROM dba_data_files');
      await expect(failing).rejects.toMatchObject({ code: 'ORA-00942', errorNum: 942, offset: 14 });
      expect(await codeOf(connection.execute('SELECT bytes FROM dba_data_files'))).toBe('ORA-00942');
      expect(await rowsOf(connection, 'SELECT name FROM nothing')).toEqual([]);
      await connection.close();
    });
  });

  test.each([
    { prefetchRows: 2, fetchArraySize: 100 },
    { prefetchRows: 0, fetchArraySize: 7 },
    { prefetchRows: 1234, fetchArraySize: 1234 },
    { prefetchRows: 5000, fetchArraySize: 1 },
  ])('pages through many rows: %j', async (paging) => {
    const running = await start({ profile });
    const connection = await logOn(running);
    const expected = manyRows.map(([id, name]) => ({ ID: String(id), NAME: name }));
    for (let time = 0; time < 3; time += 1) {
      expect(await rowsOf(connection, 'SELECT id, name FROM many_rows', {}, paging)).toEqual(expected);
    }
    await connection.close();
  });

  test('binds, and binds again with other values on the same cursor', async () => {
    const running = await start({ profile });
    const connection = await logOn(running);
    for (const [size, name] of [
      [1, 'one'],
      [-0.5, 'größe'],
      [2 ** 53, null],
    ] as const) {
      const rows = await rowsOf(connection, 'SELECT :size FROM t WHERE name = :name', { size, name });
      expect(rows).toEqual([{ BINDS: JSON.stringify([String(size), name]) }]);
    }
    expect(running.statements.map(({ binds }) => binds)).toEqual([
      ['1', 'one'],
      ['-0.5', 'größe'],
      ['9007199254740992', null],
    ]);
    await connection.close();
  });

  test('a statement that is no query, ping, commit and rollback', async () => {
    const running = await start({ profile });
    const connection = await logOn(running);
    expect((await connection.execute("ALTER SESSION SET nls_territory = 'AMERICA'")).rowsAffected ?? 0).toBe(0);
    await connection.ping();
    await connection.commit();
    await connection.rollback();
    await connection.close();
    expect(running.unexpected).toEqual([]);
  });
});

describe('exact numbers', () => {
  test('are rounded by default, and exact through text', async () => {
    const value = 9007199254740993n;
    const answer = { columns: [number('BYTES')], rows: [[value]] };
    const running = await start({ handlers: [{ match: 'SELECT bytes FROM t', answer }] });
    const connection = await logOn(running);
    const rounded = await connection.execute<[number]>('SELECT bytes FROM t');
    expect(rounded.rows?.[0]?.[0]).toBe(9007199254740992);
    const [row] = await rowsOf(connection, 'SELECT bytes FROM t');
    expect(BigInt(String(row?.['BYTES']))).toBe(value);
    await connection.close();
  });

  test('of a column with precision and scale', async () => {
    const column = { name: 'RATIO', type: 'NUMBER', precision: 10, scale: 2 } as const;
    const answer = { columns: [column], rows: [['12345678.25']] };
    const running = await start({ handlers: [{ match: 'SELECT ratio FROM t', answer }] });
    const connection = await logOn(running);
    const result = await connection.execute<[number]>('SELECT ratio FROM t');
    expect(result.metaData?.[0]).toMatchObject({ name: 'RATIO', precision: 10, scale: 2 });
    expect(result.rows).toEqual([[12345678.25]]);
    await connection.close();
  });
});

describe('the listener', () => {
  test('refuses a service it does not know with ORA-12514, a SID with ORA-12505', async () => {
    const running = await start();
    const address = `(ADDRESS=(PROTOCOL=TCP)(HOST=${running.host})(PORT=${running.port}))`;
    const descriptor = (data: string): string => `(DESCRIPTION=${address}(CONNECT_DATA=${data}))`;
    // NJS-518 and NJS-519 are the driver's names for the listener's ORA-12514 and ORA-12505.
    expect(await codeOf(logOn(running, { connectString: descriptor('(SERVICE_NAME=NOWHERE)') }))).toBe('NJS-518');
    expect(await codeOf(logOn(running, { connectString: descriptor('(SID=NOWHERE)') }))).toBe('NJS-519');
    for (const data of ['(SERVICE_NAME=freepdb1)', '(SID=free)']) {
      await (await logOn(running, { connectString: descriptor(data) })).close();
    }
    await until(() => running.sockets === 0);
    expect(running.accepted).toBe(4);
  });

  test('takes a descriptor that is too long for the CONNECT packet', async () => {
    const running = await start();
    const connection = await logOn(running, { program: 'p'.repeat(200) });
    expect(running.sessions).toMatchObject([{ program: 'p'.repeat(200) }]);
    await connection.close();
  });

  test('thin drivers refuse a server older than 12.1', async () => {
    const running = await start({ profile: '11.2' });
    expect(await codeOf(logOn(running))).toBe('NJS-138');
    await until(() => running.sockets === 0);
  });

  test('native network services, all of them off, come before the logon', async () => {
    const running = await start({ nativeNetworkServices: true });
    const connection = await logOn(running);
    expect(await rowsOf(connection, 'SELECT name FROM nothing')).toEqual([]);
    await connection.close();
  });
});

describe('what the test server did not expect', () => {
  test('a statement without a handler is ORA-00900 and is recorded', async () => {
    const running = await start();
    const connection = await logOn(running);
    await expect(connection.execute('SELECT  1\nFROM   dual')).rejects.toMatchObject({
      code: 'ORA-00900',
      message: expect.stringContaining('SELECT 1 FROM dual'),
    });
    expect(running.unexpected).toEqual(['statement: SELECT 1 FROM dual']);
    running.handle({ match: 'SELECT 1 FROM dual', answer: { columns: [number('1')], rows: [[1]] } });
    expect(await rowsOf(connection, 'SELECT 1 FROM dual')).toEqual([{ '1': '1' }]);
    await connection.close();
  });

  test.each([
    ['a handler that throws', () => Promise.reject(new Error('no such fixture')), 'no such fixture'],
    ['a value that is none', () => ({ columns: [number('A')], rows: [['many']] }), 'many is no number'],
    ['a text that is too long', () => ({ columns: [varchar2('A', 2)], rows: [['ü!']] }), 'A holds 3 bytes'],
  ])('%s is ORA-20999 and is recorded', async (_, answer, reason) => {
    const running = await start({ handlers: [{ match: 'SELECT a FROM t', answer }] });
    const connection = await logOn(running);
    expect(await codeOf(connection.execute('SELECT a FROM t'))).toBe('ORA-20999');
    expect(running.unexpected).toEqual([expect.stringContaining(reason)]);
    await connection.close();
  });

  test('a call that the server does not speak ends the connection and is recorded', async () => {
    const running = await start();
    const connection = await logOn(running);
    expect(await codeOf(connection.createLob(oracledb.CLOB))).toBe('NJS-500');
    expect(running.unexpected).toEqual(['message: function 96 is not supported by the test server']);
    await connection.close();
    await until(() => running.sockets === 0);
  });
});

describe('a query that breaks while its rows are fetched', () => {
  test('gives its rows and then its error', async () => {
    const answer = {
      columns: [number('ID')],
      rows: Array.from({ length: 150 }, (_, index) => [index]),
      endsWith: new OracleError(1555, 'snapshot too old'),
    };
    const running = await start({ handlers: [{ match: 'SELECT id FROM t', answer }] });
    const connection = await logOn(running);
    expect(await codeOf(connection.execute('SELECT id FROM t'))).toBe('ORA-01555');
    await connection.close();
  });
});

describe('how a session names itself', () => {
  test('at connect, and later with the next call', async () => {
    const running = await start();
    const connection = await logOn(running, {
      program: 'tidemark',
      machine: 'exporter-1',
      osUser: 'tidemark',
      terminal: 'none',
      driverName: 'tidemark : 1',
    });
    expect(running.sessions).toMatchObject([
      { program: 'tidemark', machine: 'exporter-1', osUser: 'tidemark', terminal: 'none', driver: 'tidemark : 1' },
    ]);
    connection.module = 'tidemark collect';
    connection.action = 'tablespaces';
    connection.clientId = 'größe';
    connection.clientInfo = 'session 7';
    await connection.ping();
    expect(running.sessions).toMatchObject([
      { module: 'tidemark collect', action: 'tablespaces', clientIdentifier: 'größe', clientInfo: 'session 7' },
    ]);
    await connection.close();
  });
});
