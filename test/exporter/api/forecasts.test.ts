import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn, periodOf } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const mebibyte = 1_048_576;

/** The first size of so many days: the last one of its week, unless the week is whole. */
function firstDayOf(days: number): string {
  const begin = addDays(today, -days);
  const week = periodOf('weekly', begin);
  return week.start === begin ? begin : week.end;
}

interface Row {
  readonly database_name: string;
  readonly full_at: string | null;
}

describe('forecasts', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let shop: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    const created = await addInstances(database.pool, ['crm', 'shop', 'retired'], (name) => ({
      owner: name === 'shop' ? 'team-b' : 'team-a',
    }));
    [crm = 0, shop = 0] = created;
    const retired = created[2] ?? 0;
    const days = daysBetween(addDays(today, -120), today);
    const grows = (instance: number, name: string, perDay: number, limit: number | null) =>
      days.map((day, index) => ({
        ...measurement(instance, name, day, (1000 + perDay * (index - 120)) * mebibyte),
        limitBytes: limit === null ? null : limit * mebibyte,
      }));
    await importMeasurements(database.pool, [
      ...grows(crm, 'soon', 5, 1100),
      ...grows(crm, 'later', 2, 1500),
      ...grows(crm, 'endless', 4, null),
      ...grows(crm, 'shrinking', -1, 1100),
      ...grows(crm, 'young', 5, 1100).slice(-10),
      ...grows(shop, 'orders', 8, 1080),
      ...grows(retired, 'old', 8, 1080),
    ]);
    await database.pool.query('UPDATE instances SET is_active = false WHERE id = $1', [retired]);
    await aggregate(database.pool, today);
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const list = (path: string, token = api.admin) => api.read<Row[]>(path, token);
  const fleet = async (query: string, token = api.admin) =>
    (await list(`/forecasts?${query}`, token)).map((row) => [row.database_name, row.full_at]);

  // 100 MiB at 5 a day, 500 at 2, 80 at 8.
  const soon = ['soon', addDays(today, 20)];
  const later = ['later', addDays(today, 250)];
  const orders = ['orders', addDays(today, 10)];
  const never = [
    ['endless', null],
    ['shrinking', null],
  ];

  test('of an instance say where its databases are going', async () => {
    const found = await list(`/instances/${crm}/forecasts?horizon_days=14`);
    expect(found.map((row) => row.database_name)).toEqual(['endless', 'later', 'shrinking', 'soon']);
    const sizes = [1035, 1070].map((size) => size * mebibyte);
    expect(found[3]).toEqual({
      ...{ database_name: 'soon', from_date: firstDayOf(90), to_date: today, points: expect.any(Number) },
      ...{ change_bytes_per_day: 5 * mebibyte, r_squared: 1, size_bytes: 1000 * mebibyte },
      ...{ limit_bytes: 1100 * mebibyte, full_at: addDays(today, 20) },
      predicted: {
        ...{ t: [addDays(today, 7), addDays(today, 14)], size_bytes: sizes, low_bytes: sizes, high_bytes: sizes },
      },
    });
    expect(found[2]).toMatchObject({ change_bytes_per_day: -mebibyte, full_at: null });
  });

  test('of one database, over another history', async () => {
    const found = await list(`/instances/${crm}/forecasts?database_name=later&days=28`);
    expect(found).toMatchObject([{ database_name: 'later', from_date: firstDayOf(28) }]);
    expect(await list(`/instances/${crm}/forecasts?database_name=none`)).toEqual([]);
    expect(await list(`/instances/${crm + 2}/forecasts`)).toEqual([]);
  });

  test('rest on what was measured a moment ago, whenever the last aggregation was', async () => {
    const [fresh = 0] = await addInstances(database.pool, ['fresh'], () => ({ owner: 'team-c' }));
    const days = daysBetween(addDays(today, -40), today);
    await importMeasurements(
      database.pool,
      days.map((day, index) => measurement(fresh, 'new', day, (100 + index) * mebibyte)),
    );
    expect(await list(`/instances/${fresh}/forecasts`)).toMatchObject([
      { database_name: 'new', from_date: addDays(today, -40), change_bytes_per_day: mebibyte },
    ]);
    await database.pool.query('DELETE FROM instances WHERE id = $1', [fresh]);
  });

  test('of the fleet begin with what is full first; what is never full comes last', async () => {
    expect(await fleet('')).toEqual([orders, soon, later, ...never]);
    expect(await fleet('sort=-full_at')).toEqual([later, soon, orders, ...never]);
    expect(await fleet('within_days=20')).toEqual([orders, soon]);
    expect(await fleet('within_days=19')).toEqual([orders]);
    expect(await fleet(`instance_id=${crm}&within_days=3660`)).toEqual([soon, later]);
    expect(await fleet('owner=team-b')).toEqual([orders]);
    expect(await fleet('engine=oracle')).toEqual([]);
    expect((await list('/forecasts?limit=1'))[0]).toEqual({
      ...{ instance_id: shop, instance_name: 'shop', engine: 'postgresql', owner: 'team-b' },
      ...{ database_name: 'orders', from_date: firstDayOf(90), to_date: today, points: expect.any(Number) },
      ...{ change_bytes_per_day: 8 * mebibyte, r_squared: 1, size_bytes: 1000 * mebibyte },
      ...{ limit_bytes: 1080 * mebibyte, full_at: addDays(today, 10) },
    });
  });

  test('come in pages', async () => {
    const pages = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => fleet(`limit=1&offset=${offset}`)));
    expect(pages.flat()).toEqual([orders, soon, later, ...never]);
    const { page } = (await api.get('/api/v1/forecasts?limit=2&offset=1')).json() as { page: unknown };
    expect(page).toEqual({ limit: 2, offset: 1, total: 5 });
  });

  test('an owner sees those of its instances only', async () => {
    const token = await ownerToken(database.pool, 'team-b');
    expect(await fleet('', token)).toEqual([orders]);
    expect(await fleet(`instance_id=${crm}`, token)).toEqual([]);
    expect(await fleet('owner=team-a', token)).toEqual([]);
    expect((await api.get(`/api/v1/instances/${crm}/forecasts`, { token })).status).toBe(404);
    expect(await list(`/instances/${shop}/forecasts`, token)).toHaveLength(1);
    expect(await fleet('', await ownerToken(database.pool, 'nobody'))).toEqual([]);
  });

  test('come as CSV: of the fleet a line each, of an instance a line for each day to come', async () => {
    const lines = async (path: string) =>
      parse<Record<string, string>>((await api.get(`/api/v1${path}`)).text, { columns: true });
    expect((await lines('/forecasts?format=csv&limit=1')).map((line) => [line.database_name, line.full_at])).toEqual(
      [orders, soon, later, ...never].map(([name, fullAt]) => [name, fullAt ?? '']),
    );
    const predicted = await lines(`/instances/${shop}/forecasts?format=csv&horizon_days=8`);
    expect(predicted.map((line) => [line.database_name, line.day, line.predicted_bytes])).toEqual([
      ['orders', addDays(today, 1), String(1008 * mebibyte)],
      ['orders', addDays(today, 8), String(1064 * mebibyte)],
    ]);
    expect(predicted[0]).toMatchObject({ full_at: addDays(today, 10), low_bytes: String(1008 * mebibyte) });
  });

  test('full on a day of the configured time zone', async () => {
    // Measured at 03:00 UTC, which is the day before in Honolulu.
    const honolulu = await startHttpApi(database.pool, 'Pacific/Honolulu');
    const answer = await honolulu.get(`/api/v1/forecasts?instance_id=${shop}`);
    expect(answer.json()).toMatchObject({ data: [{ full_at: addDays(today, 9) }] });
    await honolulu.close();
  });

  test.each([
    ['/forecasts?days=27', 'days'],
    ['/forecasts?days=1001', 'days'],
    ['/forecasts?within_days=-1', 'within_days'],
    ['/forecasts?sort=size_bytes', 'sort'],
    ['/forecasts?horizon_days=5', 'horizon_days'],
    ['/instances/1/forecasts?horizon_days=0', 'horizon_days'],
    ['/instances/1/forecasts?engine=mysql', 'engine'],
  ])('%s is refused and names %s', async (path, field) => {
    const answer = await api.get(`/api/v1${path}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
