import { Router } from 'express';
import type pg from 'pg';
import { findLastSession, type CollectionSession } from '../store/sessions.ts';
import { version } from '../version.ts';

/** `/`: what this is, where things are, and how the last run went. */
export function landingRouter(pool: pg.Pool): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const lastRun = await findLastSession(pool).then(describeRun, () => 'unknown: the repository does not answer');
    response.type('html').send(landingPage(lastRun));
  });
  return router;
}

function describeRun(session: CollectionSession | null): string {
  if (session === null) return 'none yet';
  const { total, succeeded, partial, failed } = session.instances;
  const ended =
    session.finishedAt === null ? `since ${session.startedAt.toISOString()}` : session.finishedAt.toISOString();
  return (
    `${session.status} (${ended}): ${total} ${total === 1 ? 'instance' : 'instances'}, ${succeeded} succeeded, ${partial} partly, ${failed} failed; ` +
    `${session.databasesMeasured} databases measured, ${session.databasesFailed} failed`
  );
}

/** Nothing in it comes from outside but counts, dates and fixed words. */
function landingPage(lastRun: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tidemark</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark; }
  dt { font-weight: 600; margin-top: .6rem; }
  dd { margin-left: 0; }
</style>
</head>
<body>
<h1>Tidemark ${version}</h1>
<p>How large every database of the fleet is, how it got there, and when it fills up.</p>
<h2>Last run</h2>
<p id="last-run">${lastRun}</p>
<h2>Where things are</h2>
<dl>
  <dt><a href="/metrics">/metrics</a></dt><dd>for Prometheus</dd>
  <dt><a href="/api/v1/docs">/api/v1/docs</a></dt><dd>the API, described and to be tried; it asks for a token</dd>
  <dt><a href="/livez">/livez</a>, <a href="/readyz">/readyz</a></dt><dd>health</dd>
</dl>
</body>
</html>
`;
}
