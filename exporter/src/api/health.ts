import { Router } from 'express';
import type pg from 'pg';
import { messageOf } from '../errors.ts';

/** `/livez`: the process lives. `/readyz`: it can do its work, or the reason why not. */
export function healthRouter(pool: pg.Pool): Router {
  const router = Router();

  router.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', async (_request, response) => {
    try {
      await pool.query('SELECT 1');
      response.json({ status: 'ok' });
    } catch (error) {
      response
        .status(503)
        .json({ status: 'unavailable', reason: `the repository does not answer: ${messageOf(error)}` });
    }
  });

  return router;
}
