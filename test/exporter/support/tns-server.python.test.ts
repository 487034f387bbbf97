import { afterEach, describe, expect, test } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { date, number, varchar2 } from '../../support/tns/answers.ts';
import { tableNotVisible } from '../../support/tns/oracle-error.ts';
import { startTnsServer, type TnsServer, type TnsServerOptions } from '../../support/tns/server.ts';
import { credentials, until } from './oracle-client.ts';

/** An interpreter with the module oracledb (Debian: python3-oracledb), a client written independently of Node's. */
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import oracledb'], { stdio: 'ignore' }).status === 0,
);
const crossCheck = python === undefined ? describe.skip : describe;
const reason = python === undefined ? 'SKIPPED, no python3 has the module oracledb' : `with ${python}`;

/** Prints what each step gave as JSON: rows with numbers as text, or the code of the error. */
const script = `
import json, sys, oracledb
oracledb.defaults.fetch_decimals = True
task = json.loads(sys.argv[1])
def code(error):
    return error.args[0].full_code
def text(value):
    return None if value is None else str(value)
def run(cursor, step):
    try:
        cursor.execute(step["sql"], step.get("binds", []))
        return [[text(value) for value in row] for row in cursor] if cursor.description else "done"
    except oracledb.Error as error:
        return code(error)
try:
    connection = oracledb.connect(user=task["user"], password=task["password"], dsn=task["dsn"])
except oracledb.Error as error:
    print(json.dumps(code(error)))
    sys.exit()
connection.module = "cross-check"
connection.call_timeout = task.get("callTimeout", 0)
cursor = connection.cursor()
cursor.arraysize = 100
print(json.dumps([run(cursor, step) for step in task["steps"]]))
connection.close()
`;

let server: TnsServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: TnsServerOptions): Promise<TnsServer> {
  server = await startTnsServer({
    users: { [credentials.user]: credentials.password },
    handlers: [
      {
        match: 'SELECT bytes, name, created FROM sizes',
        answer: {
          columns: [number('BYTES'), varchar2('NAME', 60), date('CREATED')],
          rows: [
            [9007199254740993n, 'größe 数', '2024-02-29 13:14:15'],
            ['-0.05', null, null],
          ],
        },
      },
      {
        match: 'SELECT id FROM many_rows',
        answer: { columns: [number('ID')], rows: Array.from({ length: 1000 }, (_, index) => [index]) },
      },
      { match: /FROM dba_data_files$/, answer: tableNotVisible() },
      {
        match: /^SELECT :1/,
        answer: ({ binds }) => ({ columns: [varchar2('BINDS')], rows: [[JSON.stringify(binds)]] }),
      },
    ],
    ...options,
  });
  return server;
}

interface Step {
  readonly sql: string;
  readonly binds?: readonly (string | number | null)[];
}

async function ask(running: TnsServer, task: { steps: Step[]; password?: string; dsn?: string; callTimeout?: number }) {
  const request = { ...credentials, dsn: running.connectString, ...task };
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', script, JSON.stringify(request)], {
    timeout: 30_000,
  });
  return JSON.parse(stdout) as unknown;
}

// Jest says nothing about a file of which every test is skipped: this one speaks for it.
test(`cross-check with an independent client: ${reason}`, () => undefined);

crossCheck(`python3-oracledb agrees with the server (${reason})`, () => {
  test.each(['12.1', '19c', '21c', '23ai'] as const)('of %s', async (profile) => {
    const running = await start({ profile });
    const answers = await ask(running, {
      steps: [
        { sql: 'SELECT bytes, name, created FROM sizes' },
        { sql: 'SELECT id FROM many_rows' },
        { sql: 'SELECT bytes FROM dba_data_files' },
        { sql: 'SELECT :1 FROM t WHERE a = :2', binds: [1.5, 'größe'] },
        { sql: 'SELECT :1 FROM t WHERE a = :2', binds: [2, null] },
        { sql: 'SELECT id FROM many_rows' },
      ],
    });
    const manyRows = Array.from({ length: 1000 }, (_, index) => [String(index)]);
    expect(answers).toEqual([
      [
        ['9007199254740993', 'größe 数', '2024-02-29 13:14:15'],
        ['-0.05', null, null],
      ],
      manyRows,
      'ORA-00942',
      [['["1.5","größe"]']],
      [['["2",null]']],
      manyRows,
    ]);
    await until(() => running.sockets === 0);
    expect(running.sessions).toMatchObject([{ user: 'MONITOR', module: 'cross-check', loggedOff: true }]);
    expect(running.unexpected).toEqual([]);
  });

  test.each([true, false])('about refusals (errors behind markers: %s)', async (errorsBehindMarkers) => {
    const running = await start({ errorsBehindMarkers });
    expect(await ask(running, { password: 'wrong', steps: [] })).toBe('ORA-01017');
    const elsewhere = `${running.host}:${running.port}/NOWHERE`;
    expect(await ask(running, { dsn: elsewhere, steps: [] })).toMatch(/^(DPY-6001|DPY-6005|ORA-12514)$/);
    const steps = [{ sql: 'SELECT bytes FROM dba_data_files' }, { sql: 'SELECT :1 FROM t', binds: [1] }];
    expect(await ask(running, { steps })).toEqual(['ORA-00942', [['["1"]']]]);
  });

  test('about a call that is canceled', async () => {
    const running = await start({ faults: [{ at: 'execute', how: 'mute', statement: 'SELECT id FROM many_rows' }] });
    const steps = [{ sql: 'SELECT id FROM many_rows' }, { sql: 'SELECT :1 FROM t', binds: [1] }];
    expect(await ask(running, { callTimeout: 300, steps })).toEqual(['DPY-4024', [['["1"]']]]);
  });
});
