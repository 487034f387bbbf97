import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { hostileNames } from '../../support/fleet-fixtures.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const mebibyte = 1_048_576;

interface Row {
  readonly instance_name: string;
  readonly database_name: string;
  readonly share: number | null;
  readonly growth: unknown;
}

describe('databases of the fleet and of an instance', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let shop: number;
  let hostile: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    const created = await addInstances(database.pool, ['crm', 'shop', 'retired', 'hostile'], (name) => ({
      owner: name === 'shop' ? 'team-b' : 'team-a',
    }));
    [crm = 0, shop = 0, , hostile = 0] = created;
    const retired = created[2] ?? 0;
    await database.pool.query('UPDATE instances SET is_active = id <> $1', [retired]);
    const days = daysBetween(addDays(today, -40), today);
    await importMeasurements(
      database.pool,
      days.flatMap((day, index) => [
        measurement(crm, 'Customers', day, (100 + index) * mebibyte, { dataBytes: mebibyte, logBytes: index }),
        measurement(crm, 'archive', day, 60 * mebibyte),
        ...(index < 35 ? [measurement(crm, 'dropped', day, 7 * mebibyte)] : []),
        ...(index > 36 ? [measurement(crm, 'created', day, 20 * mebibyte)] : []),
        measurement(shop, 'orders', day, (1000 - index) * mebibyte),
        ...(index < 10 ? [measurement(retired, 'old', day, 5 * mebibyte)] : []),
      ]),
    );
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const list = (path: string, token = api.admin) => api.read<Row[]>(path, token);
  const namesOf = async (path: string) => (await list(path)).map((row) => row.database_name);

  test('says all of a database', async () => {
    const [customers] = await list('/databases?search=custom&growth_days=10&sparkline_days=2');
    expect(customers).toEqual({
      ...{ instance_id: crm, instance_name: 'crm', engine: 'postgresql', owner: 'team-a', database_name: 'Customers' },
      ...{ size_bytes: 140 * mebibyte, data_bytes: mebibyte, log_bytes: 40, index_bytes: null, temp_bytes: null },
      ...{ used_bytes: null, limit_bytes: null, method: 'exact', collected_at: `${today}T03:00:00.000Z` },
      ...{ first_seen_date: addDays(today, -40), gone_since: null, share: 140 / 220 },
      growth: { days: 10, change_bytes: 10 * mebibyte, growth_rate: 7.7 },
      sparkline: { t: [addDays(today, -1), today], size_bytes: [139 * mebibyte, 140 * mebibyte] },
    });
  });

  test('of the fleet: the largest first, of active instances, without what is gone', async () => {
    expect(await namesOf('/databases')).toEqual(['orders', 'Customers', 'archive', 'created']);
    expect(await namesOf('/databases?include_gone=true&search=DROP')).toEqual(['dropped']);
    const [dropped] = await list('/databases?include_gone=true&search=dropped');
    expect(dropped).toMatchObject({
      gone_since: addDays(today, -5),
      share: null,
      growth: { change_bytes: null, growth_rate: null },
      sparkline: null,
    });
  });

  test.each([
    ['database_name', ['Customers', 'archive', 'created', 'orders']],
    ['-instance_name', ['orders', 'Customers', 'archive', 'created']],
    ['size_bytes', ['created', 'archive', 'Customers', 'orders']],
    ['-data_bytes', ['Customers', 'archive', 'created', 'orders']],
    ['log_bytes', ['Customers', 'archive', 'created', 'orders']],
    ['-change_bytes', ['Customers', 'created', 'archive', 'orders']],
    ['change_bytes', ['orders', 'archive', 'created', 'Customers']],
    ['-growth_rate', ['Customers', 'archive', 'orders', 'created']],
  ])('sorted by %s', async (sort, names) => {
    const sorted = await namesOf(`/databases?sort=${sort}`);
    if (sort === 'database_name') expect(new Set(sorted)).toEqual(new Set(names));
    else expect(sorted).toEqual(names);
  });

  test('growth is the same whatever the order is, and that of /growth', async () => {
    const byName = await list('/databases?sort=size_bytes&growth_days=20');
    const byGrowth = await list('/databases?sort=-change_bytes&growth_days=20');
    const growthOf = (rows: Row[]) => new Map(rows.map((row) => [row.database_name, row.growth]));
    expect(growthOf(byName)).toEqual(growthOf(byGrowth));
    const { data } = (await api.get('/api/v1/growth?days=20')).json() as {
      data: { database_name: string; change_bytes: number; growth_rate: number }[];
    };
    for (const { database_name, change_bytes, growth_rate } of data.filter((row) => row.database_name !== 'dropped')) {
      expect(growthOf(byName).get(database_name)).toEqual({ days: 20, change_bytes, growth_rate });
    }
  });

  test('pages without leaving anything out', async () => {
    const pages = await Promise.all(
      [0, 1, 2, 3, 4].map((offset) => namesOf(`/databases?sort=-change_bytes&limit=1&offset=${offset}`)),
    );
    expect(pages).toEqual([['Customers'], ['created'], ['archive'], ['orders'], []]);
    const { page } = (await api.get('/api/v1/databases?limit=2&offset=1')).json() as { page: unknown };
    expect(page).toEqual({ limit: 2, offset: 1, total: 4 });
  });

  test('of an instance: active or not', async () => {
    expect(await namesOf(`/instances/${crm}/databases`)).toEqual(['Customers', 'archive', 'created']);
    expect(await namesOf(`/instances/${crm + 2}/databases?include_gone=true`)).toEqual(['old']);
    expect((await api.get('/api/v1/instances/4711/databases')).status).toBe(404);
  });

  test('an owner sees the databases of its instances only', async () => {
    const token = await ownerToken(database.pool, 'team-b');
    expect((await list('/databases', token)).map((row) => row.database_name)).toEqual(['orders']);
    expect(await list('/databases?sort=-change_bytes&owner=team-a', token)).toEqual([]);
    expect(await list(`/databases?instance_id=${crm}`, token)).toEqual([]);
    expect((await api.get(`/api/v1/instances/${crm}/databases`, { token })).status).toBe(404);
    expect((await list(`/instances/${shop}/databases`, token)).map((row) => row.share)).toEqual([1]);
  });

  test('names of any kind come back as they are, in JSON and in CSV without a formula', async () => {
    await importMeasurements(
      database.pool,
      hostileNames.map((name) => measurement(hostile, name, today, mebibyte)),
    );
    const path = `/instances/${hostile}/databases`;
    const listed = await namesOf(`${path}?sort=database_name&sparkline_days=1`);
    expect([...listed].sort()).toEqual([...hostileNames].sort());
    for (const name of hostileNames) {
      expect(await namesOf(`${path}?search=${encodeURIComponent(name)}`)).toContain(name);
    }
    const { text } = await api.get(`/api/v1${path}?format=csv`);
    const rows = parse<Record<string, string>>(text, { columns: true, relax_column_count: false });
    const shown = rows.map((row) => row.database_name ?? '');
    expect(shown.map((name) => name.replace(/^'(?=[=+\-@\t\r])/, '')).sort()).toEqual([...hostileNames].sort());
    expect(shown.filter((name) => /^[=+\-@\t\r]/.test(name))).toEqual([]);
    expect(rows[0]).toHaveProperty('growth_change_bytes');
    await database.pool.query('DELETE FROM database_latest WHERE instance_id = $1', [hostile]);
  });

  test.each([
    ['/databases?sort=owner', 'sort'],
    ['/databases?include_gone=1', 'include_gone'],
    ['/databases?search=%00', 'search'],
    ['/databases?engine=access', 'engine.0'],
    ['/instances/1/databases?owner=x', 'owner'],
    ['/instances/0/databases', 'id'],
  ])('%s is refused and names %s', async (path, field) => {
    const answer = await api.get(`/api/v1${path}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
