import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { startTidemark, type TidemarkProcess } from '../../support/processes.ts';
import { createCuttableWay } from '../../support/repository-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const instances = 20;
let repository: TestDatabase;
let proxy: FakeServer;
let exporters: Exporters;
/** Milliseconds that a server needs for its answer. */
let slowness = 0;

beforeEach(async () => {
  slowness = 60_000;
  repository = await createTestDatabase();
  proxy = await startProxy(postgresqlTarget().port, async (bytes) => {
    if (slowness > 0 && bytes.includes('pg_database_size')) await delay(slowness, undefined, { ref: false });
  });
  exporters = new Exporters(repository.url, instancesOfTestServer(instances, ['postgres'], { port: proxy.port }), {
    TIDEMARK_CONCURRENCY: '4',
  });
});

afterEach(async () => {
  await exporters.close();
  await proxy.close();
  await repository.close();
});

function startCollect(changes: Record<string, string> = {}): TidemarkProcess {
  return startTidemark(['collect'], {
    environment: {
      ...{ DATABASE_URL: repository.url.reveal(), TIDEMARK_CONFIG: join(exporters.folder, 'tidemark.yaml') },
      ...{ TIDEMARK_CONCURRENCY: '4', TIDEMARK_HOST_CONNECTIONS: '1000', TIDEMARK_LEASE_SECONDS: '2', ...changes },
    },
  });
}

async function statuses(): Promise<{ session: string; records: string[] }[]> {
  const { rows } = await repository.pool.query<{ session: string; records: string[] }>(
    `SELECT s.status AS session, array_agg(r.status) AS records
     FROM collection_sessions AS s
     JOIN collection_records AS r ON r.session_id = s.id
     GROUP BY s.id
     ORDER BY s.id`,
  );
  return rows;
}

/** Nothing is left for a lease to run out, and nobody is logged in any more. */
async function expectNothingLeft(): Promise<void> {
  const { rows } = await repository.pool.query(
    "SELECT FROM collection_records WHERE status IN ('queued', 'running') OR lease_expires_at IS NOT NULL",
  );
  expect(rows).toHaveLength(0);
  await until(() => proxy.open() === 0, 'nobody is logged in');
}

test('Ctrl-C ends a run that the command does by itself, at once', async () => {
  const command = startCollect();
  await until(() => proxy.open() === 4, 'servers are asked');
  const stoppedAt = Date.now();
  command.kill('SIGINT');
  expect(await command.ended).toMatchObject({
    ...{ code: 1, signal: null },
    stdout: 'cancelled: 20 instances, 0 succeeded, 0 partly, 0 failed, 20 cancelled; 0 databases measured, 0 failed\n',
  });
  expect(Date.now() - stoppedAt).toBeLessThan(5_000);
  expect(await statuses()).toEqual([{ session: 'cancelled', records: Array.from({ length: 20 }, () => 'cancelled') }]);
  await expectNothingLeft();
}, 60_000);

test('Ctrl-C cancels a run that the command started and a service does', async () => {
  const exporter = await exporters.start();
  const command = startCollect();
  await until(() => proxy.open() === 4, 'servers are asked');
  command.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/^cancelled: 20 instances/) });
  await expectNothingLeft();
  slowness = 0;
  const next = await sessionEnded(exporter, await startRunOn(exporter), 30_000);
  expect(next).toMatchObject({ status: 'succeeded', instances: { succeeded: instances } });
}, 60_000);

test('a command that was killed while it cancelled its run keeps nobody from the next one', async () => {
  const killed = startCollect();
  await until(() => proxy.open() === 4, 'servers are asked');
  await repository.pool.query('UPDATE collection_sessions SET cancel_requested_at = now()');
  killed.kill('SIGKILL');
  await killed.ended;
  slowness = 0;
  const next = startCollect();
  expect(await next.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^succeeded: 20 instances/) });
  expect(next.output()).toContain('a run is being cancelled: waiting for its end\n');
  expect(await statuses()).toMatchObject([{ session: 'cancelled' }, { session: 'succeeded' }]);
  await expectNothingLeft();
}, 60_000);

test('a service that is killed while the command follows its run is replaced by the command', async () => {
  slowness = 1_000;
  const exporter = await exporters.start();
  const id = await startRunOn(exporter);
  const command = startCollect();
  await until(() => command.output() === `run ${id} is in progress: following it\n`, 'the command follows');
  exporter.kill('SIGKILL');
  slowness = 0;
  expect(await command.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^succeeded: 20 instances/) });
  await expectNothingLeft();
}, 60_000);

test('Ctrl-C while the repository is away ends the command', async () => {
  const way = await createCuttableWay(repository.url);
  try {
    const command = startCollect({ DATABASE_URL: way.url.reveal() });
    await until(() => proxy.open() === 4, 'servers are asked');
    await way.cut();
    await until(() => command.output().includes('the repository does not answer'), 'it is noticed');
    command.kill('SIGINT');
    expect(await command.ended).toMatchObject({
      ...{ code: 4, stdout: '' },
      stderr: expect.stringMatching(/^tidemark: the repository does not answer .* measured by whoever comes next$/m),
    });
  } finally {
    await way.cut();
  }
}, 60_000);

test('Ctrl-C leaves a run that the command has joined to the service', async () => {
  slowness = 1_000;
  const exporter = await exporters.start();
  const id = await startRunOn(exporter);
  const command = startCollect();
  await until(() => command.output() === `run ${id} is in progress: following it\n`, 'the command follows');
  command.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(`^run ${id} goes on without`) });
  expect(await sessionEnded(exporter, id, 30_000)).toMatchObject({ status: 'succeeded' });
}, 60_000);
