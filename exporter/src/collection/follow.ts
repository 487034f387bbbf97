import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { isRepositoryOutage } from '../store/pool.ts';
import { listFinishedRecords } from '../store/records.ts';
import { findSession, type CollectionSession } from '../store/sessions.ts';
import type { Progress } from './progress.ts';

/** Between two looks at a session. */
const pause = 200;

/**
 * Waits for the end of a session, whoever works on it, and tells how it goes.
 * @returns the session, still running when the signal ended the waiting
 */
export async function follow(
  pool: pg.Pool,
  sessionId: number,
  progress: Progress,
  signal?: AbortSignal,
): Promise<CollectionSession> {
  const told: number[] = [];
  let begun = false;
  try {
    for (;;) {
      const session = await findPatiently(pool, sessionId);
      if (!begun) progress.started(sessionId, session.instances.total);
      begun = true;
      for (const record of await listFinishedRecords(pool, sessionId, told)) {
        told.push(record.id);
        progress.finishedInstance(record);
      }
      if (session.status !== 'running' || signal?.aborted) return session;
      await delay(pause);
    }
  } finally {
    if (begun) progress.finished();
  }
}

/** An outage does not end the run, so it does not end the waiting. */
async function findPatiently(pool: pg.Pool, sessionId: number): Promise<CollectionSession> {
  for (;;) {
    try {
      const session = await findSession(pool, sessionId);
      if (session === null) throw new Error(`session ${sessionId} was removed while it ran`);
      return session;
    } catch (error) {
      if (!isRepositoryOutage(error)) throw error;
      await delay(pause * 5);
    }
  }
}
