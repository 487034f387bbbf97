import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkerContext } from '../../../exporter/src/collection/context.ts';
import { runCollection, type RunOptions } from '../../../exporter/src/collection/run.ts';
import type { RunContext } from '../../../exporter/src/collection/start-run.ts';
import { listActiveInstances } from '../../../exporter/src/store/instances.ts';
import { requeueAbandonedClaims } from '../../../exporter/src/store/claims.ts';
import { cancelSession, findLastSession } from '../../../exporter/src/store/sessions.ts';
import {
  collectingLogger,
  collectionContext,
  createGate,
  recordProgress,
  type InstanceEntry,
} from '../../support/collection-fixtures.ts';
import { startMuteServer, startProxy, type FakeServer } from '../../support/fake-servers.ts';
import { freePort } from '../../support/ports.ts';
import {
  createDatabases,
  createLogin,
  dropDatabases,
  dropLogin,
  postgresqlTarget,
  uniquePrefix,
} from '../../support/postgresql-fixtures.ts';
import { asSuperuser, createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const prefix = uniquePrefix();
const databases = [`${prefix}a`, `${prefix}b`, `${prefix}c`];
const login = `${prefix}login`;
const password = 'canary-9f2c-word';
let repository: TestDatabase;
const servers: FakeServer[] = [];

beforeAll(async () => {
  await createDatabases(databases);
  await createLogin(login, password);
});

afterAll(async () => {
  await dropDatabases(databases);
  await dropLogin(login);
});

beforeEach(async () => {
  repository = await createTestDatabase();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await repository.close();
});

function instance(name: string, changes: Record<string, unknown> = {}): InstanceEntry {
  const { host, port } = postgresqlTarget();
  const login = { username: `${prefix}login`, password, include: [`${prefix}*`] };
  return { name, engine: 'postgresql', host, port, ...login, ...changes };
}

/** A way to the server that the test can see and hold up. */
async function proxy(onRequest?: (bytes: Buffer) => Promise<void> | void): Promise<FakeServer> {
  const server = await startProxy(postgresqlTarget().port, onRequest);
  servers.push(server);
  return server;
}

function run(context: WorkerContext & RunContext, options: Partial<RunOptions> = {}) {
  return runCollection(context, { trigger: 'command', progress: recordProgress(), ...options });
}

interface RecordRow {
  readonly name: string;
  readonly status: string;
  readonly measured: number | null;
  readonly code: string | null;
  readonly message: string | null;
}

async function records(sessionId: number): Promise<RecordRow[]> {
  const { rows } = await repository.pool.query<RecordRow>(
    `SELECT i.name, r.status, r.databases_measured AS measured, r.error_code AS code, r.error_message AS message
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE r.session_id = $1
     ORDER BY i.name`,
    [sessionId],
  );
  return rows;
}

async function storedNames(instanceName: string): Promise<string[]> {
  const { rows } = await repository.pool.query<{ name: string }>(
    `SELECT s.database_name AS name
     FROM database_size_stats AS s
     JOIN instances AS i ON i.id = s.instance_id
     WHERE i.name = $1
     ORDER BY 1`,
    [instanceName],
  );
  return rows.map((row) => row.name);
}

describe('one run', () => {
  test('stores what was measured: a session, a record an instance, a row a database', async () => {
    const context = await collectionContext(repository.pool, [instance('one'), instance('two')]);
    const progress = recordProgress();
    const session = await run(context, { progress });
    expect(session).toMatchObject({
      trigger: 'command',
      status: 'succeeded',
      instances: { total: 2, succeeded: 2, partial: 0, failed: 0 },
      databasesMeasured: 6,
      databasesFailed: 0,
    });
    expect(await storedNames('one')).toEqual(databases);
    expect(await storedNames('two')).toEqual(databases);
    expect(progress.events[0]).toBe('started 2');
    expect(progress.events.slice(1, 3).sort()).toEqual(['one succeeded', 'two succeeded']);
    expect(progress.events.slice(3)).toEqual(['finished']);
    const [{ serverVersion } = { serverVersion: null }] = await listActiveInstances(repository.pool);
    expect(serverVersion).toMatch(/^PostgreSQL \d/);
  });

  test('a second run on the same day updates the rows', async () => {
    const context = await collectionContext(repository.pool, [instance('one')]);
    const first = await run(context);
    const second = await run(context);
    expect(second.id).toBeGreaterThan(first.id);
    const { rows } = await repository.pool.query<{ updated: boolean }>(
      'SELECT collected_at >= $1 AS updated FROM database_size_stats',
      [second.startedAt],
    );
    expect(rows).toEqual(databases.map(() => ({ updated: true })));
  });

  test('instances that fail are recorded with their reason and stop nothing', async () => {
    const mute = await startMuteServer();
    servers.push(mute);
    const context = await collectionContext(
      repository.pool,
      [
        instance('healthy 1'),
        instance('mute', { port: mute.port }),
        instance('refused', { port: await freePort() }),
        instance('stranger', { password: 'wrong-canary-7731' }),
        instance('unknown host', { host: 'no-such-host.invalid' }),
        instance('healthy 2'),
      ],
      { deadlines: { ...testDeadlines, connect: 500 } },
    );
    const session = await run(context);
    expect(session).toMatchObject({
      status: 'partial',
      instances: { total: 6, succeeded: 2, partial: 0, failed: 4 },
      databasesMeasured: 6,
    });
    const rows = await records(session.id);
    expect(rows.map(({ name, status, code }) => ({ name, status, code }))).toEqual([
      { name: 'healthy 1', status: 'succeeded', code: null },
      { name: 'healthy 2', status: 'succeeded', code: null },
      { name: 'mute', status: 'failed', code: 'timeout' },
      { name: 'refused', status: 'failed', code: 'connection_refused' },
      { name: 'stranger', status: 'failed', code: 'access_denied' },
      { name: 'unknown host', status: 'failed', code: 'host_unknown' },
    ]);
    expect(JSON.stringify(rows)).not.toContain('canary');
    await until(() => mute.open() === 0, 'the socket to the mute server is closed');
  });

  test('all that fail make a failed session', async () => {
    const context = await collectionContext(repository.pool, [instance('refused', { port: await freePort() })]);
    expect(await run(context)).toMatchObject({ status: 'failed', instances: { total: 1, failed: 1 } });
  });

  test('a run over nothing succeeds', async () => {
    const context = await collectionContext(repository.pool, []);
    expect(await run(context)).toMatchObject({ status: 'succeeded', instances: { total: 0 } });
  });

  test('a database that is denied makes it partial; it is not gone', async () => {
    const context = await collectionContext(repository.pool, [instance('one')]);
    await run(context);
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${prefix}b FROM PUBLIC`);
    try {
      const progress = recordProgress();
      const session = await run(context, { progress });
      expect(session).toMatchObject({
        status: 'partial',
        instances: { succeeded: 0, partial: 1, failed: 0 },
        databasesMeasured: 2,
        databasesFailed: 1,
      });
      const [failure] = progress.outcomes.get('one')?.failures ?? [];
      expect(failure).toMatchObject({ databaseName: `${prefix}b`, code: 'permission_denied' });
      const { rows } = await repository.pool.query('SELECT FROM database_latest WHERE gone_since IS NOT NULL');
      expect(rows).toHaveLength(0);
    } finally {
      await asSuperuser('postgres', `GRANT CONNECT ON DATABASE ${prefix}b TO PUBLIC`);
    }
  });

  test('of which all databases are denied fails, with the reason', async () => {
    await asSuperuser('postgres', `REVOKE CONNECT ON DATABASE ${prefix}b FROM PUBLIC`);
    try {
      const context = await collectionContext(repository.pool, [instance('one', { include: [`${prefix}b`] })]);
      const session = await run(context);
      expect(session).toMatchObject({ status: 'failed', databasesMeasured: 0, databasesFailed: 1 });
      expect(await records(session.id)).toMatchObject([{ status: 'failed', code: 'permission_denied' }]);
    } finally {
      await asSuperuser('postgres', `GRANT CONNECT ON DATABASE ${prefix}b TO PUBLIC`);
    }
  });

  test('that loses its connection in the middle is measured again, unless a person waits for it', async () => {
    const asks = { sizes: 0 };
    const server = await proxy(async (bytes) => {
      if (!bytes.includes('pg_database_size')) return;
      asks.sizes += 1;
      const sessions = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${login}'`;
      if (asks.sizes < 3) await asSuperuser('postgres', sessions);
    });
    const context = await collectionContext(repository.pool, [instance('one', { port: server.port })]);
    const asked = await run({ ...context, retries: 2 });
    expect(await records(asked.id)).toMatchObject([{ status: 'failed', code: 'connection_lost' }]);

    const scheduled = run({ ...context, retries: 2 }, { trigger: 'schedule', dueAt: new Date() });
    await until(async () => {
      const now = "UPDATE tidemark_queue.job SET start_after = now() WHERE state = 'retry'";
      return (await repository.pool.query(now)).rowCount === 1;
    }, 'the instance waits for its second attempt');
    expect(await records((await scheduled).id)).toMatchObject([{ status: 'succeeded', measured: 3, code: null }]);
    expect(asks.sizes).toBe(3);
  });

  test('a password that cannot be read is recorded', async () => {
    const context = await collectionContext(repository.pool, [instance('one')]);
    await repository.pool.query(
      `INSERT INTO instances (name, engine, host, port, database_name, source) VALUES ('other file', 'postgresql', 'h', 1, 'd', 'file')`,
    );
    const session = await run(context);
    expect(await records(session.id)).toMatchObject([
      { name: 'one', status: 'succeeded' },
      { name: 'other file', status: 'failed', code: 'credential_unavailable' },
    ]);
  });

  test('only the instance that is named', async () => {
    const context = await collectionContext(repository.pool, [instance('one'), instance('two')]);
    const session = await run(context, { scope: { instance: 'two' } });
    expect(await records(session.id)).toMatchObject([{ name: 'two', status: 'succeeded' }]);
    expect(await storedNames('one')).toEqual([]);
    await expect(run(context, { scope: { instance: 'three' } })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('one, two') as unknown,
    });
  });

  test.each([
    ['is_active = false', '"one" is inactive: activate it to measure it'],
    [`source = 'demonstration'`, '"one" is made up for the demonstration: there is no server to log in to'],
  ])('one that is named is not measured with %s, which is said', async (change, message) => {
    const context = await collectionContext(repository.pool, [instance('one')]);
    await repository.pool.query(`UPDATE instances SET ${change}`);
    const named = run(context, { scope: { instance: 'one' } });
    await expect(named).rejects.toMatchObject({ code: 'not_found', message });
  });

  test('an instance removed while it is measured stops nothing', async () => {
    const { port } = await proxy(async (bytes) => {
      if (bytes.includes('pg_database_size')) {
        await repository.pool.query(`DELETE FROM instances WHERE name = 'removed'`);
      }
    });
    const context = await collectionContext(repository.pool, [instance('kept'), instance('removed', { port })]);
    const session = await run(context);
    expect(session).toMatchObject({ status: 'succeeded', instances: { total: 1, succeeded: 1 } });
  });
});

