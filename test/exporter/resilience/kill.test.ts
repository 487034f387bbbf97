import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { configurationOf } from '../../support/collection-fixtures.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  postgresqlTarget,
  uniquePrefix,
} from '../../support/postgresql-fixtures.ts';
import { runTidemark, startServing, type ServingProcess } from '../../support/processes.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const prefix = uniquePrefix();
const login = `${prefix}login`;
const password = 'canary-9f2c-word';
const databases = [`${prefix}a`, `${prefix}b`, `${prefix}c`];
const instanceNames = Array.from({ length: 12 }, (_, index) => `instance ${String(index).padStart(2, '0')}`);

/** How long the way to the instances holds each request: what makes a run long enough to be cut. */
const latencyMilliseconds = 25;

let folder: TemporaryFolder;
let repository: TestDatabase;
let proxy: FakeServer;
const started: ServingProcess[] = [];

beforeEach(async () => {
  await createDatabases(databases);
  await createLogin(login, password);
  folder = createTemporaryFolder();
  repository = await createTestDatabase({ empty: true });
  proxy = await startProxy(postgresqlTarget().port, () => delay(latencyMilliseconds));
  folder.write(
    'tidemark.yaml',
    configurationOf(
      instanceNames.map((name) => ({
        ...{ name, engine: 'postgresql', host: '127.0.0.1', port: proxy.port, username: login, password },
        ...{ include: [`${prefix}*`], tls: { mode: 'disable' } },
      })),
    ),
  );
});

afterEach(async () => {
  for (const process of started.splice(0)) {
    process.kill('SIGKILL');
    await process.ended;
  }
  await proxy.close();
  await repository.close();
  folder.remove();
  await dropDatabases(databases);
  await dropLogin(login);
});

async function serve(): Promise<ServingProcess> {
  const environment = { DATABASE_URL: repository.url.reveal(), TIDEMARK_CONCURRENCY: '2', TIDEMARK_LEASE_SECONDS: '2' };
  const process = await startServing({ directory: folder.path, environment });
  started.push(process);
  return process;
}

async function rows<Row>(sql: string): Promise<Row[]> {
  return (await repository.pool.query<Row & Record<string, unknown>>(sql)).rows;
}

const sessionStatuses = async (): Promise<string[]> =>
  (await rows<{ status: string }>('SELECT status FROM collection_sessions ORDER BY id')).map((row) => row.status);

/** Nothing is promised that is not stored: what a record says was measured is there, once, history and latest state. */
async function expectConsistency(): Promise<void> {
  const broken = await rows(
    `SELECT i.name, r.databases_measured, s.stored, l.latest
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     CROSS JOIN LATERAL (SELECT count(*)::int AS stored FROM database_size_stats WHERE instance_id = i.id) AS s
     CROSS JOIN LATERAL (SELECT count(*)::int AS latest FROM database_latest WHERE instance_id = i.id) AS l
     WHERE (r.status = 'succeeded' AND (r.databases_measured, s.stored, l.latest) IS DISTINCT FROM (3, 3, 3))
        OR s.stored NOT IN (0, 3) OR s.stored <> l.latest`,
  );
  expect(broken).toEqual([]);
}

async function expectEverythingMeasured(): Promise<void> {
  const stored = await rows<{ name: string; names: string[] }>(
    `SELECT i.name, array_agg(s.database_name ORDER BY s.database_name) AS names
     FROM instances AS i
     JOIN database_size_stats AS s ON s.instance_id = i.id
     GROUP BY i.name
     ORDER BY i.name`,
  );
  expect(stored).toEqual(instanceNames.map((name) => ({ name, names: databases })));
  const differing = await rows(
    `SELECT FROM database_size_stats AS s
     FULL JOIN database_latest AS l USING (instance_id, database_name, size_bytes, collected_at)
     WHERE s.database_name IS NULL OR l.database_name IS NULL`,
  );
  expect(differing).toHaveLength(0);
}

describe('an exporter that is killed anywhere between its first start and the end of its first run', () => {
  test('has lost and doubled nothing; the next one finishes the work in the same session', async () => {
    let cut = 0;
    await withSeeds(4, async (random) => {
      await repository.pool.query(
        'DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS tidemark_queue CASCADE; CREATE SCHEMA public',
      );
      const killed = await serve();
      await delay(random.integer(0, 1_200));
      killed.kill('SIGKILL');
      expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
      await expectConsistency();
      const [before] = await sessionStatuses();
      if (before === 'running') cut += 1;

      const next = await serve();
      await until(async () => String(await sessionStatuses()) === 'succeeded', 'the work is finished');
      await expectConsistency();
      await expectEverythingMeasured();
      expect(await rows('SELECT FROM collection_records WHERE finished_at IS NULL')).toHaveLength(0);
      next.kill('SIGTERM');
      expect(await next.ended).toMatchObject({ code: 0 });
    });
    if (process.env.TIDEMARK_TEST_SEED === undefined) expect(cut).toBeGreaterThan(0);
  }, 180_000);
});

describe('many at once', () => {
  test('20 that migrate one empty repository all succeed, and make one schema', async () => {
    const environment = { DATABASE_URL: repository.url.reveal() };
    const results = await Promise.all(
      Array.from({ length: 20 }, () => runTidemark(['migrate'], { directory: folder.path, environment })),
    );
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })));
    const versions = await rows<{ version: number }>('SELECT version FROM schema_migrations ORDER BY version');
    expect(versions.map((row) => row.version)).toEqual(versions.map((_, index) => index + 1));
    expect(versions.length).toBeGreaterThan(0);
  }, 120_000);

  test('5 that serve one empty repository are all ready, and measure it once', async () => {
    const processes = await Promise.all(Array.from({ length: 5 }, serve));
    await until(async () => (await sessionStatuses()).includes('succeeded'), 'the run is finished');
    for (const { url } of processes) {
      const response = await fetch(`${url}/readyz`);
      expect(response.status).toBe(200);
    }
    expect(await sessionStatuses()).toEqual(['succeeded']);
    await expectEverythingMeasured();
    for (const process of processes) process.kill('SIGTERM');
    const ends = await Promise.all(processes.map((process) => process.ended));
    expect(ends.map((end) => end.code)).toEqual(processes.map(() => 0));
  }, 120_000);
});
