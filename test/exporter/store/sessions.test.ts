import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  claimInstances,
  endClaims,
  releaseClaims,
  renewClaims,
  requeueAbandonedClaims,
  type Claim,
} from '../../../exporter/src/store/claims.ts';
import { inTransaction } from '../../../exporter/src/store/pool.ts';
import type { RecordOutcome } from '../../../exporter/src/store/records.ts';
import {
  cancelSession,
  findLastSession,
  finishEmptySessions,
  findSession,
  listSessions,
} from '../../../exporter/src/store/sessions.ts';
import { addInstance } from '../../support/fleet-fixtures.ts';
import {
  claimAll,
  endClaim,
  finishInstance,
  freshInstances,
  openRun,
  outcome,
  queue,
  requestSession,
} from '../../support/session-fixtures.ts';
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

/** As if the exporter had given no sign of life for longer than its lease. */
async function letLeasesRunOut(): Promise<void> {
  await database.pool.query(
    "UPDATE collection_records SET lease_expires_at = now() - interval '1 second' WHERE status = 'running'",
  );
}

/** Ends the instances in order; null leaves one open. */
async function finishAll(statuses: readonly (RecordOutcome['status'] | null)[]): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    if (status !== null) await finishInstance(database.pool, instances[index] ?? 0, outcome(status));
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

async function entriesInQueue(): Promise<unknown> {
  const { rows } = await database.pool.query<{ count: number }>(
    "SELECT count(*) AS count FROM tidemark_queue.job WHERE state <> 'failed'",
  );
  return rows[0]?.count;
}

describe('a session', () => {
  test('opens as running with a queued record for each instance', async () => {
    const id = await openRun(database.pool, instances);
    expect(await findSession(database.pool, id)).toMatchObject({
      ...{ id, trigger: 'command', status: 'running', scope: {}, requestedBy: null, dueAt: null },
      ...{ startedAt: expect.any(Date), finishedAt: null, databasesMeasured: 0, databasesFailed: 0 },
      instances: { total: 3, queued: 3, running: 0, succeeded: 0, partial: 0, failed: 0 },
    });
    expect(await recordsOf(id)).toMatchObject(
      instances.map((instance_id) => ({ instance_id, status: 'queued', attempt: 0, started_at: null })),
    );
    expect(await entriesInQueue()).toBe(3);
  });

  test('without instances ends at once', async () => {
    const id = await openRun(database.pool, []);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'succeeded', instances: { total: 0 } });
  });

  test('opens once for twenty who want one at the same time; the others join it', async () => {
    const openings = await Promise.all(Array.from({ length: 20 }, () => requestSession(database.pool, instances)));
    expect(openings.filter(({ how }) => how === 'opened')).toHaveLength(1);
    expect(new Set(openings.map(({ id }) => id)).size).toBe(1);
    expect(await recordsOf(openings[0]?.id ?? 0)).toHaveLength(3);
    expect(await entriesInQueue()).toBe(3);
  });

  test('opens once for a tick, however often it is asked for, and does not join another', async () => {
    const dueAt = new Date('2024-02-29T03:00:00Z');
    const id = await openRun(database.pool, instances.slice(0, 1));
    expect(await requestSession(database.pool, instances, { dueAt })).toEqual({ id, how: 'busy' });
    await finishAll(['succeeded']);
    const openings = await Promise.all(
      Array.from({ length: 20 }, () => requestSession(database.pool, instances, { dueAt, trigger: 'schedule' })),
    );
    expect(new Set(openings.map((opening) => opening.id)).size).toBe(1);
    expect(openings.every(({ how }) => how === 'opened')).toBe(true);
    await finishAll(['succeeded', 'succeeded', 'succeeded']);
    expect((await requestSession(database.pool, instances, { dueAt })).id).toBe(openings[0]?.id);
    expect((await listSessions(database.pool, { limit: 10, offset: 0 })).total).toBe(2);
  });

  test('that is joined gets the instances that it lacks, and measures none twice', async () => {
    const id = await openRun(database.pool, instances.slice(0, 2));
    await finishAll(['succeeded']);
    expect(await requestSession(database.pool, instances)).toEqual({ id, how: 'joined' });
    expect(await statusesOf(id)).toEqual(['succeeded', 'queued', 'queued']);
    expect(await entriesInQueue()).toBe(2);
  });

  test('that cannot be written is an error, and leaves nothing', async () => {
    const nobody = { trigger: 'nobody' as 'api' };
    await expect(requestSession(database.pool, instances, nobody)).rejects.toMatchObject({ code: '23514' });
    expect(await findLastSession(database.pool)).toBeNull();
    expect(await entriesInQueue()).toBe(0);
  });

  test('that does not exist is null', async () => {
    expect(await findSession(database.pool, 1_000_000)).toBeNull();
    expect(await findLastSession(database.pool)).toBeNull();
  });

  test('is the last one while it runs and afterwards', async () => {
    await openRun(database.pool, []);
    const second = await openRun(database.pool, instances);
    expect(await findLastSession(database.pool)).toMatchObject({ id: second, status: 'running' });
    await finishAll(['succeeded', 'succeeded', 'succeeded']);
    expect(await findLastSession(database.pool)).toEqual(await findSession(database.pool, second));
  });
});

