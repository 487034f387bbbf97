import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  closeAbandonedSessions,
  findLastSession,
  findSession,
  finishRecord,
  finishSession,
  openSession,
  readCollectionStates,
  renewLease,
  startRecord,
  type RecordOutcome,
} from '../../../exporter/src/store/sessions.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let instances: number[];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query('TRUNCATE instances, collection_sessions CASCADE');
  instances = [];
  for (const name of ['a', 'b', 'c']) instances.push(await addInstance(database.pool, name));
});

const longLease = 3_600_000;

/** @throws where another session runs */
async function opened(ids: readonly number[] = instances, lease = longLease): Promise<number> {
  const id = await openSession(database.pool, 'command', ids, lease);
  if (id === null) throw new Error('another session runs');
  return id;
}

/** As if the exporter had given no sign of life for longer than its lease. */
async function letLeaseRunOut(sessionId: number): Promise<void> {
  await database.pool.query(
    "UPDATE collection_sessions SET lease_expires_at = now() - interval '1 second' WHERE id = $1",
    [sessionId],
  );
}

const outcome = (status: RecordOutcome['status'], changes: Partial<RecordOutcome> = {}): RecordOutcome => ({
  status,
  databasesMeasured: status === 'failed' ? 0 : 3,
  failures: status === 'partial' ? [{ databaseName: 'x', code: 'permission_denied', message: 'GRANT …' }] : [],
  warnings: [],
  error: status === 'failed' ? { code: 'connection_refused', message: 'nothing listens there' } : null,
  ...changes,
});

async function finishAll(sessionId: number, statuses: readonly RecordOutcome['status'][]): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    const instanceId = instances[index] ?? 0;
    await startRecord(database.pool, sessionId, instanceId);
    await finishRecord(database.pool, sessionId, instanceId, outcome(status));
  }
}

async function recordsOf(sessionId: number): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    'SELECT * FROM collection_records WHERE session_id = $1 ORDER BY instance_id',
    [sessionId],
  );
  return rows;
}

const statusesOf = async (sessionId: number): Promise<unknown[]> =>
  (await recordsOf(sessionId)).map((record) => record.status);

describe('a session', () => {
  test('opens as running with a queued record for each instance', async () => {
    const id = await opened();
    expect(await findSession(database.pool, id)).toEqual({
      id,
      trigger: 'command',
      status: 'running',
      startedAt: expect.any(Date),
      finishedAt: null,
      instances: { total: 3, succeeded: 0, partial: 0, failed: 0 },
      databasesMeasured: 0,
      databasesFailed: 0,
    });
    expect(await recordsOf(id)).toMatchObject(
      instances.map((instance_id) => ({ instance_id, status: 'queued', started_at: null, finished_at: null })),
    );
  });

  test('may have no instances', async () => {
    const id = await opened([]);
    expect(await finishSession(database.pool, id)).toMatchObject({ status: 'succeeded', instances: { total: 0 } });
  });

  test('does not open while another runs, and leaves nothing of itself', async () => {
    const id = await opened();
    expect(await openSession(database.pool, 'schedule', instances, longLease)).toBeNull();
    const { rows } = await database.pool.query('SELECT id FROM collection_sessions');
    expect(rows).toEqual([{ id }]);
    await finishSession(database.pool, id);
    expect(await openSession(database.pool, 'schedule', instances, longLease)).toBeGreaterThan(id);
  });

  test('opens once for twenty who want one at the same time', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => openSession(database.pool, 'schedule', instances, longLease)),
    );
    const winners = ids.filter((id) => id !== null);
    expect(winners).toHaveLength(1);
    expect(await recordsOf(winners[0] ?? 0)).toHaveLength(3);
  });

  test('that cannot be written is an error and not "another runs"', async () => {
    await expect(openSession(database.pool, 'schedule', [2_000_000_000], longLease)).rejects.toMatchObject({
      code: '23503',
    });
    expect(await findLastSession(database.pool)).toBeNull();
  });

  test('that does not exist is null', async () => {
    expect(await findSession(database.pool, 1_000_000)).toBeNull();
    expect(await findLastSession(database.pool)).toBeNull();
    await expect(finishSession(database.pool, 1_000_000)).rejects.toThrow('1000000');
  });

  test('is the last one while it runs and afterwards', async () => {
    const first = await opened();
    await finishSession(database.pool, first);
    const second = await opened();
    expect(await findLastSession(database.pool)).toMatchObject({ id: second, status: 'running' });
    await finishSession(database.pool, second);
    expect(await findLastSession(database.pool)).toEqual(await findSession(database.pool, second));
  });
});

