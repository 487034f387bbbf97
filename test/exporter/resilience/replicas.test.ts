import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { ask, Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { startPgbouncer, whyNoPgbouncer } from '../../support/pgbouncer.ts';
import { runTidemark } from '../../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let repository: TestDatabase;
let exporters: Exporters;

beforeEach(async () => {
  repository = await createTestDatabase();
  exporters = new Exporters(repository.url, [
    ...instancesOfTestServer(200, ['postgres'], { owner: 'team-a' }),
    { ...instancesOfTestServer(1)[0], name: 'single', labels: { tier: 'one' } },
  ]);
});

afterEach(async () => {
  await exporters.close();
  await repository.close();
});

async function sharesOf(session: number): Promise<number[]> {
  const { rows } = await repository.pool.query<{ count: number }>(
    'SELECT count(*) AS count FROM collection_records WHERE session_id = $1 GROUP BY exporter ORDER BY 1',
    [session],
  );
  return rows.map((row) => row.count);
}

describe('exporters of one repository', () => {
  test('share a run, in parts that run apart: scheduler, API and two that measure', async () => {
    const [api, scheduler] = await Promise.all([
      exporters.start({ TIDEMARK_ROLE: 'api' }),
      exporters.start({
        ...{ TIDEMARK_ROLE: 'scheduler', COLLECT_DB_SIZE_ENABLED: 'true', COLLECT_DB_SIZE_HOUR: '0 0 1 1 *' },
      }),
      exporters.start({ TIDEMARK_ROLE: 'worker', TIDEMARK_CONCURRENCY: '4' }),
      exporters.start({ TIDEMARK_ROLE: 'worker', TIDEMARK_CONCURRENCY: '4' }),
    ]);
    // The scheduler makes up the run of New Year.
    await until(
      async () => (await ask(api, '/api/v1/collections/1')).body.data?.status === 'succeeded',
      'the scheduled run has ended',
    );
    const id = await startRunOn(api);
    expect(await sessionEnded(api, id, 60_000)).toMatchObject({ status: 'succeeded', instances: { succeeded: 201 } });
    expect(await sharesOf(id)).toHaveLength(2);
    expect((await ask(scheduler, '/api/v1/collections')).status).toBe(404);
    for (const path of ['/livez', '/readyz', '/metrics']) expect((await ask(scheduler, path)).status).toBe(200);
    const metrics = (await ask(api, '/metrics')).body.text;
    expect(metrics).toMatch(/tidemark_job_last_success_timestamp_seconds\{job="collect"\} \d+/);
  }, 120_000);

  test('run now: by instance, label and owner; and join what is in progress', async () => {
    const exporter = await exporters.start();
    const first = await startRunOn(exporter, { label: 'tier=one' });
    expect(await sessionEnded(exporter, first, 30_000)).toMatchObject({ instances: { total: 1 } });
    const all = await startRunOn(exporter, { owner: 'team-a' });
    const { body } = await ask(exporter, '/api/v1/collections', { method: 'POST', body: { instance: 'single' } });
    expect(body.data).toMatchObject({ id: all, joined: true });
    expect(await sessionEnded(exporter, all, 60_000)).toMatchObject({ status: 'succeeded', instances: { total: 201 } });
    for (const [scope, status] of [
      [{ instance: 'nobody' }, 404],
      [{ label: 'tier' }, 400],
      [{ instance: 'single', owner: 'team-a' }, 400],
      [{ instances: 'single' }, 400],
    ] as const) {
      expect((await ask(exporter, '/api/v1/collections', { method: 'POST', body: scope })).status).toBe(status);
    }
  }, 120_000);

  test('cancel stops a run', async () => {
    const exporter = await exporters.start({ TIDEMARK_CONCURRENCY: '1' });
    const id = await startRunOn(exporter);
    const { status } = await ask(exporter, `/api/v1/collections/${id}/cancel`, { method: 'POST' });
    expect(status).toBe(200);
    const session = await sessionEnded(exporter, id, 10_000);
    expect(session.status).toBe('cancelled');
    expect(session.instances.cancelled).toBeGreaterThan(100);
    const { body } = await ask(exporter, `/api/v1/collections/${id}/records?status=cancelled&limit=1`);
    expect(body.data?.[0]).toMatchObject({ status: 'cancelled', error_code: 'cancelled' });
    expect((await ask(exporter, '/api/v1/collections/999999')).status).toBe(404);
  }, 60_000);

  test('cancel stops a run whose exporter was killed, and the next run can start', async () => {
    const [api, worker] = await Promise.all([
      exporters.start({ TIDEMARK_ROLE: 'api' }),
      exporters.start({ TIDEMARK_ROLE: 'worker', TIDEMARK_CONCURRENCY: '4' }),
    ]);
    const id = await startRunOn(api);
    const runningOf = async () => (await ask(api, `/api/v1/collections/${id}`)).body.data?.instances;
    await until(async () => Number((await runningOf())?.succeeded) > 0, 'the run is under way');
    worker.kill('SIGKILL');
    await worker.ended;
    expect(Number((await runningOf())?.running)).toBeGreaterThan(0);
    await ask(api, `/api/v1/collections/${id}/cancel`, { method: 'POST' });
    await exporters.start({ TIDEMARK_ROLE: 'worker' });
    expect(await sessionEnded(api, id, 30_000)).toMatchObject({
      status: 'cancelled',
      instances: { running: 0, queued: 0 },
    });
    const next = await startRunOn(api, { label: 'tier=one' });
    expect(await sessionEnded(api, next, 30_000)).toMatchObject({ status: 'succeeded' });
  }, 90_000);

  test('tidemark collect leaves the measuring to a service that runs, and does it by itself without one', async () => {
    const options = {
      environment: { DATABASE_URL: repository.url.reveal(), TIDEMARK_CONFIG: join(exporters.folder, 'tidemark.yaml') },
    };
    const alone = await runTidemark(['collect', '--label', 'tier=one'], options);
    expect(alone).toMatchObject({ code: 0, stdout: expect.stringMatching(/^succeeded: 1 instances, 1 succeeded/) });
    const exporter = await exporters.start();
    const served = await runTidemark(['collect', '--instance', 'single'], options);
    expect(served).toMatchObject({ code: 0, stdout: expect.stringMatching(/^succeeded: 1 instances, 1 succeeded/) });
    const { rows } = await repository.pool.query<{ exporter: string; by: string | null; trigger: string }>(
      `SELECT r.exporter, s.requested_by AS by, s.trigger
       FROM collection_records AS r
       JOIN collection_sessions AS s ON s.id = r.session_id
       ORDER BY s.id`,
    );
    expect(rows).toHaveLength(2);
    expect(rows.map((row) => row.trigger)).toEqual(['command', 'command']);
    expect(rows[1]?.by).toMatch(/\w/);
    expect(rows[1]?.exporter).toContain(`-${exporter.pid}-`);
    expect(rows[0]?.exporter).not.toContain(`-${exporter.pid}-`);
  }, 60_000);

  test('every line of the log about an instance names it and its session', async () => {
    const exporter = await exporters.start();
    await sessionEnded(exporter, await startRunOn(exporter), 60_000);
    const lines = exporter
      .output()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
    const measured = lines.filter((line) => line.msg === 'instance collected');
    expect(measured).toHaveLength(201);
    expect(measured.filter((line) => line.session === undefined || line.instance === undefined)).toEqual([]);
  }, 60_000);
});

const pgbouncerMissing = whyNoPgbouncer();
const describeOrSkip = pgbouncerMissing === null ? describe : describe.skip;

describeOrSkip(`behind PgBouncer${pgbouncerMissing === null ? '' : ` (skipped: ${pgbouncerMissing})`}`, () => {
  test('in transaction mode, with two connections for all: two exporters migrate, share runs, die and stop', async () => {
    const empty = await createTestDatabase({ empty: true });
    const pooler = await startPgbouncer(empty.url);
    const pooled = new Exporters(pooler.url, instancesOfTestServer(100), { TIDEMARK_CONCURRENCY: '8' });
    try {
      const [one, other] = await Promise.all([pooled.start(), pooled.start()]);
      const first = await startRunOn(one);
      expect(await sessionEnded(other, first, 60_000)).toMatchObject({ instances: { total: 100, succeeded: 100 } });
      const second = await startRunOn(one);
      other.kill('SIGKILL');
      await other.ended;
      expect(await sessionEnded(one, second, 60_000)).toMatchObject({ instances: { total: 100, succeeded: 100 } });
      one.kill('SIGTERM');
      expect(await one.ended).toMatchObject({ code: 0 });
    } finally {
      await pooled.close();
      await pooler.stop();
      await empty.close();
    }
  }, 180_000);
});
