import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type Answer, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let api: HttpApi;
let id: number;

const names = [...hostileNames, '+1', '-1', '\tx', '\rx', '＝1+1', '＋1', '－1', '＠x'];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startHttpApi(database.pool);
  id = await addInstance(database.pool, 'orders', { owner: '@team', labels: { a: '=1', b: 'x"y' } });
  await addMeasurements(
    database.pool,
    id,
    '2024-02-29',
    names.map((name) => measurement(name, 1_048_576)),
  );
});

afterAll(async () => {
  await api.close();
  await database.close();
});

/** The lines of an answer, by the names in its header. */
function linesOf(answer: Answer): Record<string, string>[] {
  expect({ status: answer.status, text: answer.text.slice(0, 300) }).toMatchObject({ status: 200 });
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
  return parse(answer.text, { columns: true, record_delimiter: '\r\n' });
}

const formula = /^[=+\-@\t\r＝＋－＠]/;

describe('a table as CSV', () => {
  test.each([{ path: '?format=csv' }, { path: '', headers: { accept: 'text/csv' } }])(
    '%j',
    async ({ path, headers }) => {
      const answer = await api.get(`/api/v1/instances/${id}/database-sizes${path}`, headers ? { headers } : {});
      const lines = linesOf(answer);
      expect(answer.headers['content-disposition']).toBe('attachment; filename="instances-database-sizes.csv"');
      expect(answer.text.endsWith('\r\n')).toBe(true);
      const expected = names.map((name) => (formula.test(name) ? `'${name}` : name));
      expect(lines.map((line) => line.database_name).sort()).toEqual(expected.sort());
      expect(lines[0]).toMatchObject({ collected_at: '2024-02-29T10:00:00.000Z', size_mb: '1', data_bytes: '' });
    },
  );

  test('has a column for each field of an object within an object, and JSON for what has no fixed names', async () => {
    const [line] = linesOf(await api.get('/api/v1/instances?format=csv'));
    expect(line).toMatchObject({ name: 'orders', owner: "'@team", active: 'true', last_collection_status: '' });
    expect(JSON.parse(line?.labels ?? '')).toEqual({ a: '=1', b: 'x"y' });
  });

  test('leaves negative numbers numbers', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const before = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
    const shrinking = await addInstance(database.pool, 'shrinking');
    await addMeasurements(database.pool, shrinking, before, [measurement('a', 2_000)]);
    await addMeasurements(database.pool, shrinking, today, [measurement('a', 500)]);
    const [line] = linesOf(await api.get(`/api/v1/growth?instance_id=${shrinking}&format=csv`));
    expect(line).toMatchObject({ change_bytes: '-1500', growth_rate: '-75' });
  });

  test('says an error in the usual shape', async () => {
    const answer = await api.get('/api/v1/instances/999/database-sizes?format=csv');
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 'not_found' } });
    expect((await api.get('/api/v1/instances?format=xls')).status).toBe(400);
  });

  test('holds all rows, however many a page has', async () => {
    await database.pool.query(
      `INSERT INTO instances (name, engine, host, port, database_name, source)
       SELECT 'many-' || n, 'mysql', 'host', 3306, '', 'user' FROM generate_series(1, 10050) AS n`,
    );
    const lines = linesOf(await api.get('/api/v1/instances?format=csv&limit=10'));
    expect(new Set(lines.map((line) => line.id)).size).toBe(10_052);
  });
});
