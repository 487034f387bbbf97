import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { counts } from '../../support/counts.ts';
import { ask, Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let repository: TestDatabase;
let proxy: FakeServer;
let exporters: Exporters;
/** Milliseconds that a server needs for its answer. */
let slowness = 0;

beforeEach(async () => {
  slowness = 0;
  repository = await createTestDatabase();
  proxy = await startProxy(postgresqlTarget().port, async (bytes) => {
    if (slowness > 0 && bytes.includes('pg_database_size')) await delay(slowness, undefined, { ref: false });
  });
  exporters = new Exporters(repository.url, instancesOfTestServer(40, ['postgres'], { port: proxy.port }), {
    TIDEMARK_CONCURRENCY: '4',
  });
});

afterEach(async () => {
  await exporters.close();
  await proxy.close();
  await repository.close();
});

async function records(): Promise<{ status: string; attempt: number }[]> {
  const { rows } = await repository.pool.query<{ status: string; attempt: number }>(
    'SELECT status, attempt FROM collection_records',
  );
  return rows;
}

test('SIGTERM in the middle of a run: the end comes in time, and the next start goes on', async () => {
  slowness = 40_000;
  const exporter = await exporters.start();
  const id = await startRunOn(exporter);
  await until(() => proxy.open() === 4, 'servers are asked');
  const stoppedAt = Date.now();
  exporter.kill('SIGTERM');
  expect(await exporter.ended).toMatchObject({ code: 0, signal: null });
  const seconds = (Date.now() - stoppedAt) / 1000;
  expect(seconds).toBeLessThan(25);
  // Nothing waits for a lease: what was not measured can be taken at once.
  expect((await records()).map((record) => record.status)).toEqual(Array.from({ length: 40 }, () => 'queued'));
  slowness = 0;
  const next = await exporters.start();
  expect(await sessionEnded(next, id, 30_000)).toMatchObject({ status: 'succeeded', instances: { succeeded: 40 } });
  console.info(`4 servers that do not answer: ended after ${seconds.toFixed(1)} s with code 0`);
}, 120_000);

test('SIGTERM lets what is nearly done end', async () => {
  slowness = 1_000;
  const exporter = await exporters.start();
  await startRunOn(exporter);
  await until(() => proxy.open() === 4, 'servers are asked');
  exporter.kill('SIGTERM');
  expect(await exporter.ended).toMatchObject({ code: 0 });
  const statuses = (await records()).map((record) => record.status);
  expect(statuses.filter((status) => status === 'succeeded')).toHaveLength(4);
  expect(statuses.filter((status) => status === 'queued')).toHaveLength(36);
}, 60_000);

test(
  `${counts.restarts} rolling restarts of two exporters during runs lose nothing`,
  async () => {
    slowness = 100;
    let ended = 0;
    await withSeeds(1, async (random) => {
      let [one, other] = [await exporters.start(), await exporters.start()];
      let id = await startRunOn(one);
      for (let restart = 0; restart < counts.restarts; restart += 1) {
        one.kill('SIGTERM');
        expect(await one.ended).toMatchObject({ code: 0 });
        [one, other] = [other, await exporters.start()];
        const session = (await ask(one, `/api/v1/collections/${id}`)).body.data;
        if (session?.status !== 'running') {
          expect(session).toMatchObject({ status: 'succeeded', instances: { total: 40, succeeded: 40 } });
          ended += 1;
          id = await startRunOn(one);
        }
        await delay(random.integer(0, 500));
      }
      expect(await sessionEnded(one, id, 60_000)).toMatchObject({ status: 'succeeded' });
      const twice = (await records()).filter((record) => record.attempt > 1);
      console.info(
        `${counts.restarts} restarts, ${ended + 1} runs: all complete, ${twice.length} given back and taken again`,
      );
      for (const exporter of [one, other]) exporter.kill('SIGTERM');
      await Promise.all([one.ended, other.ended]);
    });
  },
  120_000 + counts.restarts * 20_000,
);
