import { Global } from '@emotion/react';
import { PluginContextProvider, ThemeContext, type AppPlugin } from '@grafana/data';
import { config, locationService, LocationServiceProvider } from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import React, { useLayoutEffect, useState, type ComponentType } from 'react';
import { createRoot } from 'react-dom/client';
import { Navigate, Route, Router, Routes, useLocation, type Location } from 'react-router-dom';

import { loadAppPlugin } from '../services/plugins';
import { AnnotationsPage } from '../workbench/AnnotationsPage';
import { DataSourcePage } from '../workbench/DataSourcePage';
import { ExplorePage } from '../workbench/ExplorePage';
import { PanelPage } from '../workbench/PanelPage';
import { VariablesPage } from '../workbench/VariablesPage';
import { appId } from './navigation';
import { PluginConfigPage } from './PluginConfigPage';
import { Shell } from './Shell';
import { Toasts } from './Toasts';

export async function renderShell(): Promise<void> {
  const app = await loadAppPlugin(appId);
  const root = document.getElementById('reactRoot');
  if (root === null) throw new Error('the page has no element reactRoot');
  createRoot(root).render(<Host app={app} />);
}

/** What Grafana's style sheets set beyond the styles of its components. */
const reset = {
  '*, *::before, *::after': { boxSizing: 'border-box' },
  'html, body': { margin: 0, height: '100%' },
  'ul, ol, p, h1, h2, h3, h4, h5, h6': { margin: 0 },
  table: { borderCollapse: 'collapse' },
  'button, input, select, textarea': { font: 'inherit', margin: 0 },
} as const;

const Host = ({ app }: { readonly app: AppPlugin }) => (
  <ThemeContext.Provider value={config.theme2}>
    <GlobalStyles />
    <Global styles={reset} />
    <LocationServiceProvider service={locationService}>
      <HistoryRouter>
        <Shell>
          <Routes>
            <Route path={`/a/${appId}/*`} element={<AppRoot app={app} />} />
            <Route path={`/plugins/${appId}`} element={<PluginConfigPage app={app} />} />
            <Route path="/connections/datasources/edit/:uid" element={<DataSourcePage />} />
            <Route path="/explore" element={<ExplorePage />} />
            <Route path="/workbench/variables" element={<VariablesPage />} />
            <Route path="/workbench/annotations" element={<AnnotationsPage />} />
            <Route path="/workbench/treemap" element={<PanelPage panelId="tidemark-treemap-panel" />} />
            <Route path="*" element={<Navigate replace to={`/a/${appId}/overview`} />} />
          </Routes>
        </Shell>
        <Toasts />
      </HistoryRouter>
      <PortalContainer />
    </LocationServiceProvider>
  </ThemeContext.Provider>
);

interface LocationHistory {
  readonly location: Location;
  readonly action: string;
  listen(listener: (location: Location, action: string) => void): () => void;
}

/** The router on the history of Grafana's location service, which plugins may change directly. */
const HistoryRouter = ({ children }: { readonly children: React.ReactNode }) => {
  // The types of its history package are not installed.
  const history = locationService.getHistory() as unknown as LocationHistory;
  const [state, setState] = useState({ action: history.action, location: history.location });
  useLayoutEffect(
    () => history.listen((location: Location, action: string) => setState({ action, location })),
    [history],
  );
  return (
    <Router navigator={history as never} location={state.location} navigationType={state.action as never}>
      {children}
    </Router>
  );
};

const AppRoot = ({ app }: { readonly app: AppPlugin }) => {
  const { pathname } = useLocation();
  const Root = app.root as ComponentType<Record<string, unknown>> | undefined;
  if (Root === undefined) return null;
  return (
    <PluginContextProvider meta={app.meta}>
      <Root
        meta={app.meta}
        basename={`/a/${appId}`}
        onNavChanged={() => undefined}
        query={locationService.getSearchObject()}
        path={pathname}
      />
    </PluginContextProvider>
  );
};
