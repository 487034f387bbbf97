import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../exporter/src/config/secret.ts';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { openHttp, startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let api: HttpApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startHttpApi(database.pool);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

/** Runs a test with an API of other settings. */
async function withApi(http: Partial<typeof openHttp>, work: (other: HttpApi) => Promise<void>): Promise<void> {
  const other = await startHttpApi(database.pool, 'UTC', { http: { ...openHttp, ...http } });
  try {
    await work(other);
  } finally {
    await other.close();
  }
}

describe('the name of a request', () => {
  test('is in the answer and with the fault in the log, brought along or new', async () => {
    const empty = await createTestDatabase({ empty: true });
    const broken = await startHttpApi(empty.pool);
    try {
      const named = await broken.get('/api/v1/instances', { headers: { 'x-request-id': 'from-a-proxy.7' } });
      expect(named.headers['x-request-id']).toBe('from-a-proxy.7');
      const fault = (requestId: unknown): unknown =>
        expect.stringMatching(new RegExp(`"requestId":"${String(requestId)}".*"msg":"a request failed"`));
      expect(broken.log().split('\n')).toContainEqual(fault('from-a-proxy.7'));
      const { headers } = await broken.get('/api/v1/instances');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(broken.log().split('\n')).toContainEqual(fault(headers['x-request-id']));
    } finally {
      await broken.close();
      await empty.close();
    }
  });

  test.each(['a b', '"', 'x'.repeat(101), '<script>'])('is not taken as %j', async (name) => {
    const { headers } = await api.get('/livez', { headers: { 'x-request-id': name } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a conditional request', () => {
  test('is 304 and empty as long as nothing has changed', async () => {
    const id = await addInstance(database.pool, 'conditional');
    for (const path of ['/api/v1/instances', `/api/v1/instances/${id}/database-sizes`, '/api/v1/openapi.json']) {
      const first = await api.get(path);
      const etag = first.headers.etag ?? '';
      expect(etag).toMatch(/^W\/"/);
      expect(first.headers['cache-control']).toContain('no-cache');
      const again = await api.get(path, { headers: { 'if-none-match': etag } });
      expect({ path, status: again.status, text: again.text }).toEqual({ path, status: 304, text: '' });
    }
    const path = `/api/v1/instances/${id}/database-sizes`;
    const { etag = '' } = (await api.get(path)).headers;
    await addMeasurements(database.pool, id, '2024-02-29', [measurement('a', 1)]);
    expect((await api.get(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });
});

describe('the body of a request', () => {
  const post = (options: object) => api.get('/api/v1/collections', { method: 'POST', ...options });

  test.each([
    ['{"instance":', 400, 'bad_request', {}],
    ['[]', 400, 'bad_request', {}],
    ['"x"', 400, 'bad_request', {}],
    ['instance=a', 415, 'unsupported_media_type', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['{}', 415, 'unsupported_media_type', { 'content-type': 'text/plain' }],
    ['{}', 415, 'unsupported_media_type', { 'content-type': 'application/json; charset=klingon' }],
    ['{}', 415, 'unsupported_media_type', { 'content-encoding': 'klingon' }],
    [JSON.stringify({ instance: 'x'.repeat(110_000) }), 413, 'payload_too_large', {}],
  ])('number %# is refused', async (body, status, code, headers) => {
    const answer = await post({ body, headers });
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ error: { code } });
  });

  test('is not read from strangers', async () => {
    const answer = await post({ body: 'x'.repeat(110_000), token: null });
    expect(answer.status).toBe(401);
  });
});

describe('the limit of requests', () => {
  test('is shared by all exporters, for each token on its own, and says when to come back', async () => {
    await withApi({ requestsPerMinute: 10 }, (one) =>
      withApi({ requestsPerMinute: 10 }, async (other) => {
        const token = one.admin;
        const statuses: number[] = [];
        for (let round = 0; round < 8; round += 1) {
          for (const exporter of [one, other]) statuses.push((await exporter.get('/api/v1/me', { token })).status);
        }
        expect(statuses).toEqual([...Array<number>(10).fill(200), ...Array<number>(6).fill(429)]);
        const refused = await one.get('/api/v1/instances', { token });
        expect(refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
        const seconds = Number(refused.headers['retry-after']);
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThanOrEqual(60);
        expect((await other.get('/api/v1/me', { token: other.admin })).status).toBe(200);
        for (const path of ['/livez', '/metrics', '/api/v1/openapi.json']) {
          expect((await one.get(path, { token })).status).toBe(200);
        }
      }),
    );
  });

  test('bounds requests without a valid token by address, and does not touch those with one', async () => {
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 320; attempt += 1) {
      statuses.add((await api.get('/api/v1/me', { token: new Secret(`guess-${attempt}`) })).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    expect((await api.get('/api/v1/me')).status).toBe(200);
    await database.pool.query('DELETE FROM rate_limits');
  });
});

describe('exports', () => {
  test('beyond the bound are told to come back, and their slots get free', async () => {
    await database.pool.query(
      `INSERT INTO instances (name, engine, host, port, database_name, source, labels)
       SELECT 'wide-' || n, 'mysql', 'host', 3306, '', 'user', jsonb_build_object('text', repeat('x', 5000))
       FROM generate_series(1, 4000) AS n`,
    );
    await withApi({ exports: 1 }, async (other) => {
      const address = new URL(other.url);
      // Somebody who takes nothing of the answer: it does not fit into the buffers on the way.
      const slow = connect(Number(address.port), address.hostname).on('error', () => undefined);
      slow.write(
        `GET /api/v1/instances?format=csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${other.admin.reveal()}\r\n\r\n`,
      );
      await once(slow, 'readable');
      const refused = await other.get('/api/v1/instances?format=csv');
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('5');
      expect(refused.json()).toMatchObject({ error: { code: 'overloaded' } });
      expect((await other.get('/api/v1/instances')).status).toBe(200);
      slow.destroy();
      await once(slow, 'close');
      let status = 503;
      for (let attempt = 0; attempt < 50 && status === 503; attempt += 1) {
        status = (await other.get('/api/v1/instances?format=csv')).status;
      }
      expect(status).toBe(200);
      expect(other.log()).toBe('');
    });
    await database.pool.query("DELETE FROM instances WHERE name LIKE 'wide-%'");
  });
});

describe('pages of other origins', () => {
  const preflight = (other: HttpApi, origin: string) =>
    other.get('/api/v1/instances', {
      method: 'OPTIONS',
      token: null,
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });

  test('may not call the API', async () => {
    const { headers } = await preflight(api, 'https://portal.example.net');
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const answer = await api.get('/api/v1/me', { headers: { origin: 'https://portal.example.net' } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('may where they are named', async () => {
    await withApi({ corsOrigins: ['https://portal.example.net'] }, async (other) => {
      const allowed = await preflight(other, 'https://portal.example.net');
      expect(allowed.status).toBe(204);
      expect(allowed.headers['access-control-allow-origin']).toBe('https://portal.example.net');
      const answer = await other.get('/api/v1/me', { headers: { origin: 'https://portal.example.net' } });
      expect(answer.headers['access-control-allow-origin']).toBe('https://portal.example.net');
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      const refused = await preflight(other, 'https://evil.example.net');
      expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    });
  });
});

describe('/metrics', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const status = async (other: HttpApi, headers: Record<string, string> = {}) =>
    (await other.get('/metrics', { token: null, headers })).status;

  test('is open where nothing is set', async () => {
    expect(await status(api)).toBe(200);
  });

  test('asks for its token', async () => {
    await withApi({ metricsAccess: { token: new Secret('scrape'), basic: null } }, async (other) => {
      const refused = await other.get('/metrics', { token: null });
      expect(refused.headers['www-authenticate']).toBe('Bearer realm="Tidemark"');
      expect(refused.status).toBe(401);
      expect(await status(other, { authorization: 'Bearer scrape' })).toBe(200);
      expect(await status(other, { authorization: 'Bearer scrap' })).toBe(401);
      expect(await status(other, basic('prometheus:scrape'))).toBe(401);
    });
  });

  test('asks for its password', async () => {
    const metricsAccess = { token: null, basic: { username: 'prometheus', password: new Secret('wörd:x') } };
    await withApi({ metricsAccess }, async (other) => {
      const refused = await other.get('/metrics', { token: null });
      expect(refused.headers['www-authenticate']).toBe('Basic realm="Tidemark"');
      expect(await status(other, basic('prometheus:wörd:x'))).toBe(200);
      for (const wrong of ['prometheus:', 'prometheus:word', 'Prometheus:wörd:x', 'wörd:x']) {
        expect(await status(other, basic(wrong))).toBe(401);
      }
      expect(refused.text + other.log()).not.toContain('wörd');
    });
  });
});
