import { lazy, type ComponentType } from 'react';

interface PageRoute {
  /** Below the app's own path. */
  readonly path: string;
  readonly Page: ComponentType;
  /** False for the page that makes the connection. */
  readonly needsConnection: boolean;
}

const page = (path: string, load: () => Promise<{ default: ComponentType }>, needsConnection = true): PageRoute => ({
  path,
  Page: lazy(load),
  needsConnection,
});

/** Every page: one line each. The name of the chunk is the name of its file in the package. */
export const routes: readonly PageRoute[] = [
  page('overview', () => import(/* webpackChunkName: "overview" */ '../pages/Overview')),
  page('instances', () => import(/* webpackChunkName: "instances" */ '../pages/Instances')),
  page('instances/:instanceId', () => import(/* webpackChunkName: "instance" */ '../pages/Instance')),
  page('instances/:instanceId/:tab', () => import(/* webpackChunkName: "instance" */ '../pages/Instance')),
  page(
    'instances/:instanceId/databases/:databaseName',
    () => import(/* webpackChunkName: "database" */ '../pages/Database'),
  ),
  page('growth', () => import(/* webpackChunkName: "growth" */ '../pages/Growth')),
  page('collections', () => import(/* webpackChunkName: "collections" */ '../pages/Collections')),
  page('collections/:sessionId', () => import(/* webpackChunkName: "collections" */ '../pages/Collections')),
  page('configuration', () => import(/* webpackChunkName: "configuration" */ '../pages/Configuration'), false),
];

/** Where the app opens, and where an unknown address leads. */
export const homePath = 'overview';
