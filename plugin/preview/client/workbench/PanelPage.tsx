import {
  CoreApp,
  EventBusSrv,
  FieldColorModeId,
  LoadingState,
  type DataQuery,
  type PanelData,
  type PanelPlugin,
  type PanelProps,
} from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { PanelChrome } from '@grafana/ui';
import React, { useEffect, useState } from 'react';

import { loadPanelPlugin } from '../services/plugins';
import { templateSrv } from '../services/templateSrv';
import { PluginPage } from '../shell/PluginPage';
import { readRange } from './range';
import { requestFor, runQueries } from './runQueries';
import { useDataSource } from './useDataSource';

const size = { width: 900, height: 500 };

/** A panel as in a dashboard: with the query and the options of the URL, both JSON. */
export const PanelPage = ({ panelId }: { readonly panelId: string }) => {
  const source = useDataSource();
  const [plugin, setPlugin] = useState<PanelPlugin>();
  const [data, setData] = useState<PanelData>();
  const search = locationService.getSearch();
  const queryText = search.get('query');
  const optionsText = search.get('options');

  useEffect(() => void loadPanelPlugin(panelId).then(setPlugin), [panelId]);
  useEffect(() => {
    if (source === undefined) return;
    const query = (queryText === null ? { queryType: 'databases' } : JSON.parse(queryText)) as Partial<DataQuery>;
    void runQueries(
      source,
      requestFor(
        [{ refId: 'A', ...source.getDefaultQuery?.(CoreApp.Dashboard), ...query }],
        readRange(),
        CoreApp.Dashboard,
      ),
    ).then(setData);
  }, [source, queryText]);

  if (plugin === undefined || data === undefined) return <PluginPage pageNav={{ text: 'Panel' }}>{null}</PluginPage>;
  const Panel = plugin.panel as React.ComponentType<PanelProps>;
  const options = { ...(plugin.defaults ?? {}), ...(optionsText === null ? {} : (JSON.parse(optionsText) as object)) };
  return (
    <PluginPage pageNav={{ text: 'Panel' }}>
      <PanelChrome title={plugin.meta.name} {...size}>
        {(width: number, height: number) => (
          <Panel
            id={1}
            data={{ ...data, state: data.state ?? LoadingState.Done }}
            timeRange={data.timeRange}
            timeZone="browser"
            options={options}
            onOptionsChange={() => undefined}
            fieldConfig={{ defaults: { color: { mode: FieldColorModeId.PaletteClassic } }, overrides: [] }}
            onFieldConfigChange={() => undefined}
            renderCounter={0}
            transparent={false}
            title={plugin.meta.name}
            eventBus={new EventBusSrv()}
            onChangeTimeRange={() => undefined}
            replaceVariables={(text) => templateSrv.replace(text)}
            width={width}
            height={height}
          />
        )}
      </PanelChrome>
    </PluginPage>
  );
};