describe('at the same time', () => {
  test('are no more instances than allowed, and no fewer', async () => {
    let seen = 0;
    const full = createGate();
    const server = await proxy(async (bytes) => {
      if (!bytes.includes('pg_database_size')) return;
      seen += 1;
      if (seen === 3) full.open();
      // The first three meet here; if they did not run at the same time, the run would not go on.
      await full.opened;
    });
    const instances = Array.from({ length: 9 }, (_, index) =>
      instance(`i${index}`, { port: server.port, tls: { mode: 'disable' } }),
    );
    const context = await collectionContext(repository.pool, instances, { concurrency: 3 });
    expect(await run(context)).toMatchObject({ status: 'succeeded', instances: { total: 9 } });
    expect(server.mostOpen()).toBe(3);
  });

  test('is one run only: who comes later joins it', async () => {
    const gate = createGate();
    const { port } = await proxy((bytes) => (bytes.includes('pg_database_size') ? gate.opened : undefined));
    const context = await collectionContext(repository.pool, [instance('held', { port }), instance('other')]);
    const first = run(context, { scope: { instance: 'held' } });
    await until(async () => (await findLastSession(repository.pool))?.status === 'running', 'the first run is on');
    const second = run(context);
    await until(async () => {
      const { rows } = await repository.pool.query(`SELECT FROM collection_records WHERE status = 'succeeded'`);
      return rows.length === 1;
    }, 'the second one has joined');
    gate.open();
    expect(await second).toMatchObject({ status: 'succeeded', instances: { total: 2, succeeded: 2 } });
    expect((await first).id).toBe((await second).id);
  });

  test('of many that start together there is one, and each instance is measured once', async () => {
    const context = await collectionContext(repository.pool, [instance('one'), instance('two')]);
    const sessions = await Promise.all(Array.from({ length: 8 }, () => run(context)));
    for (const session of sessions) {
      expect(session).toMatchObject({ status: 'succeeded', instances: { total: 2, succeeded: 2 } });
    }
    const { rows } = await repository.pool.query<{ attempt: number }>('SELECT attempt FROM collection_records');
    expect(rows).toHaveLength(2 * new Set(sessions.map((session) => session.id)).size);
    expect(rows.every((row) => row.attempt === 1)).toBe(true);
  });
});

