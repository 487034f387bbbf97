import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { counts } from '../../support/counts.ts';
import { ask, Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { createCuttableWay, type CuttableWay } from '../../support/repository-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const instances = 40;
let repository: TestDatabase;
let way: CuttableWay;
let proxy: FakeServer;
let exporters: Exporters;
/** Milliseconds that a server needs for its answer. */
let slowness = 0;

beforeAll(async () => {
  repository = await createTestDatabase();
  way = await createCuttableWay(repository.url);
  proxy = await startProxy(postgresqlTarget().port, async (bytes) => {
    if (slowness > 0 && bytes.includes('pg_database_size')) await delay(slowness);
  });
  exporters = new Exporters(way.url, instancesOfTestServer(instances, ['postgres'], { port: proxy.port }), {
    ...{ COLLECT_DB_SIZE_ENABLED: 'true', COLLECT_DB_SIZE_HOUR: '*/5 * * * * *', TIDEMARK_CONCURRENCY: '8' },
  });
});

afterAll(async () => {
  await exporters.close();
  await way.cut();
  await proxy.close();
  await repository.close();
});

async function scalar(query: string): Promise<unknown> {
  const { rows } = await repository.pool.query<{ value: unknown }>(query);
  return rows[0]?.value;
}

test(
  `the repository is away for ${counts.outageSeconds} s during a run: all is stored or a gap on record`,
  async () => {
    const exporter = await exporters.start();
    await until(async () => {
      return (await scalar(`SELECT count(*) AS value FROM collection_sessions WHERE status = 'succeeded'`)) !== 0;
    }, 'a scheduled run has ended');
    slowness = 500;
    await until(async () => {
      return (await scalar(`SELECT count(*) AS value FROM collection_records WHERE status = 'running'`)) !== 0;
    }, 'a run is in the middle');
    await delay(200);
    const cutAt = Date.now();
    await way.cut();
    await until(async () => (await ask(exporter, '/readyz')).status === 503, 'readiness says so');
    const { body } = await ask(exporter, '/readyz');
    expect(body.reason).toMatch(/^the repository does not answer: .+/);
    expect((await ask(exporter, '/livez')).status).toBe(200);
    await delay(counts.outageSeconds * 1000 - (Date.now() - cutAt));
    const linesOfOutage = exporter.output().match(/"msg":"the repository does not answer"/g)?.length ?? 0;
    const downFor = (Date.now() - cutAt) / 1000;
    slowness = 0;
    const backAt = Date.now();
    await way.restore();
    await until(async () => (await ask(exporter, '/readyz')).status === 200, 'readiness is back', 60_000);
    const readyAfter = (Date.now() - backAt) / 1000;
    await until(
      async () => {
        const rest = await scalar(`SELECT count(*) AS value FROM collection_sessions
        WHERE status = 'succeeded' AND due_at > to_timestamp(${backAt / 1000 + 15})`);
        return rest !== 0;
      },
      'the run that was cut has ended, and a further one was on time',
      90_000,
    );
    // Backoff: 1, 2, 4, 8, 15, 15, … seconds, one line each.
    expect(linesOfOutage).toBeLessThanOrEqual(5 + downFor / 15);
    expect(linesOfOutage).toBeGreaterThan(0);
    exporter.kill('SIGTERM');
    expect(await exporter.ended).toMatchObject({ code: 0 });

    // Of every tick there is a run or a gap with its reason, and no run lost an instance.
    const { rows: ticks } = await repository.pool.query<{ due: number; succeeded: boolean | null; message: string }>(
      `SELECT extract(epoch FROM due_at)::float8 AS due, succeeded, message FROM job_runs WHERE job = 'collect' ORDER BY due_at`,
    );
    expect(ticks.slice(1).filter(({ due }, index) => due - (ticks[index]?.due ?? 0) !== 5)).toEqual([]);
    const gaps = ticks.filter((tick) => tick.succeeded === false);
    expect(gaps.filter((tick) => !/^(missed|given up)/.test(tick.message))).toEqual([]);
    const lost = await scalar(`SELECT count(*) AS value FROM collection_records
      WHERE status NOT IN ('succeeded', 'queued', 'running')`);
    expect(lost).toBe(0);
    expect(await scalar(`SELECT count(DISTINCT instance_id) AS value FROM database_size_stats`)).toBe(instances);
    const late = await scalar(`SELECT max(extract(epoch FROM started_at - due_at)) AS value FROM collection_sessions
      WHERE due_at > to_timestamp(${backAt / 1000 + 15})`);
    console.info(
      `${downFor.toFixed(0)} s away: ready ${readyAfter.toFixed(1)} s after it was back, ${linesOfOutage} log lines, ` +
        `${ticks.length} ticks, ${gaps.length} of them on record as gaps, 0 instances lost; ` +
        `runs afterwards at most ${Number(late).toFixed(1)} s late`,
    );
  },
  240_000 + counts.outageSeconds * 1000,
);

test('a measurement that is taken while the repository is away is stored when it is back', async () => {
  slowness = 1_500;
  const exporter = await exporters.start({ COLLECT_DB_SIZE_ENABLED: 'false', TIDEMARK_LEASE_SECONDS: '30' });
  await until(async () => {
    return (await scalar(`SELECT count(*) AS value FROM collection_records WHERE finished_at IS NULL`)) === 0;
  }, 'what was left in the queue is done');
  const id = await startRunOn(exporter);
  await until(async () => {
    return (await scalar(`SELECT count(*) AS value FROM collection_records WHERE status = 'running'`)) !== 0;
  }, 'it is measured');
  await delay(300);
  await way.cut();
  await delay(3_000);
  slowness = 0;
  await way.restore();
  expect(await sessionEnded(exporter, id, 60_000)).toMatchObject({ status: 'succeeded' });
  // The first eight were measured during the outage, and nobody had to measure them again.
  const { rows } = await repository.pool.query<{ attempt: number }>(
    'SELECT attempt FROM collection_records WHERE session_id = $1',
    [id],
  );
  expect(rows.filter((row) => row.attempt !== 1)).toEqual([]);
  exporter.kill('SIGTERM');
  await exporter.ended;
}, 120_000);