describe('a session ends', () => {
  test.each<[string, RecordOutcome['status'][]]>([
    ['succeeded', ['succeeded', 'succeeded', 'succeeded']],
    ['succeeded', ['succeeded', 'skipped', 'skipped']],
    ['failed', ['failed', 'failed', 'failed']],
    ['failed', ['failed', 'skipped', 'failed']],
    ['partial', ['succeeded', 'failed', 'succeeded']],
    ['partial', ['partial', 'partial', 'partial']],
    ['partial', ['failed', 'partial', 'failed']],
    ['interrupted', ['succeeded', 'interrupted', 'failed']],
  ])('%s when its records are %j', async (status, records) => {
    const id = await openRun(database.pool, instances);
    await finishAll(records.slice(0, 2));
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'running', finishedAt: null });
    await finishAll([null, null, records[2] ?? null]);
    const session = await findSession(database.pool, id);
    const count = (wanted: string): number => records.filter((record) => record === wanted).length;
    expect(session).toMatchObject({
      ...{ id, status, finishedAt: expect.any(Date) },
      instances: { total: 3, succeeded: count('succeeded'), failed: count('failed'), skipped: count('skipped') },
    });
    expect(session?.finishedAt?.getTime()).toBeGreaterThanOrEqual(session?.startedAt.getTime() ?? Infinity);
    expect(await statusesOf(id)).toEqual(records);
    expect(await entriesInQueue()).toBe(0);
  });

  test('with the databases of all its records counted', async () => {
    const id = await openRun(database.pool, instances);
    await finishAll(['succeeded', 'partial', 'failed']);
    expect(await findSession(database.pool, id)).toMatchObject({ databasesMeasured: 6, databasesFailed: 1 });
  });

  test('once, when its last records end at the same moment, 100 times', async () => {
    for (let round = 0; round < 100; round += 1) {
      const id = await openRun(database.pool, instances);
      const claims = await claimAll(database.pool);
      const ended = await Promise.all(claims.map((claim) => endClaim(database.pool, claim, outcome('succeeded'))));
      expect(ended.flat()).toEqual([id]);
      expect(await findSession(database.pool, id)).toMatchObject({ status: 'succeeded' });
    }
  });
});

