import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn, periodOf } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const mebibyte = 1_048_576;
const today = dayIn('UTC', new Date());
const first = addDays(today, -120);

describe('routes of growth and statistics', () => {
  let database: TestDatabase;
  let api: HttpApi;
  let id: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    [id = 0] = await addInstances(database.pool, ['crm'], () => ({ owner: 'team-a', labels: { environment: 'test' } }));
    await importMeasurements(
      database.pool,
      daysBetween(first, today).flatMap((day, index) => [
        measurement(id, 'loaded', day, (1000 + index + (day >= addDays(today, -10) ? 800 : 0)) * mebibyte),
        ...(day < addDays(today, -5) ? [measurement(id, 'dropped', day, 50 * mebibyte)] : []),
        ...(day > addDays(today, -3) ? [measurement(id, 'created', day, mebibyte)] : []),
      ]),
    );
    api = await startHttpApi(database.pool);
  });
  afterAll(async () => {
    await api.close();
    await database.close();
  });

  const get = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await api.get(`/api/v1${path}`);
    return { status: answer.status, body: answer.json() as Record<string, unknown> };
  };

  test('growth is paged and says what is new and what is gone', async () => {
    const { status, body } = await get('/growth?days=30&limit=2');
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        expect.objectContaining({
          instance_name: 'crm',
          database_name: 'loaded',
          change_bytes: 830 * mebibyte,
          growth_rate: 76.1,
        }),
        expect.objectContaining({ database_name: 'created', change_bytes: mebibyte, growth_rate: null, new_count: 1 }),
      ],
      page: { limit: 2, offset: 0, total: 3 },
    });
    const byOwner = await get('/growth?group_by=owner');
    expect(byOwner.body.data).toMatchObject([{ group: 'team-a', vanished_count: 1, new_count: 1 }]);
    expect((await get('/growth?group_by=label&label=environment')).body.data).toMatchObject([{ group: 'test' }]);
  });

  test('daily totals come in columns, up to the last measurement', async () => {
    const { body } = await get(`/daily-totals?start_date=${addDays(today, -1)}`);
    expect(body).toEqual({
      data: [
        {
          group: null,
          t: [addDays(today, -1), today],
          size_bytes: [(1000 + 119 + 801) * mebibyte, (1000 + 120 + 801) * mebibyte],
          database_count: [2, 2],
          instance_count: [1, 1],
        },
      ],
    });
  });

  test('changes name what appeared, vanished and jumped, newest first', async () => {
    const { body } = await get(`/instances/${id}/database-sizes/changes`);
    expect(body.data).toMatchObject([
      { database_name: 'created', kind: 'appeared', date: addDays(today, -2) },
      { database_name: 'dropped', kind: 'vanished', date: addDays(today, -5), before_bytes: 50 * mebibyte },
      {
        database_name: 'loaded',
        kind: 'step_up',
        date: addDays(today, -10),
        change_bytes: 801 * mebibyte,
        expected_bytes: mebibyte,
      },
    ]);
    const { body: filtered } = await get(`/instances/${id}/database-sizes/changes?database_name=loaded`);
    expect(filtered.data).toHaveLength(1);
    const { body: earlier } = await get(`/instances/${id}/database-sizes/changes?end_date=${addDays(today, -11)}`);
    expect(earlier.data).toEqual([]);
  });

  test('statistics are never older than the measurements', async () => {
    const month = periodOf('monthly', today);
    const path = `/instances/${id}/database-sizes/aggregations?period_type=monthly&start_date=${month.start}`;
    const before = await get(path);
    expect(before.body.data).toContainEqual(
      expect.objectContaining({ database_name: 'created', is_complete: false, period_start: month.start }),
    );
    await importMeasurements(database.pool, [measurement(id, 'created', today, 9 * mebibyte)]);
    const after = await get(path);
    const created = (after.body.data as { database_name: string; statistics: Record<string, unknown> }[]).find(
      (row) => row.database_name === 'created',
    );
    expect(created?.statistics).toMatchObject({
      max_size_mb: 9,
      last_size_bytes: 9 * mebibyte,
      last_date: today,
      vanished_date: null,
    });
    const { body: trends } = await get(`/instances/${id}/database-sizes/trends?period_type=monthly&months=2`);
    expect(trends.data).toMatchObject({ summary: { largest_database: 'loaded' } });
  });

  test.each([
    ['/growth?days=0', 'days'],
    ['/growth?group_by=label', 'label'],
    ['/growth?label=environment', 'label'],
    ['/growth?order=fastest', 'order'],
    ['/growth?instance_id=x', 'instance_id'],
    ['/daily-totals?group_by=database', 'group_by'],
    ['/daily-totals?start_date=2026-02-30', 'start_date'],
    ['/daily-totals?start_date=2026-02-02&end_date=2026-02-01', 'end_date'],
    ['/daily-totals?surprise=1', 'surprise'],
  ])('%s is refused and names %s', async (path, field) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'bad_request', details: [{ field }] } });
  });

  test('an unknown instance is not found', async () => {
    expect(await get('/instances/4711/database-sizes/changes')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
  });
});
