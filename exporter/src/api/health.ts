import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import type pg from 'pg';
import { messageOf } from '../errors.ts';

/** Milliseconds that a probe waits for the repository. */
const patience = 2_000;

/**
 * `/livez`: the process lives. `/readyz`: it can do its work, or the reason why not.
 * @param outage why the repository is not available, as far as is known
 */
export function healthRouter(pool: pg.Pool, outage: () => string | null): Router {
  const router = Router();

  router.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', async (_request, response) => {
    const reason = outage() ?? (await reasonOf(pool));
    if (reason === null) response.json({ status: 'ok' });
    else response.status(503).json({ status: 'unavailable', reason: `the repository does not answer: ${reason}` });
  });

  return router;
}

async function reasonOf(pool: pg.Pool): Promise<string | null> {
  const answer = pool.query('SELECT 1').then(() => null, messageOf);
  const ended = new AbortController();
  const tooLong = delay(patience, `no answer within ${patience / 1000} s`, { signal: ended.signal });
  const reason = await Promise.race([answer, tooLong]);
  ended.abort();
  await tooLong.catch(() => undefined);
  return reason;
}
