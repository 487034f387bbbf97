import { PluginContextProvider, type AppPlugin } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import React from 'react';

import { PluginPage } from './PluginPage';

/** Grafana's page of an installed plugin: the tabs that the plugin has added. */
export const PluginConfigPage = ({ app }: { readonly app: AppPlugin }) => {
  const { page } = locationService.getSearchObject();
  const pages = app.configPages ?? [];
  const current = pages.find(({ id }) => id === page) ?? pages[0];
  const Body = current?.body;
  return (
    <PluginPage
      pageNav={{
        text: app.meta.name,
        subTitle: app.meta.info.description,
        children: pages.map(({ id, title }) => ({
          text: title,
          url: `/plugins/${app.meta.id}?page=${id}`,
          active: id === current?.id,
        })),
      }}
    >
      <PluginContextProvider meta={app.meta}>
        {Body !== undefined && <Body plugin={app} query={locationService.getSearchObject()} />}
      </PluginContextProvider>
    </PluginPage>
  );
};
