import { collectionsRoutes } from './collections.ts';
import { connectionTestsRoutes } from './connection-tests.ts';
import { credentialsRoutes } from './credentials.ts';
import { databasesRoutes } from './databases.ts';
import { databaseSizesRoutes } from './database-sizes.ts';
import { documentationRoutes } from './documentation.ts';
import { eventsRoutes } from './events.ts';
import { facetsRoutes } from './facets.ts';
import { forecastsRoutes } from './forecasts.ts';
import { growthRoutes } from './growth.ts';
import { instanceChangesRoutes } from './instance-changes.ts';
import { instancesRoutes } from './instances.ts';
import { repositoryRoutes } from './repository.ts';
import { seriesRoutes } from './series.ts';
import { serviceRoutes } from './service.ts';
import { settingsRoutes } from './settings.ts';
import { storageRoutes } from './storage.ts';
import { tokensRoutes } from './tokens.ts';
import type { Route } from './route.ts';

/** Every route of the API: one line a resource. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...facetsRoutes,
  ...settingsRoutes,
  ...repositoryRoutes,
  ...tokensRoutes,
  ...instancesRoutes,
  ...instanceChangesRoutes,
  ...connectionTestsRoutes,
  ...credentialsRoutes,
  ...databasesRoutes,
  ...storageRoutes,
  ...databaseSizesRoutes,
  ...growthRoutes,
  ...seriesRoutes,
  ...forecastsRoutes,
  ...eventsRoutes,
  ...collectionsRoutes,
  ...documentationRoutes,
];