describe('a run that ends early', () => {
  test('is cancelled, and the next one measures all', async () => {
    const stop = new AbortController();
    const gate = createGate();
    const { port } = await proxy((bytes) => (bytes.includes('pg_database_size') ? gate.opened : undefined));
    const instances = ['a', 'b', 'c', 'd', 'e'].map((name) => instance(name, { port }));
    const context = await collectionContext(repository.pool, instances, { concurrency: 1 });
    const running = run(context, { signal: stop.signal });
    await until(
      async () => (await findLastSession(repository.pool))?.instances.running === 2,
      'an instance is measured',
    );
    stop.abort();
    const cancelled = await running;
    expect(cancelled).toMatchObject({ status: 'cancelled', instances: { total: 5, cancelled: 5 } });
    gate.open();
    const session = await run(context);
    expect(session).toMatchObject({ status: 'succeeded', instances: { total: 5, succeeded: 5 } });
    expect(session.id).not.toBe(cancelled.id);
  });

  test('is cancelled also while it waits for servers that say nothing', async () => {
    const mute = await startMuteServer();
    servers.push(mute);
    const stop = new AbortController();
    const context = await collectionContext(repository.pool, [instance('mute', { port: mute.port })], {
      deadlines: { ...testDeadlines, connect: 50_000 },
    });
    const running = run(context, { signal: stop.signal });
    await until(() => mute.accepted() === 1, 'it is asked');
    stop.abort();
    expect(await running).toMatchObject({ status: 'cancelled', instances: { total: 1, cancelled: 1 } });
  }, 20_000);

  test('a long run keeps its leases', async () => {
    const gate = createGate();
    const { port } = await proxy((bytes) => (bytes.includes('pg_database_size') ? gate.opened : undefined));
    const deadlines = { ...testDeadlines, lease: 500 };
    const context = await collectionContext(repository.pool, [instance('held', { port })], { deadlines });
    const first = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 1, 'the first run is on');
    await new Promise((resolve) => setTimeout(resolve, 3 * deadlines.lease));
    expect(await requeueAbandonedClaims(repository.pool, context.queue)).toBe(0);
    gate.open();
    expect(await first).toMatchObject({ status: 'succeeded' });
  });

  test('what another exporter took over is ended here, and its result is the other one’s', async () => {
    const gate = createGate();
    const { port } = await proxy((bytes) => (bytes.includes('pg_database_size') ? gate.opened : undefined));
    const { log, lines } = collectingLogger();
    const context = await collectionContext(repository.pool, [instance('held', { port })], {
      ...{ log, deadlines: { ...testDeadlines, lease: 600 } },
    });
    const running = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 1, 'it is measured');
    // As if another exporter had found the lease run out.
    await repository.pool.query(
      `UPDATE collection_records SET queue_job_id = gen_random_uuid(), attempt = 2, exporter = 'another'`,
    );
    await until(
      () => lines.some((line) => String(line.msg).includes('another exporter has taken it over')),
      'it is noticed',
    );
    expect(lines.find((line) => String(line.msg).includes('another exporter has taken it over'))).toMatchObject({
      ...{ session: expect.any(Number), instance: 'held' },
    });
    gate.open();
    await until(async () => {
      const { rows } = await repository.pool.query(`SELECT FROM collection_records WHERE attempt >= 3`);
      return rows.length === 1;
    }, 'its lease has run out too');
    expect(await running).toMatchObject({ status: 'succeeded', instances: { total: 1, succeeded: 1 } });
  });

  test('one that is cancelled ends what runs, and stores nothing of it', async () => {
    const gate = createGate();
    const { port } = await proxy((bytes) => (bytes.includes('pg_database_size') ? gate.opened : undefined));
    const context = await collectionContext(repository.pool, [instance('held', { port }), instance('next', { port })], {
      ...{ concurrency: 1, deadlines: { ...testDeadlines, lease: 600 } },
    });
    const running = run(context);
    await until(async () => (await findLastSession(repository.pool))?.instances.running === 2, 'it is measured');
    await cancelSession(repository.pool, (await findLastSession(repository.pool))?.id ?? 0);
    expect(await running).toMatchObject({ status: 'cancelled', instances: { total: 2, cancelled: 2 } });
    gate.open();
    expect(await storedNames('held')).toEqual([]);
    expect(await records((await running).id)).toMatchObject([{ code: 'cancelled' }, { code: 'cancelled' }]);
  });
});

test('the day of a row is the day in the configured zone', async () => {
  const day = (zone: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
  for (const timezone of ['Pacific/Kiritimati', 'Etc/GMT+12']) {
    const context = await collectionContext(repository.pool, [instance('one')], { timezone });
    const days = [day(timezone)];
    const session = await run(context);
    days.push(day(timezone));
    const { rows } = await repository.pool.query<{ day: string }>(
      'SELECT DISTINCT collected_date AS day FROM database_size_stats WHERE collected_at >= $1',
      [session.startedAt],
    );
    expect(rows).toHaveLength(1);
    expect(days).toContain(rows[0]?.day);
  }
});
