import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { testCertificates } from '../../support/certificates.ts';
import type { Encryption, Handler, TdsServer } from '../../support/tds/server.ts';
import { permissionDenied, startTdsServer } from '../../support/tds/server.ts';

/**
 * The same server asked by a client that shares no code with it or with tedious: an error that both sides of ours make in
 * the same way would show here. FreeTDS is in Debian's freetds-bin.
 */
const hasTsql = spawnSync('tsql', ['-C']).error === undefined;

const HANDLERS: Handler[] = [
  {
    match: 'select sizes',
    answer: {
      columns: [
        { name: 'name', type: 'nvarchar', length: 128 },
        { name: 'bytes', type: 'bigint' },
        { name: 'exact', type: 'decimal', scale: 2 },
        { name: 'edition', type: 'sql_variant' },
        { name: 'at', type: 'datetime2' },
        { name: 'state', type: 'tinyint', nullable: false },
      ],
      rows: [
        ['销售', 9_007_199_254_740_993n, '12345678901234567890.12', 'Enterprise', new Date('2026-01-02T03:04:05Z'), 0],
        [null, null, null, null, null, 6],
      ],
    },
  },
  { match: 'select denied', answer: [{ columns: [{ name: 'x', type: 'int' }], rows: [[7]] }, permissionDenied()] },
];

// A file whose tests are all skipped is a mere number in the summary: the reason has to be said.
if (!hasTsql) console.warn('skipped: no cross-check with FreeTDS, tsql is not installed (Debian package freetds-bin)');

(hasTsql ? describe : describe.skip)('FreeTDS', () => {
  let certificate: { cert: string; key: string };
  let server: TdsServer;

  beforeAll(async () => {
    certificate = (await testCertificates()).server;
  });

  afterEach(async () => {
    await server.close();
  });

  async function start(encryption: Encryption): Promise<void> {
    const users = { tidemark: 'secret' };
    server = await startTdsServer({ users, encryption, certificate, databases: ['sales'], handlers: HANDLERS });
  }

  /** What tsql prints, statements separated by `go`. */
  async function tsql(statements: readonly string[], password = 'secret', database = 'sales'): Promise<string> {
    const address = ['-H', '127.0.0.1', '-p', String(server.port)];
    const client = spawn('tsql', [...address, '-U', 'tidemark', '-P', password, '-D', database], {
      env: { ...process.env, TDSVER: '7.4', LC_ALL: 'C.UTF-8' },
    });
    let printed = '';
    client.stdout.on('data', (text) => (printed += String(text)));
    client.stderr.on('data', (text) => (printed += String(text)));
    client.stdin.on('error', () => undefined);
    client.stdin.end(`${statements.map((statement) => `${statement}\ngo\n`).join('')}exit\n`);
    await once(client, 'close');
    return printed;
  }

  // Where nobody insists, FreeTDS has its login encrypted and nothing else: tedious never asks for that.
  test.each<[Encryption, isEncrypted: boolean]>([
    ['off', false],
    ['on', true],
    ['required', true],
  ])('reads rows and nulls, encryption %s', async (encryption, isEncrypted) => {
    await start(encryption);
    const printed = await tsql(['select sizes']);
    expect(printed).toMatch(/name\tbytes\texact\tedition\tat\tstate/);
    expect(printed).toMatch(/销售\t9007199254740993\t12345678901234567890\.12\tEnterprise\tJan +2 2026 0?3:04AM\t0/);
    expect(printed).toMatch(/NULL\tNULL\tNULL\tNULL\tNULL\t6/);
    expect(server.logins).toMatchObject([{ user: 'tidemark', database: 'sales', encrypted: isEncrypted }]);
    expect(server.unexpected).toEqual([]);
  });

  test('sees errors with their numbers, and the rows before them', async () => {
    await start('off');
    const printed = await tsql(['select denied', 'use nowhere', 'use [sales]', 'select what']);
    expect(printed).toMatch(/^7$/m);
    expect(printed).toMatch(/Msg 300 \(severity 14, state 1\) from TESTSQL/);
    expect(printed).toMatch(/Msg 911 /);
    expect(printed).toMatch(/Msg 50000 /);
    expect(server.unexpected).toEqual(['statement in sales: select what']);
  });

  test('is refused with 18456 and 4060', async () => {
    await start('off');
    expect(await tsql([], 'wrong')).toMatch(/Msg 18456 /);
    expect(await tsql([], 'secret', 'nowhere')).toMatch(/Msg 4060 [^]*Msg 18456 /);
  });

  test('cannot speak to a strict server', async () => {
    await start('strict');
    expect(await tsql(['select sizes'])).toMatch(/Adaptive Server connection failed/);
    expect(server.logins).toEqual([]);
    expect(server.tlsFailures).not.toEqual([]);
  });
});
