import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readCollectionStates, type RecordOutcome } from '../../../exporter/src/store/records.ts';
import { finishInstance, freshInstances, openRun, outcome } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let instances: number[];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  instances = await freshInstances(database.pool);
});

/** Ends the instances in order. */
async function finishAll(statuses: readonly RecordOutcome['status'][]): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    await finishInstance(database.pool, instances[index] ?? 0, outcome(status));
  }
}

describe('the record of an instance', () => {
  test('keeps what came of it, findings and all', async () => {
    const id = await openRun(database.pool, instances.slice(0, 1));
    const failures = [
      { databaseName: `"; DROP TABLE x; '`, code: 'permission_denied' as const, message: 'GRANT "x" TO \\' },
    ];
    const warnings = [{ databaseName: null, code: 'permission_denied' as const, message: 'estimates only' }];
    await finishInstance(
      database.pool,
      instances[0] ?? 0,
      outcome('partial', { failures, warnings, databasesMeasured: 49 }),
    );
    const { rows } = await database.pool.query('SELECT * FROM collection_records WHERE session_id = $1', [id]);
    expect(rows[0]).toMatchObject({
      ...{ status: 'partial', databases_measured: 49, databases_failed: 1, error_code: null, error_message: null },
      ...{ failures, warnings, finished_at: expect.any(Date), attempt: 1, exporter: 'tests', queue_job_id: null },
    });
  });
});

describe('the state of the collections', () => {
  test('is there once an instance has been collected, and not before', async () => {
    expect(await readCollectionStates(database.pool)).toEqual([]);
    await openRun(database.pool, instances);
    expect(await readCollectionStates(database.pool)).toEqual([]);
    await finishAll(['succeeded']);
    expect(await readCollectionStates(database.pool)).toEqual([
      {
        instanceId: expect.any(Number),
        instanceName: 'a',
        engine: 'postgresql',
        succeeded: true,
        durationSeconds: expect.any(Number),
        lastSuccessAt: expect.any(Date),
      },
    ]);
  });

  test('tells the last attempt and the last success apart; a partial one is a success', async () => {
    await openRun(database.pool, instances);
    await finishAll(['partial', 'succeeded', 'failed']);
    await database.pool.query("UPDATE collection_records SET finished_at = finished_at - interval '1 hour'");
    const before = await readCollectionStates(database.pool);
    await openRun(database.pool, instances);
    await finishAll(['failed', 'succeeded', 'failed']);
    const after = await readCollectionStates(database.pool);
    expect(before.map((state) => state.succeeded)).toEqual([true, true, false]);
    expect(after.map((state) => state.succeeded)).toEqual([false, true, false]);
    expect(after[0]?.lastSuccessAt).toEqual(before[0]?.lastSuccessAt);
    expect(after[1]?.lastSuccessAt?.getTime()).toBeGreaterThan(before[1]?.lastSuccessAt?.getTime() ?? 0);
    expect(after[2]?.lastSuccessAt).toBeNull();
  });

  test('measures the time from start to end in seconds', async () => {
    await openRun(database.pool, instances);
    await finishAll(['succeeded']);
    await database.pool.query(
      `UPDATE collection_records SET finished_at = started_at + interval '90.5 seconds' WHERE status = 'succeeded'`,
    );
    const states = await readCollectionStates(database.pool);
    expect(states.map((state) => state.durationSeconds)).toEqual([90.5]);
  });

  test('leaves out instances that are not active', async () => {
    await openRun(database.pool, instances);
    await finishAll(['succeeded', 'succeeded', 'succeeded']);
    await database.pool.query("UPDATE instances SET is_active = false WHERE name = 'b'");
    expect((await readCollectionStates(database.pool)).map((state) => state.instanceName)).toEqual(['a', 'c']);
  });
});
