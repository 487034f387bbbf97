import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { importStorage, type ImportedStorage } from '../../../exporter/src/store/storage.ts';
import { addInstances } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const daysAgo = (days: number) => addDays(today, -days);

describe('logs, tablespaces and volumes of an instance', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let empty: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    [crm = 0, empty = 0] = await addInstances(database.pool, ['crm', 'empty'], () => ({ owner: 'team-a' }));
    const row = (
      scope: ImportedStorage['scope'],
      name: string,
      ago: number,
      bytes: readonly (number | null)[],
    ): ImportedStorage => {
      const [allocatedBytes = null, usedBytes = null, limitBytes = null, freeBytes = null] = bytes;
      const collectedAt = new Date(`${daysAgo(ago)}T03:00:00Z`);
      const sizes = { allocatedBytes, usedBytes, limitBytes, freeBytes };
      return { instanceId: crm, scope, name, collectedDate: daysAgo(ago), collectedAt, ...sizes };
    };
    await importStorage(database.pool, [
      row('log', 'WAL', 0, [320]),
      row('log', 'WAL', 1, [160]),
      row('tablespace', 'pg_default', 0, [1000, 900, 2000]),
      row('tablespace', 'pg_default', 2, [800, 700, 2000]),
      row('tablespace', 'dropped', 2, [50]),
      row('volume', '/data', 3, [null, 600, 1000, 400]),
      row('volume', '/data', 40, [null, 100, 1000, 900]),
    ]);
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const history = (query: string) => api.read(`/instances/${crm}/storage/history?${query}`);

  const latest = [
    {
      ...{ scope: 'log', name: 'WAL', collected_at: `${today}T03:00:00.000Z`, allocated_bytes: 320 },
      ...{ used_bytes: null, limit_bytes: null, free_bytes: null },
    },
    {
      ...{ scope: 'tablespace', name: 'pg_default', collected_at: `${today}T03:00:00.000Z`, allocated_bytes: 1000 },
      ...{ used_bytes: 900, limit_bytes: 2000, free_bytes: null },
    },
    {
      ...{ scope: 'volume', name: '/data', collected_at: `${daysAgo(3)}T03:00:00.000Z`, allocated_bytes: null },
      ...{ used_bytes: 600, limit_bytes: 1000, free_bytes: 400 },
    },
  ];

  test('are those of the last day on which their kind was measured', async () => {
    expect(await api.read(`/instances/${crm}/storage`)).toEqual(latest);
    expect(await api.read(`/instances/${empty}/storage`)).toEqual([]);
  });

  test('have a history in columns, of the last 30 days where nothing is said', async () => {
    expect(await history('scope=tablespace')).toEqual([
      {
        ...{ scope: 'tablespace', name: 'dropped', t: [daysAgo(2)] },
        ...{ allocated_bytes: [50], used_bytes: [null], limit_bytes: [null], free_bytes: [null] },
      },
      {
        ...{ scope: 'tablespace', name: 'pg_default', t: [daysAgo(2), today] },
        ...{
          allocated_bytes: [800, 1000],
          used_bytes: [700, 900],
          limit_bytes: [2000, 2000],
          free_bytes: [null, null],
        },
      },
    ]);
    expect(await history('scope=volume')).toMatchObject([{ t: [daysAgo(3)], used_bytes: [600] }]);
    expect(await history(`scope=volume&start_date=${daysAgo(40)}`)).toMatchObject([
      { t: [daysAgo(40), daysAgo(3)], used_bytes: [100, 600], allocated_bytes: [null, null] },
    ]);
    expect(await history(`scope=volume&start_date=${daysAgo(40)}&end_date=${daysAgo(4)}`)).toMatchObject([
      { t: [daysAgo(40)], free_bytes: [900] },
    ]);
    expect(await history('scope=tablespace&name=dropped')).toMatchObject([{ name: 'dropped' }]);
    expect(await history('scope=log&name=redo')).toEqual([]);
    expect(await history('scope=log&end_date=0001-01-02')).toEqual([]);
  });

  test('are those of the owner alone', async () => {
    const own = await ownerToken(database.pool, 'team-a');
    const foreign = await ownerToken(database.pool, 'team-b');
    expect(await api.read(`/instances/${crm}/storage`, own)).toEqual(latest);
    for (const path of ['storage', 'storage/history?scope=log']) {
      expect((await api.get(`/api/v1/instances/${crm}/${path}`, { token: foreign })).status).toBe(404);
      expect((await api.get(`/api/v1/instances/4711/${path}`)).status).toBe(404);
    }
  });

  test('come as CSV, the history with a line a day', async () => {
    const lines = async (path: string) =>
      parse<Record<string, string>>((await api.get(`/api/v1/instances/${crm}/${path}`)).text, { columns: true });
    expect((await lines('storage?format=csv')).map((line) => [line.scope, line.allocated_bytes])).toEqual([
      ['log', '320'],
      ['tablespace', '1000'],
      ['volume', ''],
    ]);
    expect(await lines('storage/history?format=csv&scope=log')).toEqual(
      [
        [daysAgo(1), '160'],
        [today, '320'],
      ].map(([day, allocated_bytes]) => ({
        ...{ scope: 'log', name: 'WAL', day, allocated_bytes },
        ...{ used_bytes: '', limit_bytes: '', free_bytes: '' },
      })),
    );
  });

  test.each([
    ['storage?scope=log', 'scope'],
    ['storage/history', 'scope'],
    ['storage/history?scope=disk', 'scope'],
    ['storage/history?scope=log&name=%00', 'name'],
    ['storage/history?scope=log&start_date=2026-02-30', 'start_date'],
    ['storage/history?scope=log&start_date=2026-02-02&end_date=2026-02-01', 'end_date'],
  ])('%s is refused and names %s', async (path, field) => {
    const answer = await api.get(`/api/v1/instances/1/${path}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
