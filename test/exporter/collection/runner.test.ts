import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CollectionContext } from '../../../exporter/src/collection/run.ts';
import { Runner } from '../../../exporter/src/collection/runner.ts';
import { findLastSession, openSession } from '../../../exporter/src/store/sessions.ts';
import { collectingLogger, collectionContext, createGate } from '../../support/collection-fixtures.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/waiting.ts';

let repository: TestDatabase;
let proxy: FakeServer;
/** Until it is opened, nothing is measured. */
let gate: ReturnType<typeof createGate>;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  repository = await createTestDatabase();
  gate = createGate();
  proxy = await startProxy(postgresqlTarget().port, (bytes) =>
    bytes.includes('pg_database_size') ? gate.opened : undefined,
  );
});

afterEach(async () => {
  await proxy.close();
  await repository.close();
});

async function createRunner(instances: readonly string[] = ['one'], changes: Partial<CollectionContext> = {}) {
  const { username, host, password } = postgresqlTarget();
  const { log, lines: written } = collectingLogger();
  lines = written;
  const context = await collectionContext(
    repository.pool,
    instances.map((name) => ({
      name,
      engine: 'postgresql',
      host,
      port: proxy.port,
      username,
      password: password?.reveal(),
      include: ['postgres'],
    })),
    { log, concurrency: 1, ...changes },
  );
  return new Runner(context);
}

async function sessions(): Promise<{ trigger: string; status: string }[]> {
  const { rows } = await repository.pool.query<{ trigger: string; status: string }>(
    'SELECT trigger, status FROM collection_sessions ORDER BY id',
  );
  return rows;
}

const isRunning = async (): Promise<boolean> => (await findLastSession(repository.pool))?.status === 'running';

/** A session that somebody else has opened, and that is theirs for so long. */
async function openForeignSession(leaseMilliseconds: number): Promise<void> {
  expect(await openSession(repository.pool, 'schedule', [], leaseMilliseconds)).not.toBeNull();
}

const finish = (status: string) =>
  repository.pool.query(`UPDATE collection_sessions SET status = $1, finished_at = now()`, [status]);

describe('start', () => {
  test('runs one after the other', async () => {
    const runner = await createRunner();
    const both = Promise.all([runner.start('schedule'), runner.start('api')]);
    await until('the first one runs', isRunning);
    expect(await sessions()).toEqual([{ trigger: 'schedule', status: 'running' }]);
    gate.open();
    await both;
    expect(await sessions()).toEqual([
      { trigger: 'schedule', status: 'succeeded' },
      { trigger: 'api', status: 'succeeded' },
    ]);
  });

  test('leaves it to the exporter that runs already', async () => {
    const runner = await createRunner();
    await openForeignSession(60_000);
    await runner.start('schedule');
    expect(await sessions()).toEqual([{ trigger: 'schedule', status: 'running' }]);
    expect(lines).toMatchObject([{ level: 30, msg: expect.stringContaining('running already') as unknown }]);
  });

  test('a run that goes wrong is logged, and the next one runs', async () => {
    const runner = await createRunner();
    gate.open();
    await repository.pool.query('ALTER TABLE collection_sessions RENAME TO hidden');
    await runner.start('schedule');
    expect(lines).toMatchObject([{ level: 50, msg: 'a run failed' }]);
    await repository.pool.query('ALTER TABLE hidden RENAME TO collection_sessions');
    await runner.start('schedule');
    expect(await sessions()).toEqual([{ trigger: 'schedule', status: 'succeeded' }]);
  });
});

describe('at the start of the service', () => {
  test('measures where nothing ever was', async () => {
    gate.open();
    await (await createRunner()).startWhenNeeded();
    expect(await sessions()).toEqual([{ trigger: 'startup', status: 'succeeded' }]);
  });

  test.each(['succeeded', 'partial', 'failed'])('measures nothing after a run that %s', async (status) => {
    gate.open();
    const runner = await createRunner();
    await openForeignSession(60_000);
    await finish(status);
    await runner.startWhenNeeded();
    expect(await sessions()).toEqual([{ trigger: 'schedule', status }]);
  });

  test('measures again after a run that was interrupted', async () => {
    gate.open();
    const runner = await createRunner();
    await openForeignSession(60_000);
    await finish('interrupted');
    await runner.startWhenNeeded();
    expect(await sessions()).toMatchObject([{ status: 'interrupted' }, { trigger: 'startup', status: 'succeeded' }]);
  });

  test('waits for the end of a run whose exporter may be dead, and takes its place if it is', async () => {
    gate.open();
    const runner = await createRunner(['one'], { deadlines: { ...testDeadlines, lease: 600 } });
    await openForeignSession(1_000);
    await runner.startWhenNeeded();
    expect(await sessions()).toMatchObject([{ status: 'interrupted' }, { trigger: 'startup', status: 'succeeded' }]);
    expect(lines[0]).toMatchObject({ level: 40, msg: expect.stringContaining('cut off') as unknown });
  });

  test('measures nothing when the run that it waited for ends well', async () => {
    gate.open();
    const runner = await createRunner(['one'], { deadlines: { ...testDeadlines, lease: 300 } });
    await openForeignSession(60_000);
    const started = runner.startWhenNeeded();
    await finish('succeeded');
    await started;
    expect(await sessions()).toEqual([{ trigger: 'schedule', status: 'succeeded' }]);
  });
});

describe('stop', () => {
  test('finishes the instance under way, starts no other, and lets nothing start afterwards', async () => {
    const runner = await createRunner(['a', 'b', 'c']);
    const running = runner.start('schedule');
    await until('an instance is measured', () => proxy.open() > 0);
    const stopped = runner.stop();
    gate.open();
    await stopped;
    await running;
    const { rows } = await repository.pool.query<{ status: string }>(
      'SELECT status FROM collection_records ORDER BY instance_id',
    );
    expect(rows.map((row) => row.status)).toEqual(['succeeded', 'interrupted', 'interrupted']);
    await runner.start('schedule');
    await runner.startWhenNeeded();
    expect(await sessions()).toEqual([{ trigger: 'schedule', status: 'interrupted' }]);
  });

  test('waits no longer than the deadline of the shut-down', async () => {
    const runner = await createRunner(['a'], { deadlines: { ...testDeadlines, shutdown: 200 } });
    const running = runner.start('schedule');
    await until('an instance is measured', () => proxy.open() > 0);
    await runner.stop();
    expect(await isRunning()).toBe(true);
    expect(lines.at(-1)).toMatchObject({ level: 40, msg: expect.stringContaining('before the run had') as unknown });
    gate.open();
    await running;
  });

  test('ends the wait for a run that may be dead', async () => {
    const runner = await createRunner(['a'], { deadlines: { ...testDeadlines, lease: 60_000 } });
    await openForeignSession(60_000);
    const waiting = runner.startWhenNeeded();
    await runner.stop();
    await waiting;
    expect(lines).toEqual([]);
  });
});
