import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import type pg from 'pg';
import { messageOf } from '../errors.ts';
import type { RepositoryWatch } from '../store/watch.ts';

/** Milliseconds that a probe waits for the repository. */
const patience = 2_000;

/** `/livez`: the process lives. `/readyz`: it can do its work, or the reason why not. */
export function healthRouter(pool: pg.Pool, watch: RepositoryWatch): Router {
  const router = Router();

  router.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', async (_request, response) => {
    const reason = watch.reason ?? (await reasonOf(pool, watch));
    if (reason === null) response.json({ status: 'ok' });
    else response.status(503).json({ status: 'unavailable', reason: `the repository does not answer: ${reason}` });
  });

  return router;
}

async function reasonOf(pool: pg.Pool, watch: RepositoryWatch): Promise<string | null> {
  const answer = pool.query('SELECT 1').then(
    () => null,
    (error: unknown) => {
      watch.saw(error);
      return messageOf(error);
    },
  );
  const ended = new AbortController();
  const tooLong = delay(patience, `no answer within ${patience / 1000} s`, { signal: ended.signal });
  const reason = await Promise.race([answer, tooLong]);
  ended.abort();
  await tooLong.catch(() => undefined);
  return reason;
}
