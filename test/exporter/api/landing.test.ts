import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { version } from '../../../exporter/src/version.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
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

beforeEach(() => database.pool.query('TRUNCATE instances, collection_sessions CASCADE'));

async function lastRun(): Promise<string> {
  const { text } = await api.get('/');
  return /<p id="last-run">(.*)<\/p>/.exec(text)?.[1] ?? '';
}

describe('the landing page', () => {
  test('is HTML that names the product, its version and where things are', async () => {
    const answer = await api.get('/');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toMatch(/^<!doctype html>/);
    expect(answer.text).toContain(`Tidemark ${version}`);
  });

  test('links to nothing that is not there', async () => {
    const { text } = await api.get('/');
    const links = [...text.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links).toEqual(expect.arrayContaining(['/metrics', '/api/v1/docs', '/livez', '/readyz']));
    for (const link of links) expect({ link, status: (await api.get(link)).status }).toEqual({ link, status: 200 });
  });

  test('says that there was no run yet', async () => {
    expect(await lastRun()).toBe('none yet');
  });

  test('says since when a run is under way, and how it ended', async () => {
    const ids = [await addInstance(database.pool, 'a'), await addInstance(database.pool, 'b')];
    await openRun(database.pool, ids);
    await database.pool.query("UPDATE collection_sessions SET started_at = '2024-02-29T03:00:00Z'");
    expect(await lastRun()).toBe(
      'running (since 2024-02-29T03:00:00.000Z): 2 instances, 0 succeeded, 0 partly, 0 failed; ' +
        '0 databases measured, 0 failed',
    );
    for (const [index, status] of (['succeeded', 'failed'] as const).entries()) {
      const id = ids[index] ?? 0;
      const error = status === 'failed' ? { code: 'timeout', message: '<script>alert(1)</script>' } : null;
      await finishInstance(database.pool, id, {
        status,
        databasesMeasured: status === 'failed' ? 0 : 12,
        failures: [],
        warnings: [],
        error,
      });
    }
    await database.pool.query("UPDATE collection_sessions SET finished_at = '2024-02-29T03:01:00Z'");
    expect(await lastRun()).toBe(
      'partial (2024-02-29T03:01:00.000Z): 2 instances, 1 succeeded, 0 partly, 1 failed; ' +
        '12 databases measured, 0 failed',
    );
    expect((await api.get('/')).text).not.toContain('<script');
  });
});

describe('every answer', () => {
  test.each(['/', '/api/v1/instances', '/nothing', '/metrics'])('%s tells browsers to be careful', async (path) => {
    const { headers } = await api.get(path);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    // Both would send a browser to an https that is not there.
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});