describe('a session ends', () => {
  test.each<[string, RecordOutcome['status'][], object]>([
    ['succeeded', ['succeeded', 'succeeded', 'succeeded'], { succeeded: 3, partial: 0, failed: 0 }],
    ['failed', ['failed', 'failed', 'failed'], { succeeded: 0, partial: 0, failed: 3 }],
    ['partial', ['succeeded', 'failed', 'succeeded'], { succeeded: 2, partial: 0, failed: 1 }],
    ['partial', ['partial', 'partial', 'partial'], { succeeded: 0, partial: 3, failed: 0 }],
    ['partial', ['failed', 'partial', 'failed'], { succeeded: 0, partial: 1, failed: 2 }],
    ['interrupted', ['succeeded', 'interrupted', 'failed'], { succeeded: 1, partial: 0, failed: 2 }],
    ['interrupted', ['succeeded', 'succeeded'], { succeeded: 2, partial: 0, failed: 1 }],
    ['interrupted', [], { succeeded: 0, partial: 0, failed: 3 }],
  ])('%s when its records are %j', async (status, records, counts) => {
    const id = await opened();
    await finishAll(id, records);
    const session = await finishSession(database.pool, id);
    expect(session).toMatchObject({ id, status, finishedAt: expect.any(Date), instances: { total: 3, ...counts } });
    expect(session.finishedAt?.getTime()).toBeGreaterThanOrEqual(session.startedAt.getTime());
    expect(await statusesOf(id)).toEqual([0, 1, 2].map((index) => records[index] ?? 'interrupted'));
  });

  test('with the databases of all its records counted', async () => {
    const id = await opened();
    await finishAll(id, ['succeeded', 'partial', 'failed']);
    expect(await finishSession(database.pool, id)).toMatchObject({ databasesMeasured: 6, databasesFailed: 1 });
  });

  test('once: a second end changes nothing', async () => {
    const id = await opened();
    await finishAll(id, ['succeeded', 'succeeded', 'succeeded']);
    const ended = await finishSession(database.pool, id);
    expect(await finishSession(database.pool, id)).toEqual(ended);
  });
});

describe('the lease of a session', () => {
  test('keeps others away while it lasts', async () => {
    await opened();
    expect(await closeAbandonedSessions(database.pool)).toBe(0);
  });

  test('that has run out lets the next one close it as interrupted, with its open records', async () => {
    const id = await opened();
    await finishAll(id, ['succeeded']);
    await startRecord(database.pool, id, instances[1] ?? 0);
    await letLeaseRunOut(id);
    const next = await opened();
    expect(next).not.toBe(id);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'interrupted', finishedAt: expect.any(Date) });
    expect(await recordsOf(id)).toMatchObject([
      { status: 'succeeded', error_code: null },
      { status: 'interrupted', error_code: 'interrupted', finished_at: expect.any(Date) },
      { status: 'interrupted', error_code: 'interrupted', error_message: expect.stringContaining('the next run') },
    ]);
  });

  test('that has run out is closed on its own too, once', async () => {
    const id = await opened();
    await letLeaseRunOut(id);
    expect(await closeAbandonedSessions(database.pool)).toBe(1);
    expect(await closeAbandonedSessions(database.pool)).toBe(0);
    expect(await statusesOf(id)).toEqual(['interrupted', 'interrupted', 'interrupted']);
  });

  test('is renewed by a sign of life', async () => {
    const id = await opened();
    await letLeaseRunOut(id);
    expect(await renewLease(database.pool, id, longLease)).toBe(true);
    expect(await closeAbandonedSessions(database.pool)).toBe(0);
  });

  test('is lost once another has closed the session, whose late words change nothing', async () => {
    const id = await opened();
    const [instanceId = 0] = instances;
    await startRecord(database.pool, id, instanceId);
    await letLeaseRunOut(id);
    await closeAbandonedSessions(database.pool);
    const closed = [await findSession(database.pool, id), await recordsOf(id)];
    expect(await renewLease(database.pool, id, longLease)).toBe(false);
    await startRecord(database.pool, id, instanceId);
    await finishRecord(database.pool, id, instanceId, outcome('succeeded'));
    await finishSession(database.pool, id);
    expect([await findSession(database.pool, id), await recordsOf(id)]).toEqual(closed);
  });

  test('of a finished session is not renewed', async () => {
    const id = await opened();
    await finishSession(database.pool, id);
    expect(await renewLease(database.pool, id, longLease)).toBe(false);
  });
});