describe('a claim', () => {
  test('is given to one of many who ask at the same time', async () => {
    await openRun(database.pool, instances);
    const claims = (await Promise.all(Array.from({ length: 8 }, () => claimAll(database.pool)))).flat();
    expect(claims.map((claim) => claim.instance.name).sort()).toEqual(['a', 'b', 'c']);
    expect(claims.every((claim) => claim.attempt === 1)).toBe(true);
  });

  test('holds no more instances of a host than the limit, from all exporters together', async () => {
    const shared: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      shared.push(await addInstance(database.pool, `shared-${index}`, { host: 'big.example.net' }));
    }
    await openRun(database.pool, [...shared, ...instances]);
    const options = { count: 13, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 4 };
    const claims = (
      await Promise.all(Array.from({ length: 4 }, () => claimInstances(database.pool, queue, options)))
    ).flat();
    const names = claims.map((claim) => claim.instance.name);
    expect(names.filter((name) => name.startsWith('shared'))).toHaveLength(4);
    expect(names.filter((name) => !name.startsWith('shared'))).toHaveLength(3);
    expect(await entriesInQueue()).toBe(13);
  });

  test('that nobody renews goes to somebody else, and the late words of the first change nothing', async () => {
    const id = await openRun(database.pool, instances.slice(0, 1));
    const [first] = (await claimAll(database.pool)) as [Claim];
    expect(await requeueAbandonedClaims(database.pool, queue)).toBe(0);
    await letLeasesRunOut();
    expect(await requeueAbandonedClaims(database.pool, queue)).toBe(1);
    expect(await requeueAbandonedClaims(database.pool, queue)).toBe(0);
    const [second] = (await claimAll(database.pool)) as [Claim];
    expect(second).toMatchObject({ attempt: 2, sessionId: id });
    expect(await renewClaims(database.pool, [first], 60_000)).toEqual([]);
    expect(await endClaim(database.pool, first, outcome('failed'))).toEqual([]);
    expect(await statusesOf(id)).toEqual(['running']);
    expect(await endClaim(database.pool, second, outcome('succeeded'))).toEqual([id]);
    expect(await statusesOf(id)).toEqual(['succeeded']);
  });

  test('lives while it is renewed', async () => {
    await openRun(database.pool, instances.slice(0, 1));
    const claims = await claimAll(database.pool);
    await letLeasesRunOut();
    expect(await renewClaims(database.pool, claims, 60_000)).toMatchObject([{ cancelled: false }]);
    expect(await requeueAbandonedClaims(database.pool, queue)).toBe(0);
  });

  test('that is given back can be taken at once', async () => {
    await openRun(database.pool, instances);
    await releaseClaims(database.pool, queue, await claimAll(database.pool));
    expect(await claimAll(database.pool)).toHaveLength(3);
  });

  test('is given up when it has brought down twenty exporters', async () => {
    const id = await openRun(database.pool, instances.slice(0, 1));
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      expect(await claimAll(database.pool)).toMatchObject([{ attempt }]);
      await letLeasesRunOut();
      expect(await requeueAbandonedClaims(database.pool, queue)).toBe(1);
    }
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'interrupted' });
    expect(await recordsOf(id)).toMatchObject([
      { error_code: 'interrupted', error_message: expect.stringContaining('20 times') },
    ]);
  });

  test('with a passing fault is tried again later, as often as it may be', async () => {
    const { id } = await requestSession(database.pool, instances.slice(0, 1), { retries: 2 });
    for (const retriesLeft of [2, 1, 0]) {
      const [claim] = (await claimAll(database.pool)) as [Claim];
      expect(claim.retriesLeft).toBe(retriesLeft);
      await endClaim(database.pool, claim, outcome('failed'), { again: retriesLeft > 0 });
      if (retriesLeft === 0) continue;
      expect(await recordsOf(id)).toMatchObject([{ status: 'queued', error_code: 'connection_refused' }]);
      expect(await claimAll(database.pool)).toEqual([]);
      await database.pool.query("UPDATE tidemark_queue.job SET start_after = now() - interval '1 second'");
    }
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'failed', instances: { failed: 1 } });
  });

  test.each(['failed', 'skipped'] as const)(
    'that measured a part is tried again, and what it measured counts when that is %s',
    async (second) => {
      const { id } = await requestSession(database.pool, instances.slice(0, 1), { retries: 1 });
      const [claim] = (await claimAll(database.pool)) as [Claim];
      await endClaim(database.pool, claim, outcome('partial'), { again: true, measureMilliseconds: 1 });
      expect(await recordsOf(id)).toMatchObject([{ status: 'queued', databases_measured: 3 }]);
      await database.pool.query("UPDATE tidemark_queue.job SET start_after = now() - interval '1 second'");
      const [retried] = (await claimAll(database.pool)) as [Claim];
      expect(retried.lastCost).toBeNull();
      expect(await endClaim(database.pool, retried, outcome(second))).toEqual([id]);
      expect(await recordsOf(id)).toMatchObject([{ status: 'partial', databases_measured: 3 }]);
      expect(await findSession(database.pool, id)).toMatchObject({ status: 'partial', databasesMeasured: 3 });
    },
  );

  test('of an instance that is removed ends the session', async () => {
    const id = await openRun(database.pool, instances.slice(0, 2));
    await finishAll(['succeeded']);
    await database.pool.query('DELETE FROM instances WHERE id = $1', [instances[1]]);
    expect(await claimAll(database.pool)).toEqual([]);
    expect(await entriesInQueue()).toBe(0);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'running' });
    expect(await finishEmptySessions(database.pool)).toEqual([id]);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'succeeded', instances: { total: 1 } });
  });

  test('knows what the instance cost the last time', async () => {
    await openRun(database.pool, instances.slice(0, 1));
    const [first] = (await claimAll(database.pool)) as [Claim];
    expect(first.lastCost).toBeNull();
    await endClaim(database.pool, first, outcome('succeeded'), { measureMilliseconds: 1234 });
    await openRun(database.pool, instances.slice(0, 1));
    expect(await claimAll(database.pool)).toMatchObject([
      { lastCost: { milliseconds: 1234, finishedAt: expect.any(Date) } },
    ]);
  });
});

