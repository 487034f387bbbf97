import { collectionsRoutes } from './collections.ts';
import { databaseSizesRoutes } from './database-sizes.ts';
import { growthRoutes } from './growth.ts';
import { instancesRoutes } from './instances.ts';
import type { Route } from './route.ts';

/** Every route of the API: one line a resource. */
export const routes: readonly Route[] = [
  ...instancesRoutes,
  ...databaseSizesRoutes,
  ...growthRoutes,
  ...collectionsRoutes,
];
