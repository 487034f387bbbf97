import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  claimInstances,
  isNamedBySomebody,
  releaseClaims,
  requeueAbandonedClaims,
  type Claim,
} from '../../../exporter/src/store/claims.ts';
import { readCollectionStates } from '../../../exporter/src/store/records.ts';
import { cancelSession, findSession } from '../../../exporter/src/store/sessions.ts';
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

const names = (claims: readonly Claim[]): string[] => claims.map((claim) => claim.instance.name);

/** As `tidemark collect --instance NAME` asks. */
function nameInstance(name: string): ReturnType<typeof requestSession> {
  const id = instances[['a', 'b', 'c'].indexOf(name)] ?? 0;
  return requestSession(database.pool, [id], { scope: { instance: name } });
}

function claimOne(): Promise<Claim[]> {
  const options = { count: 1, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 1000 };
  return claimInstances(database.pool, queue, options);
}

describe('who names an instance that is on the list of a run', () => {
  test('gets it before the rest of the fleet', async () => {
    const id = await openRun(database.pool, instances);
    expect(await nameInstance('c')).toEqual({ id, how: 'joined' });
    expect(await claimOne()).toMatchObject([{ isNamed: true, instance: { name: 'c' } }]);
    const rest = await claimAll(database.pool);
    expect(names(rest).sort()).toEqual(['a', 'b']);
    expect(rest.every((claim) => !claim.isNamed)).toBe(true);
  });

  test.each(['succeeded', 'failed', 'skipped'] as const)(
    'gets it measured again where it has %s already',
    async (before) => {
      const id = await openRun(database.pool, instances);
      await finishInstance(database.pool, instances[0] ?? 0, outcome(before));
      await nameInstance('a');
      const [claim] = (await claimOne()) as [Claim];
      expect(claim).toMatchObject({ isNamed: true, attempt: 2, sessionId: id, instance: { name: 'a' } });
      await endClaim(database.pool, claim, outcome('succeeded'));
      for (const other of await claimAll(database.pool)) await endClaim(database.pool, other, outcome('succeeded'));
      expect(await findSession(database.pool, id)).toMatchObject({
        ...{ status: 'succeeded', databasesMeasured: 9, instances: { total: 3, succeeded: 3 } },
      });
    },
  );

  test('leaves it alone where it is being measured, but for its being named', async () => {
    await openRun(database.pool, instances.slice(0, 1));
    const claims = await claimAll(database.pool);
    await nameInstance('a');
    expect(await claimAll(database.pool)).toEqual([]);
    for (const claim of claims) expect(await isNamedBySomebody(database.pool, claim)).toBe(true);
    for (const claim of claims) expect(await endClaim(database.pool, claim, outcome('succeeded'))).toHaveLength(1);
  });

  test('and has the run cancelled, does not lose what was measured before', async () => {
    const id = await openRun(database.pool, instances);
    await finishInstance(database.pool, instances[0] ?? 0, outcome('succeeded'));
    await nameInstance('a');
    await cancelSession(database.pool, id);
    const [state] = await readCollectionStates(database.pool);
    expect(state).toMatchObject({ instanceName: 'a', succeeded: true, lastSuccessAt: expect.any(Date) });
  });

  test('does not make others named, whoever came first', async () => {
    await nameInstance('a');
    await openRun(database.pool, instances);
    const claims = await claimAll(database.pool);
    expect(Object.fromEntries(claims.map((claim) => [claim.instance.name, claim.isNamed]))).toEqual({
      ...{ a: true, b: false, c: false },
    });
  });
});

test('an instance that was removed since it was listed costs the run nothing', async () => {
  await database.pool.query('DELETE FROM instances WHERE id = $1', [instances[1]]);
  const id = await openRun(database.pool, instances);
  expect(names(await claimAll(database.pool)).sort()).toEqual(['a', 'c']);
  expect(await findSession(database.pool, id)).toMatchObject({ instances: { total: 2 } });
});

test('an instance that is removed at this moment is waited for, and left out', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM instances WHERE id = $1', [instances[1]]);
    const opening = openRun(database.pool, instances);
    await client.query('SELECT pg_sleep(0.1)');
    await client.query('COMMIT');
    expect(await findSession(database.pool, await opening)).toMatchObject({ instances: { total: 2 } });
  } finally {
    client.release();
  }
});

describe('an entry that comes back into the queue', () => {
  const left = (claims: readonly Claim[]): number[] => claims.map((claim) => claim.retriesLeft);

  test.each([
    ['given back', (claims: readonly Claim[]) => releaseClaims(database.pool, queue, claims)],
    [
      'left by an exporter that died',
      async () => {
        await database.pool.query(`UPDATE collection_records SET lease_expires_at = now() - interval '1 second'`);
        await requeueAbandonedClaims(database.pool, queue);
      },
    ],
  ])('%s keeps its retries', async (_, comeBack) => {
    await requestSession(database.pool, instances, { retries: 2 });
    await comeBack(await claimAll(database.pool));
    const claims = await claimAll(database.pool);
    expect(left(claims)).toEqual([2, 2, 2]);
  });

  test('because its host was busy keeps its retries, with their pauses, and its place before the others', async () => {
    const shared = [
      await addInstance(database.pool, 'd', { host: 'a.example.net' }),
      await addInstance(database.pool, 'e', { host: 'b.example.net' }),
    ];
    const options = { count: 10, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 1 };
    await requestSession(database.pool, [...instances, ...shared], { retries: 2, scope: { label: 'x=y' } });
    await claimInstances(database.pool, queue, options);
    const { rows } = await database.pool.query(
      `SELECT retry_limit, retry_delay, retry_backoff, priority FROM tidemark_queue.job WHERE state = 'created'`,
    );
    const entry = { retry_limit: 2, retry_delay: 4, retry_backoff: true, priority: 1 };
    expect(rows).toEqual([entry, entry]);
  });
});

test('what a cancelled run has left in the queue keeps nobody from the next one', async () => {
  for (let index = 0; index < 50; index += 1) {
    instances.push(await addInstance(database.pool, `more-${index}`, { host: `host-${index}` }));
  }
  await cancelSession(database.pool, await openRun(database.pool, instances));
  const id = await openRun(database.pool, instances.slice(0, 3));
  const options = { count: 3, exporter: 'tests', leaseMilliseconds: 60_000, connectionsPerHost: 1000 };
  const [claim] = await claimInstances(database.pool, queue, options);
  expect(claim).toMatchObject({ sessionId: id });
});
