import React, { lazy, Suspense } from 'react';
import { AppPlugin } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';

const Pages = lazy(() => import('./pages/Pages'));

/** Loads the pages on the first visit: Grafana loads this module on every start, so it stays small. */
const RootPage = () => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <Pages />
  </Suspense>
);

export const plugin = new AppPlugin().setRootPage(RootPage);
