import { jest } from '@jest/globals';
import { config, type PluginPageProps } from '@grafana/runtime';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { configure, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { type ComponentType, type ReactNode } from 'react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router-dom';

import { appPath } from '../../../plugin/src/constants';
import { TidemarkClient, type ApiRequest, type Me } from '../../../plugin/src/data';
import { TidemarkContext } from '../../../plugin/src/data/hooks';
import './browser-parts';
import { answer, fakeExporter } from './fake-exporter';

/** Grafana sets its own page where the package does not export the setter; the file behind it is the same module. */
const { setPluginPage } = jest.requireActual<{ setPluginPage: (page: ComponentType<PluginPageProps>) => void }>(
  '../../../node_modules/@grafana/runtime/dist/cjs/components/PluginPage.cjs',
);

// A whole page takes its time on a busy machine.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 10_000 });

interface PageOptions {
  /** What the exporter answers, as `fakeExporter` takes it. */
  readonly routes: Parameters<typeof fakeExporter>[0];
  /** Of the page's route below the app, with its parameters. */
  readonly path?: string;
  /** Where the page is opened, below the app. */
  readonly at?: string;
  /** Of the reader in Grafana. */
  readonly orgRole?: 'Viewer' | 'Editor' | 'Admin';
  /** Of the data source's token. */
  readonly tokenRole?: Me['role'];
}

const routerFlags = { v7_relativeSplatPath: false, v7_startTransition: false };

/** Shows a page as the app does: with a connection, a router, and the place where Grafana puts a page's buttons. */
export function renderPage(
  Page: ComponentType,
  { routes, path = 'page', at = path, orgRole = 'Viewer', tokenRole = 'admin' }: PageOptions,
) {
  config.bootData = { ...config.bootData, user: { ...config.bootData?.user, isGrafanaAdmin: false, orgRole } } as never;
  setPluginPage(({ children, actions, subTitle, info }) => (
    <main>
      {subTitle}
      {info?.map(({ label, value }) => (
        <div key={String(label)} role="group" aria-label={String(label)}>
          {value as ReactNode}
        </div>
      ))}
      {actions}
      {children}
    </main>
  ));
  const { send, requests } = fakeExporter({ 'GET /me': () => answer(me(tokenRole)), ...routes });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: Infinity } } });
  let address = '';
  const Address = () => {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return null;
  };
  render(
    <QueryClientProvider client={queries}>
      <TidemarkContext.Provider value={{ client: new TidemarkClient(send), dataSourceUid: 'test' }}>
        <MemoryRouter initialEntries={[`${appPath}/${at}`]} future={routerFlags}>
          <Address />
          <Routes>
            <Route path={`${appPath}/${path}`} element={<Page />} />
          </Routes>
        </MemoryRouter>
      </TidemarkContext.Provider>
    </QueryClientProvider>,
  );
  return {
    user: userEvent.setup({ delay: null, pointerEventsCheck: 0 }),
    /** What the exporter was asked, `GET /instances` for example; the latest last. */
    asked: (route: string): ApiRequest[] =>
      requests.filter(({ method, path: asked }) => `${method} ${asked.replace('/api/v1', '')}` === route),
    /** The parameters in the address of the page. */
    parameters: () => new URLSearchParams(address.split('?')[1] ?? ''),
  };
}

export function me(role: Me['role']): Me {
  return {
    name: 'test',
    role,
    owner: role === 'owner' ? 'team-orders' : null,
    expires_at: null,
    version: '0.1.0',
    timezone: 'UTC',
    demonstration: false,
  };
}
