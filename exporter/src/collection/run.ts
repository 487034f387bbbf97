import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TidemarkError } from '../errors.ts';
import { isRepositoryOutage } from '../store/pool.ts';
import { cancelSession, findSession, finishEmptySessions, type CollectionSession } from '../store/sessions.ts';
import type { WorkerContext } from './context.ts';
import { follow } from './follow.ts';
import { silentProgress, type Progress } from './progress.ts';
import { StandIn } from './stand-in.ts';
import { startRun, type RunContext, type RunRequest, type StartedRun } from './start-run.ts';

/** A run that is waited for. */
export interface RunOptions extends RunRequest {
  readonly progress: Progress;
  /** Who waits has had enough. */
  readonly signal?: AbortSignal;
}

/** Milliseconds for what runs to end after the run was cancelled: exporters learn of it at their next sign of life. */
const cancelPatience = 10_000;

/** Between two looks whether a run that is being cancelled has ended. */
const cancelPause = 500;

/**
 * Starts or joins a run and follows it to its end. Where no exporter measures, or the last one that did has died, this process
 * does. When the signal comes, a run that was started here is cancelled; one that was joined is left to the others.
 * @returns the session, which is still running only where it was left
 * @throws TidemarkError what `startRun` throws; `repository_unavailable` when the signal comes while the repository is away
 */
export async function runCollection(
  context: WorkerContext & RunContext,
  options: RunOptions,
): Promise<CollectionSession> {
  const { pool, watch } = context;
  const { progress, signal = new AbortController().signal } = options;
  const standIn = new StandIn(context);
  let patience = context.deadlines.shutdown;
  try {
    await standIn.lookAround();
    const { session, joined } = await startPatiently(context, options, standIn);
    if (joined) progress.joined?.(session.id);
    const meanwhile = (): Promise<void> => standIn.lookAround();
    const followed = await follow(pool, session.id, { progress, signal, meanwhile });
    if (followed !== null && followed.status !== 'running') return followed;
    patience = 0;
    refuseOutage(watch);
    if (!joined) {
      await cancelSession(pool, session.id);
      standIn.cancel(session.id);
      await follow(pool, session.id, { progress: silentProgress, signal: AbortSignal.timeout(cancelPatience) });
      refuseOutage(watch);
      await standIn.leave(patience);
      await finishEmptySessions(pool);
    }
    return (await findSession(pool, session.id)) ?? session;
  } catch (error) {
    throw isRepositoryOutage(error) ? leftBehind(messageOf(error)) : error;
  } finally {
    if (patience === 0) await watch.stop();
    await standIn.leave(patience);
  }
}

function refuseOutage({ reason }: WorkerContext['watch']): void {
  if (reason !== null) throw leftBehind(reason);
}

function leftBehind(reason: string): TidemarkError {
  const message = `the repository does not answer (${reason}): what is not stored yet is measured by whoever comes next`;
  return new TidemarkError('repository_unavailable', message);
}

/**
 * A run that was cancelled by somebody who then was killed ends when its leases have run out, where somebody measures: so that
 * one may be this process, it has to be at work before.
 */
async function startPatiently(
  context: WorkerContext & RunContext,
  { progress, signal, ...request }: RunOptions,
  standIn: StandIn,
): Promise<StartedRun> {
  const until = Date.now() + 3 * context.deadlines.lease;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await startRun(context, request);
    } catch (error) {
      const inProgress = error instanceof TidemarkError && error.code === 'run_in_progress';
      if (!inProgress || signal?.aborted === true || Date.now() > until) throw error;
      if (isFirst) progress.waiting?.();
    }
    await delay(cancelPause);
    await standIn.lookAround();
  }
}
