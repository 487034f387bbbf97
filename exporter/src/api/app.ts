import compression from 'compression';
import cors from 'cors';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Metrics } from '../metrics/metrics.ts';
import type { ApiContext } from './context.ts';
import { errorHandler, unknownRoute } from './errors.ts';
import { healthRouter } from './health.ts';
import { landingRouter } from './landing.ts';
import { guardMetrics } from './metrics-access.ts';
import { answerScrapes, observeRequests } from './metrics.ts';
import { openApiDocument } from './openapi/document.ts';
import { routes } from './routes.ts';
import { nameRequests } from './request-id.ts';
import { refuseOtherMethods } from './routing/methods.ts';
import { mountRoutes } from './routing/mount.ts';

export interface AppContext extends Omit<ApiContext, 'openApi'> {
  readonly metrics: Metrics;
  /** Why the repository is not available, as far as is known. */
  readonly outage: () => string | null;
  /** Without it there are only health and metrics. */
  readonly withApi: boolean;
}

/** What is answered beside the API. */
const openPaths = ['/', '/livez', '/readyz', '/metrics'];

/** Made at the first request: nobody asks most exporters for it. */
const openApi = onceOnly(() => JSON.stringify(openApiDocument(routes)));

function onceOnly<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Everything that is answered over HTTP. */
export function createApp(context: AppContext): Express {
  const { pool, metrics, log, http } = context;
  const app = express();
  app.disable('x-powered-by');
  app.use(nameRequests(log));
  app.use(observeRequests(metrics));
  // Without TLS of our own, sending a browser to https would only break its requests.
  const hsts = http.tls !== null;
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, hsts }));
  app.use(compression({ level: 1 }));
  app.use(landingRouter(pool));
  app.use(healthRouter(pool, context.outage));
  app.get('/metrics', guardMetrics(http.metricsAccess), answerScrapes(metrics));
  if (context.withApi) {
    if (http.corsOrigins.length > 0) app.use('/api/v1', cors(corsOptions(http.corsOrigins)));
    app.use('/api/v1', mountRoutes(routes, { ...context, openApi }));
  }
  app.use(refuseOtherMethods(openPaths.map((path) => ({ method: 'GET', path }))));
  app.use(unknownRoute);
  app.use(errorHandler(log));
  return app;
}

/** Pages of these origins may call the API with a token; no cookie is ever looked at. */
function corsOptions(origins: readonly string[]): cors.CorsOptions {
  return {
    origin: [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'X-Request-Id'],
    exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id', 'Content-Disposition'],
    maxAge: 600,
  };
}
