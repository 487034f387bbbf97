import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { addInstance, addMeasurements, measurement, megabyte } from '../../support/fleet-fixtures.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { claimAll, endClaim, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const daysAgo = (days: number) => addDays(today, -days);
const beginOf = (day: string) => `${day}T00:00:00.000Z`;

interface Row {
  readonly kind: string;
  readonly database_name: string | null;
  readonly date: string;
}

describe('events', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let crm: number;
  let shop: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const list = (query: string, token = api.admin) => api.read<Row[]>(`/events?${query}`, token);
  const shown = async (query: string, token = api.admin) =>
    (await list(query, token)).map((row) => [row.kind, row.database_name, row.date]);

  test('of an empty fleet are none', async () => {
    expect(await list('')).toEqual([]);
  });

  test('are those of the last 30 days, the newest first', async () => {
    crm = await addInstance(database.pool, 'crm', { owner: 'team-a', labels: { tier: '1' } });
    shop = await addInstance(database.pool, 'shop', { owner: 'team-b' });
    for (let ago = 40; ago >= 1; ago -= 1) {
      await addMeasurements(database.pool, crm, daysAgo(ago), [
        measurement('customers', (1000 + (40 - ago) + (ago <= 5 ? 700 : 0)) * megabyte),
        ...(ago > 35 ? [measurement('long gone', megabyte)] : []),
        ...(ago > 8 ? [measurement('archive', 7 * megabyte)] : []),
        ...(ago <= 3 ? [measurement('created', 2 * megabyte)] : []),
      ]);
    }
    await addMeasurements(database.pool, shop, daysAgo(2), [measurement('orders', megabyte)]);
    await openRun(database.pool, [crm, shop]);
    for (const claim of await claimAll(database.pool)) {
      const error = { code: 'access_denied', message: 'crm refuses the login' };
      const ended = { databasesMeasured: 0, failures: [], warnings: [] };
      await (claim.instance.id === crm
        ? endClaim(database.pool, claim, { ...ended, status: 'failed', error })
        : endClaim(database.pool, claim, { ...ended, status: 'succeeded', error: null }));
    }
    const [failed, appeared, vanished, ...others] = await list('');
    const of = { instance_id: crm, instance_name: 'crm' };
    expect(failed).toEqual({
      ...{ at: expect.any(String), date: today, kind: 'collection_failed', ...of },
      ...{ database_name: null, message: 'crm refuses the login', change_bytes: null },
    });
    // The first databases of an instance did not appear: since then it is watched.
    expect(appeared).toEqual({
      ...{ at: beginOf(daysAgo(3)), date: daysAgo(3), kind: 'appeared', ...of },
      ...{ database_name: 'created', message: 'created appeared', change_bytes: null },
    });
    expect(vanished).toEqual({
      ...{ at: beginOf(daysAgo(8)), date: daysAgo(8), kind: 'vanished', ...of },
      ...{ database_name: 'archive', message: 'archive is gone', change_bytes: -7 * megabyte },
    });
    expect(others).toEqual([]);
  });

  test('within a range, both days included', async () => {
    expect(await shown(`start_date=${daysAgo(8)}&end_date=${daysAgo(3)}`)).toEqual([
      ['appeared', 'created', daysAgo(3)],
      ['vanished', 'archive', daysAgo(8)],
    ]);
    expect(await shown(`start_date=${daysAgo(7)}&end_date=${daysAgo(4)}`)).toEqual([]);
    expect(await shown(`start_date=${daysAgo(50)}&end_date=${daysAgo(9)}`)).toEqual([
      ['vanished', 'long gone', daysAgo(35)],
    ]);
    expect(await shown(`start_date=${addDays(today, 1)}`)).toEqual([]);
    expect(await shown('end_date=0001-01-01')).toEqual([]);
    expect(await shown('start_date=0001-01-01&end_date=9999-12-31')).toHaveLength(4);
  });

  test('of some kinds, and of a part of the fleet', async () => {
    expect(await shown('kind=appeared')).toEqual([['appeared', 'created', daysAgo(3)]]);
    expect(await shown('kind=appeared&kind=vanished&label=tier%3D1')).toHaveLength(2);
    expect(await shown('label=tier%3D2')).toEqual([]);
    expect(await shown('owner=team-b')).toEqual([]);
  });

  test('with steps where they are of one instance', async () => {
    const step = ['step_up', 'customers', daysAgo(5)];
    expect((await shown(`instance_id=${crm}`)).filter(([kind]) => kind === 'step_up')).toEqual([step]);
    expect(await shown(`instance_id=${crm}&kind=step_up&kind=vanished`)).toEqual([
      step,
      ['vanished', 'archive', daysAgo(8)],
    ]);
    expect(await list(`instance_id=${crm}&kind=step_up`)).toEqual([
      {
        ...{ at: beginOf(daysAgo(5)), date: daysAgo(5), kind: 'step_up', instance_id: crm, instance_name: 'crm' },
        ...{ database_name: 'customers', message: 'customers grew at one blow from 1,034 MiB to 1,735 MiB' },
        change_bytes: 701 * megabyte,
      },
    ]);
    expect(await shown(`instance_id=${crm}&kind=step_down`)).toEqual([]);
  });

  test.each([
    ['', 3],
    ['with steps', 4],
  ])('come in pages %s', async (steps, total) => {
    const filter = steps === '' ? '' : `instance_id=${crm}&`;
    const all = await shown(filter);
    expect(all).toHaveLength(total);
    const pages = await Promise.all(all.map((_, offset) => shown(`${filter}limit=1&offset=${offset}`)));
    expect(pages.flat()).toEqual(all);
    const { page } = (await api.get(`/api/v1/events?${filter}limit=1&offset=9`)).json() as { page: unknown };
    expect(page).toEqual({ limit: 1, offset: 9, total });
  });

  test('an owner sees those of its instances only', async () => {
    const own = await ownerToken(database.pool, 'team-a');
    const foreign = await ownerToken(database.pool, 'team-b');
    expect(await shown('', own)).toHaveLength(3);
    expect(await shown('', foreign)).toEqual([]);
    expect(await shown(`instance_id=${crm}`, foreign)).toEqual([]);
    expect(await shown(`instance_id=${crm}&kind=step_up`, foreign)).toEqual([]);
    expect(await shown(`instance_id=${crm}&kind=step_up`, own)).toHaveLength(1);
  });

  test('on the days of the configured time zone', async () => {
    const kiritimati = await startHttpApi(database.pool, 'Pacific/Kiritimati');
    const answer = await kiritimati.get(`/api/v1/events?kind=appeared&start_date=${daysAgo(3)}`);
    expect(answer.json()).toMatchObject({ data: [{ date: daysAgo(3), at: `${daysAgo(4)}T10:00:00.000Z` }] });
    await kiritimati.close();
  });

  test('come as CSV', async () => {
    const { text } = await api.get(`/api/v1/events?format=csv&limit=1&instance_id=${crm}`);
    const lines = parse<Record<string, string>>(text, { columns: true });
    expect(lines.map((line) => [line.kind, line.database_name, line.change_bytes])).toEqual([
      ['collection_failed', '', ''],
      ['appeared', 'created', ''],
      ['step_up', 'customers', String(701 * megabyte)],
      ['vanished', 'archive', String(-7 * megabyte)],
    ]);
  });

  test.each([
    ['kind=grew', 'kind.0'],
    ['kind=step_up', 'instance_id'],
    ['kind=appeared&kind=step_down&instance_id=1&instance_id=2', 'instance_id'],
    ['start_date=2026-02-02&end_date=2026-02-01', 'end_date'],
    ['sort=at', 'sort'],
  ])('%s is refused and names %s', async (query, field) => {
    const answer = await api.get(`/api/v1/events?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
