import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { addInstances } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { claimAll, endClaim, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

interface Row {
  readonly session_id: number;
  readonly instance: string;
  readonly status: string;
}

describe('the records of an instance', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let shop: number;
  let untouched: number;
  const sessions: number[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    [crm = 0, shop = 0, untouched = 0] = await addInstances(database.pool, ['crm', 'shop', 'untouched'], (name) => ({
      owner: name === 'crm' ? 'team-a' : 'team-b',
    }));
    const failure = { databaseName: 'archive', code: 'access_denied', message: 'no right to connect' } as const;
    const outcomes = [
      { status: 'succeeded', databasesMeasured: 2, failures: [], warnings: [], error: null },
      { status: 'partial', databasesMeasured: 1, failures: [failure], warnings: [], error: null },
      {
        status: 'failed',
        databasesMeasured: 0,
        failures: [],
        warnings: [],
        error: { code: 'connection_refused', message: 'nobody listens' },
      },
    ] as const;
    for (const outcome of outcomes) {
      sessions.push(await openRun(database.pool, [crm, shop]));
      for (const claim of await claimAll(database.pool)) {
        await endClaim(database.pool, claim, outcome, { measureMilliseconds: 1500 });
      }
    }
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const list = async (path: string, token = api.admin) => {
    const answer = await api.get(`/api/v1${path}`, { token });
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    return answer.json() as { data: Row[]; page: unknown };
  };

  test('are its own, the newest first, with all that is known', async () => {
    const { data, page } = await list(`/instances/${crm}/records`);
    expect(data.map((row) => [row.session_id, row.instance, row.status])).toEqual([
      [sessions[2], 'crm', 'failed'],
      [sessions[1], 'crm', 'partial'],
      [sessions[0], 'crm', 'succeeded'],
    ]);
    expect(page).toEqual({ limit: 100, offset: 0, total: 3 });
    expect(data[0]).toMatchObject({
      error_code: 'connection_refused',
      error_message: 'nobody listens',
      owner: 'team-a',
    });
    expect(data[1]).toMatchObject({
      ...{ databases_measured: 1, databases_failed: 1, measure_seconds: 1.5, attempt: 1, exporter: 'tests' },
      failures: [{ database: 'archive', code: 'access_denied', message: 'no right to connect' }],
    });
  });

  test('come in pages and by status', async () => {
    const second = await list(`/instances/${crm}/records?limit=1&offset=1`);
    expect(second.data.map((row) => row.session_id)).toEqual([sessions[1]]);
    expect(second.page).toEqual({ limit: 1, offset: 1, total: 3 });
    const failed = await list(`/instances/${crm}/records?status=failed`);
    expect(failed.data.map((row) => row.session_id)).toEqual([sessions[2]]);
    expect(failed.page).toEqual({ limit: 100, offset: 0, total: 1 });
    expect((await list(`/instances/${untouched}/records`)).data).toEqual([]);
  });

  test('are those of its owner alone', async () => {
    const token = await ownerToken(database.pool, 'team-b');
    expect((await list(`/instances/${shop}/records`, token)).data).toHaveLength(3);
    const foreign = await api.get(`/api/v1/instances/${crm}/records`, { token });
    const unknown = await api.get('/api/v1/instances/4711/records', { token });
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect(foreign.text.replace(String(crm), '')).toBe(unknown.text.replace('4711', ''));
  });

  test('come as CSV, all of them', async () => {
    const { text } = await api.get(`/api/v1/instances/${crm}/records?format=csv&limit=1`);
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows.map((row) => [row.session_id, row.status, row.error_code])).toEqual([
      [String(sessions[2]), 'failed', 'connection_refused'],
      [String(sessions[1]), 'partial', ''],
      [String(sessions[0]), 'succeeded', ''],
    ]);
    expect(JSON.parse(rows[1]?.failures ?? '')).toHaveLength(1);
  });

  test.each([
    ['/instances/1/records?status=never', 'status'],
    ['/instances/1/records?limit=0', 'limit'],
    ['/instances/1/records?sort=status', 'sort'],
    ['/instances/x/records', 'id'],
  ])('%s is refused and names %s', async (path, field) => {
    const answer = await api.get(`/api/v1${path}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
