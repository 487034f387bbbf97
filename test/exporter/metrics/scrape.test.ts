import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { formatFor } from '../../../exporter/src/metrics/negotiation.ts';
import { parseExposition } from '../../support/exposition.ts';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const openmetrics = 'application/openmetrics-text;version=1.0.0';
const day = '2024-01-31';
let database: TestDatabase;
let api: HttpApi;
let id: number;

beforeAll(async () => {
  database = await createTestDatabase();
  id = await addInstance(database.pool, 'orders');
  await addMeasurements(
    database.pool,
    id,
    day,
    hostileNames.map((name, index) => measurement(name, index)),
  );
  await openRun(database.pool, [id]);
  const error = { code: 'timeout', message: '' };
  await finishInstance(database.pool, id, {
    status: 'failed',
    databasesMeasured: 0,
    failures: [],
    warnings: [],
    error,
  });
  api = await startHttpApi(database.pool);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

/** Samples of the fleet: the exporter's own differ from scrape to scrape. */
const fleetOf = (text: string): string[] => text.split('\n').filter((line) => line.includes('db_instance='));

describe('a scrape', () => {
  test('is answered in gzip where that is accepted, with the same samples', async () => {
    const plain = await api.get('/metrics');
    const packed = await api.get('/metrics', { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    for (const { headers, body } of [plain, packed]) {
      expect(Number(headers['content-length'])).toBe(body.length);
      expect(headers.vary).toContain('Accept-Encoding');
      expect(headers['cache-control']).toBe('no-cache, no-transform');
    }
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    const text = gunzipSync(packed.body).toString('utf8');
    expect(fleetOf(text)).toEqual(fleetOf(plain.text));
    expect(parseExposition(text).samples.length).toBeGreaterThan(hostileNames.length);
  });

  test('is not packed in any other way', async () => {
    for (const encoding of ['br', 'deflate', 'gzip;q=0', 'identity']) {
      const answer = await api.get('/metrics', { headers: { 'accept-encoding': encoding } });
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(fleetOf(answer.text).length).toBeGreaterThan(hostileNames.length);
    }
  });

  test('is answered in OpenMetrics to those who ask for it', async () => {
    for (const encoding of ['identity', 'gzip']) {
      const headers = { accept: openmetrics, 'accept-encoding': encoding };
      const answer = await api.get('/metrics', { headers });
      expect(answer.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
      const text = (encoding === 'gzip' ? gunzipSync(answer.body) : answer.body).toString('utf8');
      expect(text.endsWith('\n# EOF\n')).toBe(true);
      expect(text).toContain('# TYPE tidemark_collection_errors counter\n');
      expect(text).toContain('# TYPE process_cpu_seconds counter\n');
      expect(text).toContain(
        '\ntidemark_collection_errors_total{db_instance="orders",engine="postgresql",reason="timeout"} 1\n',
      );
      expect(text).not.toMatch(/_total_total|\n\n/);
      expect(fleetOf(text)).toEqual(fleetOf((await api.get('/metrics')).text));
    }
  });

  test('of the older format has counters under their full names, and no end', async () => {
    const { text } = await api.get('/metrics');
    expect(text).toContain('# TYPE tidemark_collection_errors_total counter\n');
    expect(text).not.toContain('EOF');
  });

  test('by HEAD has the same headers and nothing else', async () => {
    const answer = await api.get('/metrics', { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(0);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(1000);
  });

  test('is not sent again to those who know what is shown of the fleet', async () => {
    const { headers } = await api.get('/metrics');
    const etag = headers.etag ?? '';
    expect(etag).toMatch(/^W\/".+-text"$/);
    expect(await api.get('/metrics', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' });
    // Another exporter of the same repository says the same, and another format is another answer.
    const other = await startHttpApi(database.pool);
    expect((await other.get('/metrics')).headers.etag).toBe(etag);
    await other.close();
    const changed = await api.get('/metrics', { headers: { 'if-none-match': etag, accept: openmetrics } });
    expect(changed.status).toBe(200);
    await addMeasurements(database.pool, id, day, [measurement('shop', 5)], {
      time: '11:00:00',
      unmeasured: hostileNames,
    });
    expect((await api.get('/metrics', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});

test('requests are measured by the pattern of their route', async () => {
  await api.get(`/api/v1/instances/${id}/database-sizes`);
  await api.get('/livez');
  await api.get('/no/such/path');
  const { samples } = parseExposition((await api.get('/metrics')).text);
  const counts = samples.filter((sample) => sample.name === 'http_request_duration_seconds_count');
  expect(
    counts.map(({ labels }) => `${labels.method ?? ''} ${labels.route ?? ''} ${labels.status_code ?? ''}`),
  ).toEqual(
    expect.arrayContaining([
      'GET /api/v1/instances/:instanceId/database-sizes 200',
      'GET /livez 200',
      'GET /metrics 200',
      'GET none 404',
    ]),
  );
  const buckets = samples.filter(
    ({ name, labels }) => name === 'http_request_duration_seconds_bucket' && labels.route === '/livez',
  );
  expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: 1 });
});

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  // Prometheus 2.42, 2.50 and 3, and a scraper that knows only what is to come.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['text/plain;version=0.0.4;q=1,*/*;q=0.1', 'text'],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'openmetrics',
  ],
  ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'text'],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.9', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=x;;,', 'text'],
])('who accepts %s gets %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});
