import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { saveServerVersion } from '../../../exporter/src/store/instances.ts';
import { addInstance, addMeasurements, hostileNames, measurement, megabyte } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let api: HttpApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startHttpApi(database.pool);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

beforeEach(() => database.pool.query('TRUNCATE instances, collection_sessions CASCADE'));

interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly page: { readonly limit: number; readonly offset: number; readonly total: number };
}

async function list(query = ''): Promise<Page> {
  const answer = await api.get(`/api/v1/instances${query}`);
  expect(answer.status).toBe(200);
  return answer.json() as Page;
}

describe('GET /instances', () => {
  test('without instances is an empty page', async () => {
    expect(await list()).toEqual({ data: [], page: { limit: 100, offset: 0, total: 0 } });
  });

  test('says of an instance what the list of a page shows', async () => {
    const id = await addInstance(database.pool, 'orders', {
      owner: 'team-orders',
      labels: { environment: 'production' },
      active: false,
    });
    await saveServerVersion(database.pool, id, 'PostgreSQL 18.4');
    await addMeasurements(database.pool, id, '2024-01-31', [
      measurement('a', megabyte),
      measurement('b', 2 * megabyte),
    ]);
    await openRun(database.pool, [id]);
    await finishInstance(database.pool, id, {
      status: 'failed',
      databasesMeasured: 0,
      failures: [],
      warnings: [],
      error: { code: 'access_denied', message: 'the password is wrong' },
    });
    const { rows } = await database.pool.query<{ session_id: number; finished_at: Date }>(
      'SELECT session_id, finished_at FROM collection_records',
    );
    const expected = {
      ...{ id, name: 'orders', engine: 'postgresql', host: 'orders.example.net', port: 5432, database: 'postgres' },
      ...{ server_version: 'PostgreSQL 18.4', owner: 'team-orders', labels: { environment: 'production' } },
      ...{ source: 'user', active: false, username: null, credential_id: null },
      tls: { mode: 'prefer', ca: null, cert: null, key: null, server_name: null },
      ...{ include: ['*'], exclude: [], quiet_hours: [], estimate_on_timeout: false },
      ...{ total_size_bytes: 3 * megabyte, total_size_mb: 3, database_count: 2, measure_seconds: null },
      ...{ growth: null, sparkline: null },
      last_collection: {
        session_id: rows[0]?.session_id,
        status: 'failed',
        finished_at: rows[0]?.finished_at.toISOString(),
        error_code: 'access_denied',
        error_message: 'the password is wrong',
      },
      created_at: expect.stringMatching(/^20.*Z$/),
      updated_at: expect.stringMatching(/^20.*Z$/),
    };
    expect((await list()).data).toEqual([expected]);
    expect((await api.get(`/api/v1/instances/${id}`)).json()).toEqual({ data: expected });
  });

  test('knows neither size nor collection of an instance that was never measured: null, not 0', async () => {
    await addInstance(database.pool, 'orders');
    expect((await list()).data).toMatchObject([
      { total_size_bytes: null, total_size_mb: null, database_count: 0, last_collection: null, server_version: null },
    ]);
  });

  test('shows a collection that has not finished yet', async () => {
    const id = await addInstance(database.pool, 'orders');
    await openRun(database.pool, [id]);
    expect((await list()).data).toMatchObject([
      { last_collection: { status: 'queued', finished_at: null, error_code: null, error_message: null } },
    ]);
  });

  test('shows no secret of a login', async () => {
    await database.pool.query(`
      WITH credential AS (
        INSERT INTO credentials (name, username, secret_reference) VALUES ('a', 'monitor', 'env:canary') RETURNING id
      )
      INSERT INTO instances (name, engine, host, port, database_name, source, credential_id)
      SELECT 'a', 'mysql', 'db', 3306, 'mysql', 'user', id FROM credential`);
    const { text } = await api.get('/api/v1/instances');
    expect(text).toContain('"username":"monitor"');
    expect(text).not.toContain('canary');
  });

  test.each([
    ['', { limit: 100, offset: 0, total: 5 }, ['a', 'b', 'c', 'd', 'e']],
    ['?limit=2', { limit: 2, offset: 0, total: 5 }, ['a', 'b']],
    ['?limit=2&offset=2', { limit: 2, offset: 2, total: 5 }, ['c', 'd']],
    ['?limit=2&offset=4', { limit: 2, offset: 4, total: 5 }, ['e']],
    ['?offset=5', { limit: 100, offset: 5, total: 5 }, []],
    ['?limit=1000&offset=999999999', { limit: 1000, offset: 999_999_999, total: 5 }, []],
  ])('%s is the page %j', async (query, page, names) => {
    for (const name of ['e', 'c', 'a', 'd', 'b']) await addInstance(database.pool, name);
    const answer = await list(query);
    expect(answer.page).toEqual(page);
    expect(answer.data.map((instance) => instance.name)).toEqual(names);
  });

  test('serves names of any kind verbatim', async () => {
    for (const name of hostileNames) await addInstance(database.pool, name, { owner: name, labels: { [name]: name } });
    const { data } = await list();
    expect(data).toHaveLength(hostileNames.length);
    for (const { name, owner, labels } of data) {
      expect(hostileNames).toContain(name);
      expect(owner).toBe(name);
      expect(Object.entries(labels as object)).toEqual([[name, name]]);
    }
  });
});
