import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createCuttableWay, type CuttableWay } from '../../support/repository-outage.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let way: CuttableWay;
let pool: pg.Pool;
let api: HttpApi;

beforeAll(async () => {
  database = await createTestDatabase();
  way = await createCuttableWay(database.url);
  pool = createPool(way.url, { ...testDeadlines, repositoryConnect: 500, repositoryStatement: 2_000 });
  api = await startHttpApi(pool);
  await addInstance(database.pool, 'orders');
});

afterAll(async () => {
  await api.close();
  await pool.end();
  await way.cut();
  await database.close();
});

beforeEach(() => way.restore());

const needing = [
  '/metrics',
  '/api/v1/instances',
  '/api/v1/instances/1/database-sizes',
  '/api/v1/instances/1/database-sizes/aggregations?period_type=weekly',
  '/api/v1/instances/1/database-sizes/trends?period_type=weekly',
];

describe('with the repository', () => {
  test.each(['/livez', '/readyz'])('%s is 200', async (path) => {
    const answer = await api.get(path);
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok' });
  });

  test.each(needing)('%s is 200', async (path) => {
    expect((await api.get(path)).status).toBe(200);
  });
});

describe.each<[string, () => Promise<void>]>([
  ['cut off', () => way.cut()],
  ['mute', () => way.mute()],
])('with the repository %s', (_state, lose) => {
  beforeEach(() => lose());

  test('/livez is 200: a restart would not help', async () => {
    expect((await api.get('/livez')).status).toBe(200);
  });

  test('/readyz is 503 and says why', async () => {
    const answer = await api.get('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({
      status: 'unavailable',
      reason: expect.stringMatching(/^the repository does not answer: ./),
    });
  });

  test.each(needing)('%s is 503 in the shape of errors', async (path) => {
    const answer = await api.get(path);
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({
      error: {
        code: 'repository_unavailable',
        message: 'the repository does not answer: try again later',
        details: null,
      },
    });
  });

  test('nobody is let in, since no token can be checked', async () => {
    expect((await api.get('/api/v1/instances', { token: null })).status).toBe(503);
    expect((await api.get('/api/v1/instances?limit=0')).status).toBe(503);
  });

  test('the landing page is there and says that nothing is known', async () => {
    const answer = await api.get('/');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('unknown: the repository does not answer');
  });

  test('everything is back with the repository, by itself', async () => {
    expect((await api.get('/readyz')).status).toBe(503);
    await way.restore();
    for (const path of ['/readyz', ...needing]) expect((await api.get(path)).status).toBe(200);
  });
});
