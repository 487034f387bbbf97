import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadConfig, type Config } from '../../../exporter/src/config/config.ts';
import { LiveSettings } from '../../../exporter/src/live-settings.ts';
import { createLogger } from '../../../exporter/src/log.ts';
import type { Job, Setting } from '../../../exporter/src/api/types.ts';
import { startHttpApi, type Answer, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const log = createLogger('silent');
const watch = { saw: () => false, whenAvailable: () => Promise.resolve() };

let database: TestDatabase;
let api: HttpApi;
let settings: LiveSettings;
let seen: Config[];

beforeAll(async () => {
  database = await createTestDatabase();
  const config = loadConfig({ TIDEMARK_CONCURRENCY: '5' });
  settings = new LiveSettings(database.pool, config, watch, log);
  settings.onChange((changed) => void seen.push(changed));
  api = await startHttpApi(database.pool, 'Europe/Paris', { settings });
  seen = [];
});

afterEach(async () => {
  await database.pool.query('DELETE FROM settings');
  await settings.refresh();
  seen = [];
});

afterAll(async () => {
  await api.close();
  await database.close();
});

const change = (body: unknown): Promise<Answer> => api.get('/api/v1/settings', { method: 'PATCH', body });

async function setting(name: string): Promise<Setting | undefined> {
  const { data } = (await api.get('/api/v1/settings')).json() as { data: Setting[] };
  return data.find((candidate) => candidate.name === name);
}

async function job(name: string): Promise<Job | undefined> {
  const { data } = (await api.get('/api/v1/jobs')).json() as { data: Job[] };
  return data.find((candidate) => candidate.job === name);
}

test('every setting says its value, its bounds and where the value comes from', async () => {
  expect(await setting('retention_days')).toMatchObject({
    ...{ value: 365, default: 365, source: 'default', editable: true, variable: 'DATABASE_SIZE_RETENTION_DAYS' },
    ...{ unit: 'days', minimum: 7, changed_by: null, changed_at: null },
  });
  expect(await setting('concurrency')).toMatchObject({ value: 5, source: 'environment', editable: false });
});

test('a change is in effect at once, says who made it, and is in the audit log', async () => {
  const answer = await change({ retention_days: 400, collect_schedule: '30 2 * * *' });
  expect(answer.status).toBe(200);
  expect(await setting('retention_days')).toMatchObject({
    ...{ value: 400, default: 365, source: 'repository' },
    changed_by: expect.stringContaining('tests') as unknown,
  });
  expect(seen.at(-1)).toMatchObject({ retention: { days: 400 }, collect: { schedule: '30 2 * * *' } });
  const { data } = (await api.get('/api/v1/audit?action=update')).json() as { data: { object_name: string }[] };
  expect(data).toContainEqual(
    expect.objectContaining({ object_type: 'setting', object_name: 'retention_days', changes: { value: [null, 400] } }),
  );
});

test('null goes back to the standard', async () => {
  await change({ retention_days: 400 });
  await change({ retention_days: null });
  expect(await setting('retention_days')).toMatchObject({ value: 365, source: 'default' });
  expect(seen.at(-1)?.retention.days).toBe(365);
});

test('what the environment fixes is refused, and nothing beside it is changed', async () => {
  const answer = await change({ concurrency: 3, retention_days: 400 });
  expect(answer.status).toBe(409);
  expect(answer.json()).toMatchObject({
    error: { code: 'setting_fixed', message: 'concurrency: fixed by the environment of the exporter: change it there' },
  });
  expect(await setting('retention_days')).toMatchObject({ value: 365 });
});

test.each([
  ['an unknown setting', { retention_weeks: 3 }],
  ['a number that is too small', { retention_days: 0 }],
  ['a text for a number', { retention_days: '400' }],
  ['no schedule', { collect_schedule: 'tomorrow' }],
  ['a text for a switch', { collect_enabled: 'yes' }],
  ['nothing', {}],
])('%s is refused', async (_what, body) => {
  const answer = await change(body);
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({ error: { code: 'bad_request' } });
  expect(seen).toEqual([]);
});

test('the jobs follow the settings', async () => {
  expect(await job('collect')).toMatchObject({ enabled: true, last_run: null });
  await change({ collect_enabled: false, aggregation_schedule: '15 5 * * *' });
  expect(await job('collect')).toMatchObject({ enabled: false, next_due_at: null });
  const aggregate = await job('aggregate');
  expect(aggregate).toMatchObject({ schedule: '15 5 * * *' });
  const paris = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Paris', timeStyle: 'short' });
  expect(paris.format(new Date(aggregate?.next_due_at ?? 0))).toBe('05:15');
});

test('another exporter follows what is in the repository', async () => {
  const other = new LiveSettings(database.pool, loadConfig({ TIDEMARK_CONCURRENCY: '7' }), watch, log);
  await change({ retention_months: 30 });
  await other.refresh();
  expect(other.config).toMatchObject({ retention: { months: 30 }, concurrency: 7 });
});

test('a stored value that cannot be used is passed over', async () => {
  await database.pool.query(
    `INSERT INTO settings (name, value, changed_by) VALUES ('retention_days', '"many"', 'somebody')`,
  );
  await settings.refresh();
  expect(settings.config.retention.days).toBe(365);
});
