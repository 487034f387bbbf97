import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { runCollection } from '../../../exporter/src/collection/run.ts';
import { collectionContext, recordProgress } from '../../support/collection-fixtures.ts';
import { parseExposition } from '../../support/exposition.ts';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { quoted, withRoot } from '../../support/mysql-fixtures.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { describeWithMariadb } from '../../support/with-mariadb.ts';

const count = 1_000;
const formula = /^[=+\-@\t\r＝＋－＠]/;
const office = '/usr/bin/soffice';
const describeWithOffice = existsSync(office) ? describe : describe.skip;

/** Names that MariaDB takes, made of what breaks whatever puts names into other texts. */
function makeNames(): string[] {
  const random = createRandom(20261123);
  const pieces = [
    '=',
    '+',
    '-',
    '@',
    '\t',
    '\r',
    '\n',
    '"',
    "'",
    '`',
    '\\',
    '{',
    '}',
    ',',
    ';',
    '$1',
    '%',
    '_',
    '*',
    '?',
    '#',
    '&',
    '<',
    '>',
    '|',
    '/',
    '.',
    '..',
    ':',
    ' ',
    '--',
    '/*',
    '\u0001',
    '\u007f',
    '\u202e',
    '\ufeff',
    'é',
    'e\u0301',
    '日本',
    'ع',
    '＝',
    '＠',
    'SUM(A1)',
    'cmd',
    'NULL',
    'a',
    'Z',
    '0',
  ];
  // A server that writes a folder a database has 255 bytes for a name, five for each unusual character.
  const taken = (name: string) => !/[\u{10000}-\u{10ffff}]|\s$/u.test(name) && name.length > 0 && name.length <= 40;
  const names = new Set(hostileNames.filter(taken));
  while (names.size < count) {
    const length = random.integer(1, 8);
    const name = Array.from({ length }, () => random.pick(pieces)).join('');
    if (taken(name)) names.add(name);
  }
  return [...names];
}

describeWithMariadb('1000 hostile names of databases', (mariadb) => {
  const names = makeNames();
  let made: string[];
  let repository: TestDatabase;
  let api: HttpApi;

  beforeAll(async () => {
    made = await withRoot(mariadb, async (connection) => {
      const done: string[] = [];
      for (const name of names) {
        await connection.query(`CREATE DATABASE ${quoted(name)}`);
        done.push(name);
      }
      return done;
    });
    repository = await createTestDatabase();
    const login = { username: 'root', password: mariadb.password, host: '127.0.0.1', port: mariadb.port };
    const context = await collectionContext(repository.pool, [{ name: 'hostile', engine: 'mysql', ...login }]);
    await runCollection(context, { trigger: 'command', progress: recordProgress() });
    await context.watch.stop();
    api = await startHttpApi(repository.pool);
  }, 300_000);

  afterAll(async () => {
    await api.close();
    await repository.close();
    await withRoot(mariadb, async (connection) => {
      for (const name of made) await connection.query(`DROP DATABASE ${quoted(name)}`);
    });
  }, 300_000);

  const missingIn = (found: Iterable<string>) => {
    const known = new Set(found);
    return names.filter((name) => !known.has(name));
  };

  test('are stored as they are', async () => {
    const { rows } = await repository.pool.query<{ name: string }>(
      'SELECT database_name AS name FROM database_size_stats',
    );
    expect(missingIn(rows.map((row) => row.name))).toEqual([]);
  });

  test('are listed by the API as they are, and found by it', async () => {
    const found: string[] = [];
    for (let offset = 0, total = 1; offset < total; offset += 1000) {
      const answer = (await api.get(`/api/v1/databases?limit=1000&offset=${offset}`)).json() as {
        data: { database_name: string; instance_id: number }[];
        page: { total: number };
      };
      found.push(...answer.data.map((row) => row.database_name));
      total = answer.page.total;
    }
    expect(missingIn(found)).toEqual([]);
    for (const name of names.filter((_name, index) => index % 25 === 0)) {
      const path = `/api/v1/instances/1/database-sizes?database_name=${encodeURIComponent(name)}`;
      const { data } = (await api.get(path)).json() as { data: { database_name: string }[] };
      expect(data.map((row) => row.database_name)).toEqual([name]);
    }
  });

  test('are labels in /metrics as they are', async () => {
    const { samples } = parseExposition((await api.get('/metrics')).text);
    const sizes = samples.filter((sample) => sample.name === 'tidemark_database_size_bytes');
    expect(missingIn(sizes.map((sample) => sample.labels.database ?? ''))).toEqual([]);
  });

  test('are cells of a CSV as they are, behind an apostrophe where they would be formulas', async () => {
    const { text } = await api.get('/api/v1/databases?format=csv');
    const lines: { database_name: string }[] = parse(text, { columns: true, record_delimiter: '\r\n' });
    const cells = new Set(lines.map((line) => line.database_name));
    expect(names.filter((name) => !cells.has(formula.test(name) ? `'${name}` : name))).toEqual([]);
  });

  describeWithOffice('in LibreOffice (skipped without /usr/bin/soffice)', () => {
    test('no cell is a formula', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-office-'));
      try {
        const { text } = await api.get('/api/v1/databases?format=csv');
        // A formula beside them, to see that it would be seen.
        writeFileSync(join(folder, 'databases.csv'), `${text}"=1+1"\r\n`);
        const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
        const options = ['--headless', '--convert-to', 'fods', '--outdir', folder, join(folder, 'databases.csv')];
        execFileSync(office, [profile, ...options], { stdio: 'ignore', timeout: 240_000 });
        const sheet = readFileSync(join(folder, 'databases.fods'), 'utf8');
        expect(sheet.match(/<table:table-row\b/g)?.length).toBeGreaterThan(count);
        expect(sheet.match(/table:formula="[^"]*"/g)).toEqual(['table:formula="of:=1+1"']);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }, 300_000);
  });
});
