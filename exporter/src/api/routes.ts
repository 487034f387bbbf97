import { collectionsRoutes } from './collections.ts';
import { databaseSizesRoutes } from './database-sizes.ts';
import { growthRoutes } from './growth.ts';
import { instancesRoutes } from './instances.ts';
import { serviceRoutes } from './service.ts';
import { tokensRoutes } from './tokens.ts';
import type { Route } from './route.ts';

/** Every route of the API: one line a resource. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...tokensRoutes,
  ...instancesRoutes,
  ...databaseSizesRoutes,
  ...growthRoutes,
  ...collectionsRoutes,
];
