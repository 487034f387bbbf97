import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const mebibyte = 1_048_576;

interface Series {
  readonly group: string | null;
  readonly other: boolean;
  readonly t: string[];
  readonly values: (number | null)[];
}

describe('GET /series', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let shop: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    [crm = 0, shop = 0] = await addInstances(database.pool, ['crm', 'shop'], (name) => ({
      owner: name === 'shop' ? 'team-b' : 'team-a',
      labels: { environment: name },
    }));
    await importMeasurements(
      database.pool,
      daysBetween(addDays(today, -400), today).flatMap((day, index) => [
        measurement(crm, 'customers', day, (index === 123 ? 9000 : 100) * mebibyte),
        measurement(crm, 'archive', day, 50 * mebibyte),
        ...(day === addDays(today, -1) ? [] : [measurement(shop, 'orders', day, 1000 * mebibyte)]),
      ]),
    );
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const read = (query: string, token = api.admin) => api.read<Series[]>(`/series?${query}`, token);

  test('the last 30 days of the fleet, without a dip where an instance was not measured', async () => {
    const [fleet, ...rest] = await read('');
    expect(rest).toEqual([]);
    expect(fleet).toMatchObject({
      ...{ group: null, instance_id: null, instance_name: null, database_name: null, other: false },
      t: daysBetween(addDays(today, -29), today),
    });
    expect(new Set(fleet?.values)).toEqual(new Set([1150 * mebibyte]));
  });

  test('groups, filters, and the rest of the fleet as one', async () => {
    expect((await read('group_by=owner')).map((series) => series.group)).toEqual(['team-b', 'team-a']);
    expect((await read('group_by=label&group_label=environment&top=1')).map((series) => series.group)).toEqual([
      'shop',
      null,
    ]);
    expect((await read('group_by=instance')).map((series) => series.t.length)).toEqual([29, 30]);
    expect(await read(`group_by=database&top=1&start_date=${today}`)).toEqual([
      {
        ...{ group: 'orders', instance_id: shop, instance_name: 'shop', database_name: 'orders', other: false },
        ...{ t: [today], values: [1000 * mebibyte] },
      },
      {
        ...{ group: null, instance_id: null, instance_name: null, database_name: null, other: true },
        ...{ t: [today], values: [150 * mebibyte] },
      },
    ]);
    expect(await read(`owner=team-a&measure=database_count&start_date=${today}`)).toMatchObject([{ values: [2] }]);
    expect(await read(`database_name=archive&database_name=orders&start_date=${today}`)).toMatchObject([
      { values: [1050 * mebibyte] },
    ]);
    expect(await read(`measure=log&start_date=${today}`)).toMatchObject([{ values: [null] }]);
  });

  test('a whole year in few points keeps its peak and its ends', async () => {
    const range = `group_by=instance&instance_id=${crm}&start_date=${addDays(today, -400)}&end_date=${today}`;
    const [full] = await read(range);
    expect(full?.t).toHaveLength(401);
    const [few] = await read(`${range}&points=10`);
    expect(few?.t.length).toBeLessThanOrEqual(10);
    expect(Math.max(...(few?.values ?? []).map(Number))).toBe(9050 * mebibyte);
    expect([few?.t[0], few?.t.at(-1)]).toEqual([addDays(today, -400), today]);
    const csv = await api.get(`/api/v1/series?${range}&points=10&format=csv`);
    expect(csv.text.trim().split('\r\n')).toHaveLength(402);
    expect(csv.text).toContain(`crm,${crm},crm,,false,${today},${150 * mebibyte}\r\n`);
  });

  test('an owner sees its instances only, in every group', async () => {
    const token = await ownerToken(database.pool, 'team-a');
    for (const groupBy of ['fleet', 'engine', 'owner', 'instance']) {
      const series = await read(`group_by=${groupBy}&start_date=${today}`, token);
      expect(series.map((one) => one.values)).toEqual([[150 * mebibyte]]);
    }
    const databases = await read('group_by=database&top=1', token);
    expect(databases.map((one) => [one.group, one.other])).toEqual([
      ['customers', false],
      [null, true],
    ]);
    expect(await read(`database_name=orders`, token)).toEqual([]);
    expect(await read(`instance_id=${shop}`, token)).toEqual([]);
  });

  test.each([
    ['group_by=table', 'group_by'],
    ['group_by=label', 'group_label'],
    ['group_label=x', 'group_label'],
    ['measure=index', 'measure'],
    ['points=3', 'points'],
    ['top=201', 'top'],
    ['start_date=2026-02-30', 'start_date'],
    ['start_date=2026-02-02&end_date=2026-02-01', 'end_date'],
    ['start_date=2001-01-01&end_date=2026-02-01', 'start_date'],
    ['database_name=', 'database_name.0'],
    ['surprise=1', 'surprise'],
  ])('?%s is refused and names %s', async (query, field) => {
    const answer = await api.get(`/api/v1/series?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
