import { AppPlugin, type AppRootProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { lazy, Suspense } from 'react';

import type { AppSettings } from './data/hooks/connection';

const App = lazy(async () => (await import(/* webpackChunkName: "app" */ './app/load')).loadApp());

/** Loads the app on the first visit: Grafana loads this module on every start, so it stays small. */
const Root = (props: AppRootProps<AppSettings>) => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <App {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root);
