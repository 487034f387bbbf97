import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { ownerToken, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const mebibyte = 1_048_576;

interface Listed {
  readonly id: number;
  readonly name: string;
  readonly growth: { readonly days: number; readonly change_bytes: number | null; readonly growth_rate: number | null };
  readonly sparkline: { readonly t: string[]; readonly size_bytes: number[] } | null;
}

describe('the list of instances', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let ids: Map<string, number>;

  beforeAll(async () => {
    database = await createTestDatabase();
    const names = ['Alpha', 'beta', 'gamma', 'delta-100%', 'retired'];
    const created = await addInstances(database.pool, names, (name, index) => ({
      owner: ['team-a', 'team-b', null, 'team-a', 'team-a'][index] ?? null,
      labels: name === 'gamma' ? {} : { environment: index % 2 === 0 ? 'production' : 'test', tier: '1' },
    }));
    ids = new Map(names.map((name, index) => [name, created[index] ?? 0]));
    const [alpha = 0, beta = 0, gamma = 0, , retired = 0] = created;
    await database.pool.query("UPDATE instances SET engine = 'mysql' WHERE id = $1", [beta]);
    await database.pool.query('UPDATE instances SET is_active = false WHERE id = $1', [retired]);
    const days = daysBetween(addDays(today, -40), today);
    await importMeasurements(
      database.pool,
      days.flatMap((day, index) => [
        measurement(alpha, 'a', day, (100 + index) * mebibyte),
        measurement(beta, 'b', day, (500 - 2 * index) * mebibyte),
        measurement(beta, 'c', day, 5 * mebibyte),
        ...(day === today ? [measurement(gamma, 'new', day, mebibyte)] : []),
        ...(index < 10 ? [measurement(retired, 'old', day, 9 * mebibyte)] : []),
      ]),
    );
    const ended = { databasesMeasured: 1, failures: [], warnings: [] };
    const error = { code: 'access_denied', message: 'no' };
    for (const [id, outcome] of [
      [alpha, { ...ended, status: 'succeeded', error: null }],
      [beta, { ...ended, status: 'failed', error }],
      [alpha, { ...ended, status: 'partial', error: null }],
    ] as const) {
      await openRun(database.pool, [id]);
      await finishInstance(database.pool, id, outcome);
    }
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const list = async (query: string): Promise<Listed[]> => {
    const answer = await api.get(`/api/v1/instances?${query}`);
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    const { data, page } = answer.json() as { data: Listed[]; page: { total: number } };
    expect(page.total).toBe(data.length);
    return data;
  };
  const namesOf = async (query: string) => (await list(query)).map((instance) => instance.name);

  test.each([
    ['search=A', ['Alpha', 'beta', 'delta-100%', 'gamma']],
    ['search=0%25', ['delta-100%']],
    ['search=%5F', []],
    ['engine=mysql', ['beta']],
    ['engine=mysql&engine=postgresql&active=true', ['Alpha', 'beta', 'delta-100%', 'gamma']],
    ['owner=team-b', ['beta']],
    ['owner=', ['gamma']],
    ['owner=&owner=team-b', ['beta', 'gamma']],
    ['label=environment=test', ['beta', 'delta-100%']],
    ['label=environment=test&label=environment=production&label=tier=1&active=true', ['Alpha', 'beta', 'delta-100%']],
    ['label=environment=test&label=tier=2', []],
    ['active=false', ['retired']],
    ['status=never', ['delta-100%', 'gamma', 'retired']],
    ['status=failed', ['beta']],
    ['status=partial&engine=postgresql', ['Alpha']],
    ['status=succeeded', []],
  ])('?%s leaves %j', async (query, names) => {
    expect(await namesOf(query)).toEqual(names);
  });

  test.each([
    ['name', ['Alpha', 'beta', 'delta-100%', 'gamma', 'retired']],
    ['-name', ['retired', 'gamma', 'delta-100%', 'beta', 'Alpha']],
    ['-engine', ['Alpha', 'delta-100%', 'gamma', 'retired', 'beta']],
    ['owner', ['Alpha', 'delta-100%', 'retired', 'beta', 'gamma']],
    ['-total_size_bytes', ['beta', 'Alpha', 'retired', 'gamma', 'delta-100%']],
    ['total_size_bytes', ['gamma', 'retired', 'Alpha', 'beta', 'delta-100%']],
    ['-change_bytes', ['Alpha', 'beta', 'delta-100%', 'gamma', 'retired']],
    ['change_bytes', ['beta', 'Alpha', 'delta-100%', 'gamma', 'retired']],
    ['-growth_rate', ['Alpha', 'beta', 'delta-100%', 'gamma', 'retired']],
    ['-database_count', ['beta', 'Alpha', 'gamma', 'retired', 'delta-100%']],
    ['-last_collection', ['Alpha', 'beta', 'delta-100%', 'gamma', 'retired']],
    ['last_collection', ['beta', 'Alpha', 'delta-100%', 'gamma', 'retired']],
  ])('sorted by %s: what is not known comes last', async (sort, names) => {
    expect(await namesOf(`sort=${sort}`)).toEqual(names);
  });

  test('growth is that of the fleet, over as many days as are asked for', async () => {
    const byName = new Map((await list('growth_days=20')).map((instance) => [instance.name, instance.growth]));
    expect(byName.get('Alpha')).toEqual({ days: 20, change_bytes: 20 * mebibyte, growth_rate: 16.7 });
    expect(byName.get('beta')).toEqual({ days: 20, change_bytes: -40 * mebibyte, growth_rate: -8.6 });
    // New databases on an instance that was not watched then tell nothing.
    expect(byName.get('gamma')).toEqual({ days: 20, change_bytes: null, growth_rate: null });
    expect(byName.get('retired')).toBeNull();
    const fleet = await api.get('/api/v1/growth?days=20&group_by=instance&order=shrink');
    expect((fleet.json() as { data: unknown[] }).data[0]).toMatchObject({
      instance_name: 'beta',
      change_bytes: -40 * mebibyte,
    });
    const sorted = await list('growth_days=20&sort=change_bytes&limit=1000');
    expect(sorted[0]?.growth).toEqual(byName.get('beta'));
  });

  test('a sparkline is there when it is asked for, with the days that were measured', async () => {
    expect((await list('')).every((instance) => instance.sparkline === null)).toBe(true);
    const byName = new Map((await list('sparkline_days=3')).map((instance) => [instance.name, instance.sparkline]));
    expect(byName.get('Alpha')).toEqual({
      t: [addDays(today, -2), addDays(today, -1), today],
      size_bytes: [138, 139, 140].map((size) => size * mebibyte),
    });
    expect(byName.get('gamma')).toEqual({ t: [today], size_bytes: [mebibyte] });
    expect(byName.get('retired')).toEqual({ t: [], size_bytes: [] });
    const one = await api.get(`/api/v1/instances/${ids.get('Alpha')}?sparkline_days=2&growth_days=7`);
    expect(one.json()).toMatchObject({
      data: { name: 'Alpha', sparkline: { t: [addDays(today, -1), today] }, growth: { change_bytes: 7 * mebibyte } },
    });
  });

  test('an owner sees its own instances, and no filter leads beyond them', async () => {
    const token = await ownerToken(database.pool, 'team-a');
    const asOwner = async (path: string) => (await api.get(`/api/v1${path}`, { token })).json() as { data: Listed[] };
    const own = ['Alpha', 'delta-100%', 'retired'];
    expect((await asOwner('/instances')).data.map((instance) => instance.name)).toEqual(own);
    expect((await asOwner('/instances?owner=team-b')).data).toEqual([]);
    expect((await asOwner(`/instances?instance_id=${ids.get('beta')}`)).data).toEqual([]);
    expect((await asOwner('/instances?sort=-change_bytes&owner=team-a&owner=')).data).toHaveLength(3);
    const [foreign, unknown] = await Promise.all(
      [ids.get('beta'), 4711].map((id) => api.get(`/api/v1/instances/${id}`, { token })),
    );
    expect([foreign?.status, unknown?.status]).toEqual([404, 404]);
    expect(foreign?.text.replace(String(ids.get('beta')), '4711')).toBe(unknown?.text);
  });

  test('CSV has all rows, a column for each field', async () => {
    const { text, headers } = await api.get('/api/v1/instances?format=csv&limit=1&sort=-name&sparkline_days=2');
    expect(headers['content-type']).toContain('text/csv');
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows.map((row) => row.name)).toEqual(['retired', 'gamma', 'delta-100%', 'beta', 'Alpha']);
    expect(rows[3]).toMatchObject({
      tls_mode: 'disable',
      growth_change_bytes: String(-60 * mebibyte),
      last_collection_error_code: 'access_denied',
      labels: '{"tier":"1","environment":"test"}',
    });
    expect(rows[1]).toMatchObject({ growth_change_bytes: '', last_collection_status: '' });
  });

  test.each([
    ['engine=db2', 'engine.0'],
    ['label=environment', 'label.0'],
    ['label==x', 'label.0'],
    ['instance_id=0', 'instance_id.0'],
    ['search=', 'search'],
    ['status=lost', 'status'],
    ['active=yes', 'active'],
    ['sort=host', 'sort'],
    ['growth_days=0', 'growth_days'],
    ['sparkline_days=367', 'sparkline_days'],
    ['limit=1001', 'limit'],
    ['surprise=1', 'surprise'],
  ])('?%s is refused and names %s', async (query, field) => {
    const answer = await api.get(`/api/v1/instances?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });
});
