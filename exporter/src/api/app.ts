import compression from 'compression';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.ts';
import { collectionsRouter, type StartCollection } from './collections.ts';
import { databaseSizesRouter } from './database-sizes.ts';
import { errorHandler, unknownRoute } from './errors.ts';
import { growthRouter } from './growth.ts';
import { healthRouter } from './health.ts';
import { instancesRouter, type TestConnection } from './instances.ts';
import { landingRouter } from './landing.ts';
import { answerScrapes, observeRequests } from './metrics.ts';

export interface AppContext {
  readonly pool: pg.Pool;
  readonly metrics: Metrics;
  readonly timezone: string;
  readonly testConnection: TestConnection;
  readonly log: Logger;
  readonly startCollection: StartCollection;
  /** Why the repository is not available, as far as is known. */
  readonly outage: () => string | null;
  /** Without it there are only health and metrics. */
  readonly withApi: boolean;
}

/** Everything that is answered over HTTP. */
export function createApp(context: AppContext): Express {
  const { pool, metrics, timezone, testConnection, startCollection, log } = context;
  const app = express();
  app.disable('x-powered-by');
  app.use(observeRequests(metrics));
  // Without TLS of our own, upgrading a browser's requests to https would only break them.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, hsts: false }));
  app.use(compression({ level: 1 }));
  app.use(landingRouter(pool));
  app.use(healthRouter(pool, context.outage));
  app.get('/metrics', answerScrapes(metrics));
  if (context.withApi) {
    app.use('/api/v1', instancesRouter(pool, testConnection));
    app.use('/api/v1', databaseSizesRouter(pool, timezone));
    app.use('/api/v1', collectionsRouter(pool, startCollection));
    app.use('/api/v1', growthRouter(pool, timezone));
  }
  app.use(unknownRoute);
  app.use(errorHandler(log));
  return app;
}
