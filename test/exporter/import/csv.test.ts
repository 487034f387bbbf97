import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { csvColumns, readCsv } from '../../../exporter/src/import/csv.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = createTemporaryFolder();
});
afterEach(() => folder.remove());

function read(text: string, timezone = 'UTC') {
  return readCsv(folder.write('history.csv', text), timezone);
}

const header = 'instance_name,database_name,collected_date,size_bytes';

describe('a file', () => {
  test('may have all columns in any order, quotes, a byte order mark and empty sizes', () => {
    const { rows, notes } = read(
      `\ufeff${Object.keys(csvColumns).reverse().join(';')}\r\n` +
        'estimate;;2;3;4;;6;100;2026-03-01T22:30:00-05:00;;"a; ""b""";orders-pg\r\n',
      'America/New_York',
    );
    expect(notes).toEqual([]);
    expect(rows).toEqual([
      {
        ...{ instanceName: 'orders-pg', engine: null, databaseName: 'a; "b"', place: 'line 2', method: 'estimate' },
        ...{ collectedDate: '2026-03-01', collectedAt: new Date('2026-03-02T03:30:00Z'), sizeBytes: 100 },
        ...{ dataBytes: 6, logBytes: null, indexBytes: 4, tempBytes: 3, usedBytes: 2, limitBytes: null },
      },
    ]);
  });

  test('without moments is of noon in the zone of the days', () => {
    const { rows } = read(`${header}\na,b,2026-07-01,9007199254740991\n`, 'Europe/Berlin');
    expect(rows[0]).toMatchObject({ collectedAt: new Date('2026-07-01T10:00:00Z'), sizeBytes: 9_007_199_254_740_991 });
  });

  test('with several moments of a day counts the last one, whatever their order', () => {
    const { rows } = read(
      'instance_name,database_name,collected_at,size_bytes\n' +
        'a,b,2026-03-01T09:00:00Z,2\na,b,2026-03-01T23:59:59Z,4\na,b,2026-03-01T10:00:00Z,3\na,b,2026-03-02T00:00:00Z,5\n',
    );
    expect(rows.map(({ collectedDate, sizeBytes }) => [collectedDate, sizeBytes])).toEqual([
      ['2026-03-01', 4],
      ['2026-03-02', 5],
    ]);
  });

  test('says which of its columns are not used', () => {
    expect(read(`${header},size_mb\na,b,2026-03-01,5,0\n`).notes).toEqual(['columns that are not used: size_mb']);
  });
});

describe('a file that cannot be used', () => {
  test.each([
    ['a size that is no whole number', 'a,b,2026-03-01,1.5', 'line 2: size_bytes is "1.5": expected whole bytes'],
    ['a negative size', 'a,b,2026-03-01,-1', 'line 2: size_bytes is "-1"'],
    [
      'a size beyond what JSON keeps exact',
      'a,b,2026-03-01,9007199254740992',
      'line 2: size_bytes is "9007199254740992"',
    ],
    ['no size', 'a,b,2026-03-01,', 'line 2: size_bytes is empty'],
    ['no instance', ',b,2026-03-01,1', 'line 2: instance_name is empty'],
    ['a day that does not exist', 'a,b,2026-02-30,1', 'line 2: collected_date is "2026-02-30": expected YYYY-MM-DD'],
    ['another notation of days', 'a,b,01.03.2026,1', 'line 2: collected_date is "01.03.2026": expected YYYY-MM-DD'],
    ['too few columns', 'a,b,2026-03-01', 'Invalid Record Length'],
    ['a quote that is not closed', 'a,"b,2026-03-01,1', 'expected CSV with a header'],
  ])('%s', (_what, line, message) => {
    expect(() => read(`${header}\n${line}\n`)).toThrow(message);
  });

  test('has its wrong lines listed by their number, and the rest counted', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `a,b${index},2026-03-01,${index === 3 ? 7 : 'x'}`);
    expect(() => read(`${header}\n${lines.join('\n')}\n`)).toThrow(
      /nothing was imported\n {2}line 2: .*\n {2}line 3: .*\n {2}line 4: .*\n {2}line 6: [^]*and 9 more lines$/,
    );
  });

  test('has the same instance, database and day twice', () => {
    expect(() => read(`${header}\na,b,2026-03-01,1\na,b,2026-03-02,1\na,b,2026-03-01,2\n`)).toThrow(
      'line 4: the same instance, database and day as line 2: keep one of them',
    );
  });

  test('lacks a column, or has one twice', () => {
    expect(() => read('instance,database_name,size_bytes\na,b,1\n')).toThrow(
      'line 1: there is no column instance_name, collected_date; known are instance_name, database_name,',
    );
    expect(() => read(`${header},size_bytes\na,b,2026-03-01,1,2\n`)).toThrow('the column size_bytes is there twice');
  });

  test('has moments without a zone', () => {
    expect(() => read('instance_name,database_name,collected_at,size_bytes\na,b,2026-03-01T10:00:00,1\n')).toThrow(
      'line 2: collected_at is "2026-03-01T10:00:00": expected ISO 8601 with its zone',
    );
  });

  test('is not there, or is empty', () => {
    expect(() => readCsv(`${folder.path}/none.csv`, 'UTC')).toThrow(/none.csv cannot be read: ENOENT/);
    expect(() => read('')).toThrow('line 1: there is no column instance_name');
  });
});