describe('cancelling a session', () => {
  test('stops what has not started, tells what runs, and ends with the last of it', async () => {
    const id = await openRun(database.pool, instances);
    const [claim] = (await claimInstances(database.pool, queue, {
      ...{ count: 1, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 4 },
    })) as [Claim];
    expect(await cancelSession(database.pool, id)).toBe(true);
    expect((await statusesOf(id)).sort()).toEqual(['cancelled', 'cancelled', 'running']);
    expect(await claimAll(database.pool)).toEqual([]);
    expect(await renewClaims(database.pool, [claim], 60_000)).toMatchObject([{ cancelled: true }]);
    expect(await requestSession(database.pool, instances)).toEqual({ id, how: 'busy' });
    expect(await endClaim(database.pool, claim, outcome('cancelled'))).toEqual([id]);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'cancelled', instances: { cancelled: 3 } });
    expect(await cancelSession(database.pool, id)).toBe(false);
    expect(await entriesInQueue()).toBe(0);
  });

  test('ends it at once where nothing runs', async () => {
    const id = await openRun(database.pool, instances);
    await cancelSession(database.pool, id);
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'cancelled', finishedAt: expect.any(Date) });
  });
});

describe('a cancelled session', () => {
  const cancelledAsAWhole = {
    status: 'cancelled',
    instances: { total: 1, cancelled: 1 },
    finishedAt: expect.any(Date),
  };

  test('ends when the exporter that measured its last instance has died', async () => {
    const id = await openRun(database.pool, instances.slice(0, 1));
    await claimAll(database.pool);
    await cancelSession(database.pool, id);
    await letLeasesRunOut();
    expect(await requeueAbandonedClaims(database.pool, queue)).toBe(1);
    expect(await finishEmptySessions(database.pool)).toEqual([id]);
    expect(await findSession(database.pool, id)).toMatchObject(cancelledAsAWhole);
    expect(await claimAll(database.pool)).toEqual([]);
    expect(await entriesInQueue()).toBe(0);
  });

  test('ends when its last instance had failed at that moment and was to be tried again', async () => {
    const { id } = await requestSession(database.pool, instances.slice(0, 1), { retries: 1 });
    const [claim] = (await claimAll(database.pool)) as [Claim];
    await inTransaction(database.pool, async (client) => {
      await endClaims(client, queue, [{ claim, outcome: outcome('failed'), again: true, measureMilliseconds: null }]);
      expect(await cancelSession(database.pool, id)).toBe(true);
    });
    expect(await findSession(database.pool, id)).toMatchObject({ status: 'running' });
    await database.pool.query("UPDATE tidemark_queue.job SET start_after = now() - interval '1 second'");
    expect(await finishEmptySessions(database.pool)).toEqual([id]);
    expect(await findSession(database.pool, id)).toMatchObject(cancelledAsAWhole);
    expect(await claimAll(database.pool)).toEqual([]);
    expect(await entriesInQueue()).toBe(0);
  });
});

describe('two that want the same records', () => {
  let fleet: number[];

  beforeEach(async () => {
    fleet = [];
    for (let index = 0; index < 300; index += 1) fleet.push(await addInstance(database.pool, `many-${index}`));
  });

  test('wait for each other when one renews them and the other one ends them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await openRun(database.pool, fleet);
      const claims = await claimAll(database.pool);
      let ended = 0;
      const end = async (): Promise<void> => {
        for (; ended < claims.length; ended += 20) {
          const batch = claims.slice(ended, ended + 20).reverse();
          const outcomes = batch.map((claim) => ({
            ...{ claim, outcome: outcome('succeeded'), again: false, measureMilliseconds: null },
          }));
          await inTransaction(database.pool, (client) => endClaims(client, queue, outcomes));
        }
      };
      const renew = async (): Promise<void> => {
        while (ended < claims.length) await renewClaims(database.pool, claims.slice(ended, ended + 64), 60_000);
      };
      await Promise.all([end(), renew()]);
      expect(await findSession(database.pool, id)).toMatchObject({ status: 'succeeded' });
    }
  });

  test('wait for each other when some take them and another one cancels the session', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await openRun(database.pool, fleet);
      const taking = Array.from({ length: 8 }, () =>
        claimInstances(database.pool, queue, {
          ...{ count: 30, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 1000 },
        }),
      );
      const [cancelled, ...taken] = await Promise.all([cancelSession(database.pool, id), ...taking]);
      expect(cancelled).toBe(true);
      for (const claim of taken.flat()) await endClaim(database.pool, claim, outcome('cancelled'));
      expect(await findSession(database.pool, id)).toMatchObject({
        status: 'cancelled',
        instances: { cancelled: 300 },
      });
      await database.pool.query('DELETE FROM tidemark_queue.job');
    }
  });
});
