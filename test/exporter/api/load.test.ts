import { afterAll, beforeAll, expect, test } from '@jest/globals';
import autocannon from 'autocannon';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = dayIn('UTC', new Date());
const dashboards = 100;

let database: TestDatabase;
let api: HttpApi;
let ids: number[];

beforeAll(async () => {
  database = await createTestDatabase();
  const names = Array.from({ length: 20 }, (_none, index) => `instance-${index}`);
  ids = await addInstances(database.pool, names, (name) => ({ owner: `team-${name.slice(-1)}` }));
  for (const id of ids) {
    const rows = daysBetween(addDays(today, -90), today).flatMap((day, index) =>
      Array.from({ length: 20 }, (_none, number) => measurement(id, `db${number}`, day, (index + number) * 1_048_576)),
    );
    await importMeasurements(database.pool, rows);
  }
  await aggregate(database.pool, today);
  api = await startHttpApi(database.pool, 'UTC', { checkAnswers: false });
});

afterAll(async () => {
  await api.close();
  await database.close();
});

/** What a dashboard with six panels asks, once. */
function panelsOf(id: number): string[] {
  return [
    '/series?group_by=engine',
    '/series?group_by=instance&top=10',
    '/growth?days=30&limit=10',
    `/instances/${id}/database-sizes?start_date=${addDays(today, -30)}`,
    `/instances/${id}/database-sizes/aggregations?period_type=weekly`,
    '/databases?limit=50',
  ];
}

test('a hundred dashboards at once are all answered', async () => {
  const requests = ids.flatMap(panelsOf).map((path) => ({ method: 'GET' as const, path: `/api/v1${path}` }));
  const result = await autocannon({
    url: api.url,
    connections: dashboards,
    amount: dashboards * 6,
    timeout: 60,
    headers: { authorization: `Bearer ${api.admin.reveal()}`, 'accept-encoding': 'gzip' },
    requests,
  });
  const { errors, timeouts, non2xx, latency, requests: sent } = result;
  expect({ errors, timeouts, non2xx, answered: result['2xx'], sent: sent.sent }).toEqual({
    ...{ errors: 0, timeouts: 0, non2xx: 0 },
    ...{ answered: dashboards * 6, sent: dashboards * 6 },
  });
  console.info(`${dashboards} dashboards at once: median ${latency.p50} ms, p99 ${latency.p99} ms`);
}, 120_000);
