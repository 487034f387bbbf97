import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { addDays, dayIn } from '../../../exporter/src/store/periods.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import { RepositoryWatch } from '../../../exporter/src/store/watch.ts';
import { addInstances, daysBetween, measurement } from '../../support/history.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { asSuperuser, createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const today = dayIn('UTC', new Date());

let database: TestDatabase;
let api: HttpApi;
let readOnly: ReturnType<typeof createPool>;
let instance: number;

const setReadOnly = async (state: 'on' | 'off') => {
  const name = new URL(database.url.reveal()).pathname.slice(1);
  await asSuperuser('postgres', `ALTER DATABASE ${name} SET default_transaction_read_only = ${state}`);
};

beforeAll(async () => {
  database = await createTestDatabase();
  [instance = 0] = await addInstances(database.pool, ['crm']);
  const days = daysBetween(addDays(today, -60), today);
  await importMeasurements(
    database.pool,
    days.map((day, index) => measurement(instance, 'customers', day, (index + 1) * 1_048_576)),
  );
  api = await startHttpApi(database.pool);
  await api.close();
  await setReadOnly('on');
  readOnly = createPool(database.url, testDeadlines);
  const { admin } = api;
  const again = await startHttpApi(readOnly);
  api = { ...again, get: (path, options = {}) => again.get(path, { token: admin, ...options }) };
});

afterAll(async () => {
  await api.close();
  await readOnly.end();
  await database.close();
});

test('a repository that can only be read is read, with statistics that were not stored yet left out', async () => {
  const paths = ['/instances', '/databases', '/growth', '/series', `/instances/${instance}/database-sizes`, '/me'];
  for (const path of [...paths, `/instances/${instance}/database-sizes/aggregations?period_type=monthly`]) {
    expect([path, (await api.get(`/api/v1${path}`)).status]).toEqual([path, 200]);
  }
  const { data } = (await api.get('/api/v1/databases')).json() as { data: { size_bytes: number }[] };
  expect(data).toEqual([expect.objectContaining({ size_bytes: 61 * 1_048_576 })]);
});

test('what would have to be written is refused, and says why', async () => {
  const body = { name: 'another', role: 'viewer' };
  const answer = await api.get('/api/v1/tokens', { method: 'POST', body });
  expect(answer.status).toBe(503);
  expect(answer.json()).toMatchObject({
    error: {
      code: 'repository_unavailable',
      message: 'the repository can only be read at present: try again later',
    },
  });
});

test('whoever has to write waits until it can be written to', async () => {
  const watch = new RepositoryWatch(readOnly, createLogger('silent'));
  const error: unknown = await readOnly.query('DELETE FROM instances').catch((reason: unknown) => reason);
  expect(watch.saw(error)).toBe(true);
  let isOver = false;
  const over = watch.whenAvailable().then(() => (isOver = true));
  // Longer than the pause before the first look.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(isOver).toBe(false);
  await setReadOnly('off');
  const { rows } = await readOnly.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  // A standby that is promoted ends what reads on it; here the connections are to see the new setting.
  await asSuperuser('postgres', ...rows.map(({ pid }) => `SELECT pg_terminate_backend(${pid})`));
  await until(() => isOver, 'the outage to be over');
  await over;
  await watch.stop();
});
