import pLimit from 'p-limit';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Deadlines } from '../config/deadlines.ts';
import { messageOf, TidemarkError } from '../errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { listActiveInstances, saveServerVersion, type Instance } from '../store/instances.ts';
import { saveMeasurements } from '../store/measurements.ts';
import { saveStorage } from '../store/storage.ts';
import { ensurePartitions } from '../store/partitions.ts';
import { dayIn } from '../store/periods.ts';
import {
  finishRecord,
  finishSession,
  openSession,
  renewLease,
  startRecord,
  type CollectionSession,
  type RecordOutcome,
  type Trigger,
} from '../store/sessions.ts';
import { measureInstance } from './measure.ts';
import type { Progress } from './progress.ts';

/** What a run needs of the rest. */
export interface CollectionContext {
  readonly pool: pg.Pool;
  readonly fleet: Fleet;
  readonly deadlines: Deadlines;
  readonly timezone: string;
  /** Instances measured at the same time. */
  readonly concurrency: number;
  readonly log: Logger;
}

export interface RunOptions {
  readonly trigger: Trigger;
  readonly progress: Progress;
  /** Only this one; all active ones when left out. */
  readonly instanceName?: string;
  /** Ends the run early: instances that have not started are left, what runs is finished. */
  readonly signal?: AbortSignal;
}

/**
 * Measures the active instances and stores what they say: one session, one record an instance. An instance that fails is
 * recorded and stops nothing else.
 * @throws TidemarkError `run_in_progress`; `not_found` for a name that no active instance has
 */
export async function runCollection(context: CollectionContext, options: RunOptions): Promise<CollectionSession> {
  const { pool, deadlines, concurrency, log } = context;
  const instances = await instancesFor(context, options.instanceName);
  await ensurePartitions(pool, dayIn(context.timezone, new Date()));
  const sessionId = await openSession(
    pool,
    options.trigger,
    instances.map((instance) => instance.id),
    deadlines.lease,
  );
  if (sessionId === null) {
    throw new TidemarkError('run_in_progress', 'a collection is running already: wait until it has finished');
  }
  options.progress.started(sessionId, instances.length);
  const lease = keepLease(context, sessionId);
  try {
    const limit = pLimit(concurrency);
    const stopped = () => lease.lost() || options.signal?.aborted === true;
    await Promise.all(
      instances.map((instance) =>
        limit(async () => {
          if (stopped()) return;
          await collectInstance(context, sessionId, instance, options.progress);
        }),
      ),
    );
  } finally {
    lease.stop();
    options.progress.finished();
  }
  const session = await finishSession(pool, sessionId);
  log.info(
    { session: session.id, status: session.status, ...session.instances, databases: session.databasesMeasured },
    'collection finished',
  );
  return session;
}

async function instancesFor({ pool }: CollectionContext, name: string | undefined): Promise<Instance[]> {
  const instances = await listActiveInstances(pool);
  if (name === undefined) return instances;
  const named = instances.filter((instance) => instance.name === name);
  if (named.length === 0) {
    const known = instances.map((instance) => instance.name).join(', ') || 'none';
    throw new TidemarkError('not_found', `there is no active instance "${name}"; active ones: ${known}`);
  }
  return named;
}

/** Renews the lease of the session while it runs. */
function keepLease(context: CollectionContext, sessionId: number): { lost(): boolean; stop(): void } {
  let lost = false;
  const timer = setInterval(() => {
    renewLease(context.pool, sessionId, context.deadlines.lease).then(
      (ours) => {
        if (!ours && !lost) context.log.warn({ session: sessionId }, 'the session was closed by another exporter');
        lost ||= !ours;
      },
      (error: unknown) => context.log.warn({ session: sessionId }, `the lease was not renewed: ${messageOf(error)}`),
    );
  }, context.deadlines.lease / 3);
  return { lost: () => lost, stop: () => clearInterval(timer) };
}

async function collectInstance(
  context: CollectionContext,
  sessionId: number,
  instance: Instance,
  progress: Progress,
): Promise<void> {
  const startedAt = Date.now();
  await startRecord(context.pool, sessionId, instance.id);
  const outcome = await measureAndStore(context, instance);
  await finishRecord(context.pool, sessionId, instance.id, outcome);
  progress.finishedInstance(instance, outcome, Date.now() - startedAt);
}

async function measureAndStore(context: CollectionContext, instance: Instance): Promise<RecordOutcome> {
  try {
    const measured = await measureInstance(instance, context.fleet, context.deadlines);
    const collectedAt = new Date();
    const collectedDate = dayIn(context.timezone, collectedAt);
    await ensurePartitions(context.pool, collectedDate);
    const moment = { instanceId: instance.id, collectedDate, collectedAt };
    await saveMeasurements(context.pool, {
      ...moment,
      databases: measured.databases,
      unmeasured: measured.failures.flatMap((failure) => failure.databaseName ?? []),
    });
    await saveStorage(context.pool, moment, measured.storage);
    await saveServerVersion(context.pool, instance.id, measured.serverVersion);
    const { databases, failures, warnings } = measured;
    const status = failures.length === 0 ? 'succeeded' : databases.length === 0 ? 'failed' : 'partial';
    const error = status === 'failed' ? (failures[0] ?? null) : null;
    return { status, databasesMeasured: databases.length, failures, warnings, error };
  } catch (error) {
    const code = error instanceof TidemarkError ? error.code : 'internal';
    if (code === 'internal')
      context.log.error({ err: error, instance: instance.name }, 'collecting an instance failed');
    return {
      status: 'failed',
      databasesMeasured: 0,
      failures: [],
      warnings: [],
      error: { code, message: messageOf(error) },
    };
  }
}
