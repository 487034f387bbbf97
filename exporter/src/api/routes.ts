import { collectionsRoutes } from './collections.ts';
import { connectionTestsRoutes } from './connection-tests.ts';
import { credentialsRoutes } from './credentials.ts';
import { databasesRoutes } from './databases.ts';
import { databaseSizesRoutes } from './database-sizes.ts';
import { documentationRoutes } from './documentation.ts';
import { growthRoutes } from './growth.ts';
import { instanceChangesRoutes } from './instance-changes.ts';
import { instancesRoutes } from './instances.ts';
import { seriesRoutes } from './series.ts';
import { serviceRoutes } from './service.ts';
import { settingsRoutes } from './settings.ts';
import { tokensRoutes } from './tokens.ts';
import type { Route } from './route.ts';

/** Every route of the API: one line a resource. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...settingsRoutes,
  ...tokensRoutes,
  ...instancesRoutes,
  ...instanceChangesRoutes,
  ...connectionTestsRoutes,
  ...credentialsRoutes,
  ...databasesRoutes,
  ...databaseSizesRoutes,
  ...growthRoutes,
  ...seriesRoutes,
  ...collectionsRoutes,
  ...documentationRoutes,
];
