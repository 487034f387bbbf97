import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkerContext } from '../../../exporter/src/collection/context.ts';
import { runCollection, type RunOptions } from '../../../exporter/src/collection/run.ts';
import type { RunContext } from '../../../exporter/src/collection/start-run.ts';
import { listRecords, type CollectionRecord } from '../../../exporter/src/store/records.ts';
import { findLastSession, type CollectionSession } from '../../../exporter/src/store/sessions.ts';
import { collectionContext, createGate, recordProgress } from '../../support/collection-fixtures.ts';
import { instanceOfTestServer } from '../../support/exporters.ts';
import { startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { postgresqlTarget } from '../../support/postgresql-fixtures.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let repository: TestDatabase;
const servers: FakeServer[] = [];

beforeEach(async () => {
  repository = await createTestDatabase();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await repository.close();
});

/** A way to the test server that holds what contains these words. */
async function holding(words: string, until: Promise<void>): Promise<FakeServer> {
  const server = await startProxy(postgresqlTarget().port, (bytes) => (bytes.includes(words) ? until : undefined));
  servers.push(server);
  return server;
}

function run(context: WorkerContext & RunContext, options: Partial<RunOptions> = {}): Promise<CollectionSession> {
  return runCollection(context, { trigger: 'command', progress: recordProgress(), ...options });
}

/** Of one session, by instance. */
async function records(sessionId: number): Promise<CollectionRecord[]> {
  const { records } = await listRecords(repository.pool, sessionId, { limit: 100, offset: 0 });
  return records.sort((one, other) => one.instanceName.localeCompare(other.instanceName));
}

describe('an instance is left alone', () => {
  const inAnHour = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);

  test('in its quiet hours, unless it is named', async () => {
    const quiet = instanceOfTestServer('quiet', { quiet_hours: [`${inAnHour(-1)}-${inAnHour(1)}`] });
    const context = await collectionContext(repository.pool, [quiet, instanceOfTestServer('loud')]);
    const session = await run(context);
    expect(session).toMatchObject({ status: 'succeeded', instances: { succeeded: 1, skipped: 1 } });
    expect(await records(session.id)).toMatchObject([
      { instanceName: 'loud', status: 'succeeded' },
      { instanceName: 'quiet', status: 'skipped', errorMessage: expect.stringContaining('quiet hours') },
    ]);
    expect(await run(context, { scope: { instance: 'quiet' } })).toMatchObject({ instances: { succeeded: 1 } });
  });

  test('in its quiet hours, also by a run that began with one that was named', async () => {
    const gate = createGate();
    const { port } = await holding('pg_database_size', gate.opened);
    const quiet = instanceOfTestServer('quiet', { quiet_hours: [`${inAnHour(-1)}-${inAnHour(1)}`] });
    const context = await collectionContext(repository.pool, [instanceOfTestServer('named', { port }), quiet]);
    const first = run(context, { scope: { instance: 'named' } });
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 1, 'it is measured');
    const second = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.total === 2, 'all are asked for');
    gate.open();
    expect((await second).id).toBe((await first).id);
    expect(await records((await second).id)).toMatchObject([
      { instanceName: 'named', status: 'succeeded' },
      { instanceName: 'quiet', status: 'skipped' },
    ]);
  });

  test('in its quiet hours, unless it is named while it waits', async () => {
    const gate = createGate();
    const { port } = await holding('pg_database_size', gate.opened);
    const quiet = { quiet_hours: [`${inAnHour(-1)}-${inAnHour(1)}`] };
    const context = await collectionContext(
      repository.pool,
      [instanceOfTestServer('first', { port }), instanceOfTestServer('quiet', quiet)],
      { concurrency: 1 },
    );
    // The slow one is taken before the quiet one, which waits in the same exporter.
    await repository.pool.query(`
      CREATE FUNCTION put_first() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM instances WHERE id = (NEW.data ->> 'instanceId')::int AND name = 'first') THEN
          NEW.priority := 9;
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER put_first BEFORE INSERT ON tidemark_queue.job FOR EACH ROW EXECUTE FUNCTION put_first()`);
    const running = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 2, 'one waits');
    const named = run(context, { scope: { instance: 'quiet' } });
    await until(async () => {
      const { rows } = await repository.pool.query('SELECT FROM collection_records WHERE is_named');
      return rows.length === 1;
    }, 'it is named');
    gate.open();
    await named;
    expect(await running).toMatchObject({ status: 'succeeded', instances: { total: 2, succeeded: 2 } });
  });

  test('once it is deactivated, also where its run has begun', async () => {
    const gate = createGate();
    const { port } = await holding('pg_database_size', gate.opened);
    const names = ['a', 'b', 'c', 'd', 'last'];
    const instances = names.map((name) => instanceOfTestServer(name, { port }));
    const context = await collectionContext(repository.pool, instances, { concurrency: 1 });
    const running = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 2, 'one is measured');
    const queued = await repository.pool.query<{ name: string }>(
      `UPDATE instances SET is_active = false
       WHERE id = (SELECT max(instance_id) FROM collection_records WHERE status = 'queued')
       RETURNING name`,
    );
    gate.open();
    expect(await running).toMatchObject({ instances: { total: 5, succeeded: 4, skipped: 1 } });
    const record = (await records((await running).id)).find(
      ({ instanceName }) => instanceName === queued.rows[0]?.name,
    );
    expect(record).toMatchObject({ status: 'skipped', errorMessage: expect.stringContaining('deactivated') });
  });

  test.each(['FROM pg_database', 'pg_database_size'])(
    'by the schedule after %s was ended by a deadline',
    async (part) => {
      const deadlines = { ...testDeadlines, query: 300, close: 100 };
      const { port } = await holding(part, createGate().opened);
      const context = await collectionContext(repository.pool, [instanceOfTestServer('slow', { port })], {
        ...{ loadPercent: 1, deadlines },
      });
      const first = await run(context, { trigger: 'schedule', dueAt: new Date(1) });
      expect(await records(first.id)).toMatchObject([{ status: 'failed', errorCode: 'timeout' }]);
      const second = await run(context, { trigger: 'schedule', dueAt: new Date(2) });
      expect(await records(second.id)).toMatchObject([{ status: 'skipped' }]);
    },
  );

  test('by the schedule while measuring would be too much of its time', async () => {
    const context = await collectionContext(repository.pool, [instanceOfTestServer('slow')], { loadPercent: 5 });
    const first = await run(context, { trigger: 'schedule', dueAt: new Date(1) });
    expect(first).toMatchObject({ instances: { succeeded: 1 } });
    await repository.pool.query('UPDATE collection_records SET measure_milliseconds = 60000');
    const second = await run(context, { trigger: 'schedule', dueAt: new Date(2) });
    expect(await records(second.id)).toMatchObject([
      {
        status: 'skipped',
        errorCode: 'skipped',
        errorMessage: expect.stringMatching(/took 60 s, .* for 1140 s \(at most 5 %/),
      },
    ]);
    expect(await run(context)).toMatchObject({ instances: { succeeded: 1 } });
  });
});
