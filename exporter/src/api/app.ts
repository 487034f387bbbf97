import compression from 'compression';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Metrics } from '../metrics/metrics.ts';
import type { ApiContext } from './context.ts';
import { errorHandler, unknownRoute } from './errors.ts';
import { healthRouter } from './health.ts';
import { landingRouter } from './landing.ts';
import { answerScrapes, observeRequests } from './metrics.ts';
import { routes } from './routes.ts';
import { mountRoutes } from './routing/mount.ts';

export interface AppContext extends ApiContext {
  readonly metrics: Metrics;
  /** Why the repository is not available, as far as is known. */
  readonly outage: () => string | null;
  /** Without it there are only health and metrics. */
  readonly withApi: boolean;
}

/** Everything that is answered over HTTP. */
export function createApp(context: AppContext): Express {
  const { pool, metrics, log } = context;
  const app = express();
  app.disable('x-powered-by');
  app.use(observeRequests(metrics));
  // Without TLS of our own, upgrading a browser's requests to https would only break them.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, hsts: false }));
  app.use(compression({ level: 1 }));
  app.use(landingRouter(pool));
  app.use(healthRouter(pool, context.outage));
  app.get('/metrics', answerScrapes(metrics));
  if (context.withApi) app.use('/api/v1', mountRoutes(routes, context));
  app.use(unknownRoute);
  app.use(errorHandler(log));
  return app;
}
