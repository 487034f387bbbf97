import compression from 'compression';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { ConnectionTestContext } from '../collection/connection-test.ts';
import type { RunContext } from '../collection/run.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RepositoryWatch } from '../store/watch.ts';
import { collectionsRouter } from './collections.ts';
import { databaseSizesRouter } from './database-sizes.ts';
import { errorHandler, unknownRoute } from './errors.ts';
import { healthRouter } from './health.ts';
import { instancesRouter } from './instances.ts';
import { landingRouter } from './landing.ts';

export interface AppContext {
  readonly pool: pg.Pool;
  readonly metrics: Metrics;
  readonly timezone: string;
  readonly connectionTest: ConnectionTestContext;
  readonly log: Logger;
  readonly watch: RepositoryWatch;
  /** What starting a run needs, and how to tell this exporter's own worker. */
  readonly runs: RunContext & { readonly wake: () => void };
  /** Without it there are only health and metrics. */
  readonly withApi: boolean;
}

/** Everything that is answered over HTTP. */
export function createApp(context: AppContext): Express {
  const { pool, metrics, timezone, connectionTest, log } = context;
  const app = express();
  app.disable('x-powered-by');
  // Without TLS of our own, upgrading a browser's requests to https would only break them.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, hsts: false }));
  app.use(compression({ level: 1 }));
  app.use(landingRouter(pool));
  app.use(healthRouter(pool, context.watch));
  app.get('/metrics', async (_request, response) => {
    const text = await metrics.render();
    response.set('content-type', metrics.contentType).send(text);
  });
  if (context.withApi) {
    app.use('/api/v1', instancesRouter(pool, connectionTest));
    app.use('/api/v1', databaseSizesRouter(pool, timezone));
    app.use('/api/v1', collectionsRouter(context.runs));
  }
  app.use(unknownRoute);
  app.use(errorHandler(log));
  return app;
}
