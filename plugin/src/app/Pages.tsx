import { PluginPage } from '@grafana/runtime';
import { ErrorBoundaryAlert } from '@grafana/ui';
import React, { Suspense, type ReactNode } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router';

import { Loading } from '../components/States';
import { appPath } from '../constants';
import { Connected } from './Connected';
import { homePath, routes } from './routes';

/** The pages by their path. An unknown path leads to the first page. */
export const Pages = () => (
  <Routes>
    {routes.map(({ path, Page, needsConnection }) => (
      <Route
        key={path}
        path={path}
        element={
          <Guarded>
            {needsConnection ? (
              <Connected>
                <Page />
              </Connected>
            ) : (
              <Page />
            )}
          </Guarded>
        }
      />
    ))}
    <Route path="*" element={<Navigate replace to={`${appPath}/${homePath}`} />} />
  </Routes>
);

/** A page that breaks says so in its own place, and the next one starts afresh. */
const Guarded = ({ children }: { readonly children: ReactNode }) => (
  <ErrorBoundaryAlert key={useLocation().pathname} boundaryName="tidemark-page">
    <Suspense
      fallback={
        <PluginPage>
          <Loading />
        </PluginPage>
      }
    >
      {children}
    </Suspense>
  </ErrorBoundaryAlert>
);