describe('the record of an instance', () => {
  test('starts once', async () => {
    const id = await opened();
    const [instanceId = 0] = instances;
    await startRecord(database.pool, id, instanceId);
    const [started] = await recordsOf(id);
    expect(started).toMatchObject({ status: 'running', started_at: expect.any(Date), finished_at: null });
    await startRecord(database.pool, id, instanceId);
    expect((await recordsOf(id))[0]).toEqual(started);
    expect(await statusesOf(id)).toEqual(['running', 'queued', 'queued']);
  });

  test('keeps what came of it, findings and all', async () => {
    const id = await opened();
    const [instanceId = 0] = instances;
    const failures = [
      { databaseName: `"; DROP TABLE x; '`, code: 'permission_denied' as const, message: 'GRANT "x" TO \\' },
    ];
    const warnings = [{ databaseName: null, code: 'permission_denied' as const, message: 'estimates only' }];
    await startRecord(database.pool, id, instanceId);
    await finishRecord(
      database.pool,
      id,
      instanceId,
      outcome('partial', { failures, warnings, databasesMeasured: 49 }),
    );
    expect((await recordsOf(id))[0]).toMatchObject({
      status: 'partial',
      databases_measured: 49,
      databases_failed: 1,
      error_code: null,
      error_message: null,
      failures,
      warnings,
      finished_at: expect.any(Date),
    });
  });

  test('keeps why it failed, and is finished once', async () => {
    const id = await opened();
    const [instanceId = 0] = instances;
    await startRecord(database.pool, id, instanceId);
    await finishRecord(database.pool, id, instanceId, outcome('failed'));
    await finishRecord(database.pool, id, instanceId, outcome('succeeded'));
    expect((await recordsOf(id))[0]).toMatchObject({
      status: 'failed',
      databases_measured: 0,
      error_code: 'connection_refused',
      error_message: 'nothing listens there',
    });
  });
});

describe('the state of the collections', () => {
  test('is there once an instance has been collected, and not before', async () => {
    expect(await readCollectionStates(database.pool)).toEqual([]);
    const id = await opened();
    expect(await readCollectionStates(database.pool)).toEqual([]);
    await finishAll(id, ['succeeded']);
    expect(await readCollectionStates(database.pool)).toEqual([
      {
        instanceName: 'a',
        engine: 'postgresql',
        succeeded: true,
        durationSeconds: expect.any(Number),
        lastSuccessAt: expect.any(Date),
      },
    ]);
  });

  test('tells the last attempt and the last success apart; a partial one is a success', async () => {
    const first = await opened();
    await finishAll(first, ['partial', 'succeeded', 'failed']);
    await finishSession(database.pool, first);
    await database.pool.query("UPDATE collection_records SET finished_at = finished_at - interval '1 hour'");
    const before = await readCollectionStates(database.pool);
    const second = await opened();
    await finishAll(second, ['failed', 'succeeded', 'failed']);
    await finishSession(database.pool, second);
    const after = await readCollectionStates(database.pool);
    expect(before.map((state) => state.succeeded)).toEqual([true, true, false]);
    expect(after.map((state) => state.succeeded)).toEqual([false, true, false]);
    expect(after[0]?.lastSuccessAt).toEqual(before[0]?.lastSuccessAt);
    expect(after[1]?.lastSuccessAt?.getTime()).toBeGreaterThan(before[1]?.lastSuccessAt?.getTime() ?? 0);
    expect(after[2]?.lastSuccessAt).toBeNull();
  });

  test('measures the time from start to end in seconds, and 0 for what never started', async () => {
    const id = await opened();
    await finishAll(id, ['succeeded']);
    await database.pool.query(
      `UPDATE collection_records SET finished_at = started_at + interval '90.5 seconds' WHERE status = 'succeeded'`,
    );
    await finishSession(database.pool, id);
    const states = await readCollectionStates(database.pool);
    expect(states.map((state) => state.durationSeconds)).toEqual([90.5, 0, 0]);
  });

  test('leaves out instances that are not active', async () => {
    const id = await opened();
    await finishAll(id, ['succeeded', 'succeeded', 'succeeded']);
    await database.pool.query("UPDATE instances SET is_active = false WHERE name = 'b'");
    expect((await readCollectionStates(database.pool)).map((state) => state.instanceName)).toEqual(['a', 'c']);
  });
});
