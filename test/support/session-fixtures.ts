import type pg from 'pg';
import { pino } from 'pino';
import type { WorkerContext } from '../../exporter/src/collection/context.ts';
import type { RunContext } from '../../exporter/src/collection/start-run.ts';
import { claimInstances, endClaims, releaseClaims, type Claim } from '../../exporter/src/store/claims.ts';
import { inTransaction } from '../../exporter/src/store/pool.ts';
import { Queue } from '../../exporter/src/store/queue.ts';
import type { RecordOutcome } from '../../exporter/src/store/records.ts';
import { RepositoryWatch } from '../../exporter/src/store/watch.ts';
import type { Fleet } from '../../exporter/src/fleet/fleet.ts';
import { addInstance } from './fleet-fixtures.ts';
import { testDeadlines } from './test-database.ts';
import { openSession, type SessionOpening, type SessionRequest } from '../../exporter/src/store/sessions.ts';

export const queue = new Queue();

/** Three instances on hosts of their own, and nothing else. */
export async function freshInstances(pool: pg.Pool): Promise<number[]> {
  await pool.query('TRUNCATE instances, collection_sessions, tidemark_queue.job CASCADE');
  const ids: number[] = [];
  for (const name of ['a', 'b', 'c']) ids.push(await addInstance(pool, name, { host: `${name}.example.net` }));
  return ids;
}

/** What came of an instance, as a test wants it: three databases where it went well. */
export const outcome = (status: RecordOutcome['status'], changes: Partial<RecordOutcome> = {}): RecordOutcome => ({
  status,
  databasesMeasured: status === 'succeeded' || status === 'partial' ? 3 : 0,
  failures: status === 'partial' ? [{ databaseName: 'x', code: 'permission_denied', message: 'GRANT …' }] : [],
  warnings: [],
  error: status === 'failed' ? { code: 'connection_refused', message: 'nothing listens there' } : null,
  ...changes,
});

/** Asks for a run over these instances, as the command line would. */
export function requestSession(
  pool: pg.Pool,
  instanceIds: readonly number[],
  changes: Partial<SessionRequest> = {},
): Promise<SessionOpening> {
  const instances = instanceIds.map((id) => ({ id }));
  const request = { trigger: 'command', scope: {}, requestedBy: null, dueAt: null, instances, retries: 0 } as const;
  return openSession(pool, queue, { ...request, ...changes });
}

/** @returns the id of the session */
export async function openRun(pool: pg.Pool, instanceIds: readonly number[]): Promise<number> {
  return (await requestSession(pool, instanceIds)).id;
}

/** Takes all that is in the queue. */
export function claimAll(pool: pg.Pool, leaseMilliseconds = 60_000): Promise<Claim[]> {
  return claimInstances(pool, queue, { count: 1000, exporter: 'tests', leaseMilliseconds, connectionsPerHost: 1000 });
}

/** Takes one instance of a run and ends it; the others stay where they are. */
export async function finishInstance(pool: pg.Pool, instanceId: number, outcome: RecordOutcome): Promise<void> {
  const claims = await claimAll(pool);
  const claim = claims.find((candidate) => candidate.instance.id === instanceId);
  await releaseClaims(
    pool,
    queue,
    claims.filter((candidate) => candidate !== claim),
  );
  if (claim === undefined) throw new Error(`instance ${instanceId} is not in the queue`);
  await endClaim(pool, claim, outcome);
}

/** @returns the sessions that ended with it */
export function endClaim(
  pool: pg.Pool,
  claim: Claim,
  outcome: RecordOutcome,
  more: { readonly again?: boolean; readonly measureMilliseconds?: number } = {},
): Promise<number[]> {
  const { again = false, measureMilliseconds = null } = more;
  return inTransaction(pool, (client) => endClaims(client, queue, [{ claim, outcome, again, measureMilliseconds }]));
}

/** What a run of this process needs; nothing is logged, and no instance is left alone or tried twice. */
export function runContext(
  pool: pg.Pool,
  fleet: Fleet,
  changes: Partial<WorkerContext> = {},
): WorkerContext & RunContext {
  const log = pino({ level: 'silent' });
  return {
    ...{ pool, queue, fleet, log, watch: new RepositoryWatch(pool, log), deadlines: testDeadlines, timezone: 'UTC' },
    ...{ concurrency: 16, connectionsPerHost: 1000, loadPercent: 100, retries: 0, role: 'all', ...changes },
  };
}
