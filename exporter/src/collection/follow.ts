import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { isRepositoryOutage } from '../store/pool.ts';
import { listFinishedRecords } from '../store/records.ts';
import { findSession, type CollectionSession } from '../store/sessions.ts';
import type { Progress } from './progress.ts';

/** Between two looks at a session, and the same while the repository is away. */
const pause = 200;
const outagePause = 1_000;

interface FollowOptions {
  readonly progress: Progress;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Done beside each look. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Waits for the end of a session, whoever works on it, and tells how it goes. An outage of the repository does not end the run,
 * so it does not end the waiting.
 * @returns the session, still running when the signal ended the waiting; null where it was not seen until then
 */
export async function follow(
  pool: pg.Pool,
  sessionId: number,
  { progress, signal, meanwhile }: FollowOptions,
): Promise<CollectionSession | null> {
  const told: number[] = [];
  let seen: CollectionSession | null = null;
  try {
    for (;;) {
      try {
        await meanwhile?.();
        const session = await findSession(pool, sessionId);
        if (session === null) throw new Error(`session ${sessionId} was removed while it ran`);
        const { total } = session.instances;
        if (seen === null) progress.started(sessionId, total);
        else if (total !== seen.instances.total) progress.grown?.(total);
        seen = session;
        for (const record of await listFinishedRecords(pool, sessionId, told)) {
          told.push(record.id);
          progress.finishedInstance(record);
        }
        if (session.status !== 'running') return session;
      } catch (error) {
        if (!isRepositoryOutage(error)) throw error;
        await wait(outagePause, signal);
      }
      await wait(pause, signal);
      if (signal.aborted) return seen;
    }
  } finally {
    if (seen !== null) progress.finished();
  }
}

/** Returns early when the signal comes. */
async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
