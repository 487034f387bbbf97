import { CoreApp, type DataQuery, type PanelData } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Button, Stack } from '@grafana/ui';
import React, { useCallback, useEffect, useRef, useState, type ComponentType } from 'react';

import { PluginPage } from '../shell/PluginPage';
import { readRange } from './range';
import { Results } from './Results';
import { requestFor, runQueries } from './runQueries';
import { useDataSource } from './useDataSource';

/** A query in the URL (`query=` as JSON), its editor, a button that runs it, and what came. */
export const ExplorePage = () => {
  const source = useDataSource();
  const [query, setQuery] = useState<DataQuery | null>(() => fromUrl());
  const [data, setData] = useState<PanelData>();
  const latest = useRef(query);

  // As in Grafana, an editor may change the query and run it in one go.
  const change = useCallback((changed: DataQuery) => {
    latest.current = changed;
    setQuery(changed);
  }, []);

  const run = useCallback(async () => {
    const asked = latest.current;
    if (source === undefined || asked === null) return;
    const answer = await runQueries(source, requestFor([asked], readRange(), CoreApp.Explore));
    if (latest.current === asked) setData(answer);
  }, [source]);

  useEffect(() => {
    if (source === undefined || query !== null) return;
    change({ refId: 'A', ...source.getDefaultQuery?.(CoreApp.Explore) });
  }, [source, query, change]);

  const Editor = source?.components?.QueryEditor as ComponentType<Record<string, unknown>> | undefined;
  return (
    <PluginPage pageNav={{ text: 'Explore' }}>
      {source !== undefined && Editor !== undefined && query !== null && (
        <Stack direction="column">
          <Editor
            datasource={source}
            query={query}
            onChange={(changed: DataQuery) => {
              change(changed);
              locationService.partial({ query: JSON.stringify(changed) }, true);
            }}
            onRunQuery={run}
            app={CoreApp.Explore}
            range={readRange()}
            data={data}
          />
          <div>
            <Button onClick={() => void run()}>Run query</Button>
          </div>
          <pre data-testid="workbench-query">{JSON.stringify(query)}</pre>
          {data !== undefined && <Results data={data} />}
        </Stack>
      )}
    </PluginPage>
  );
};

function fromUrl(): DataQuery | null {
  const text = locationService.getSearch().get('query');
  return text === null ? null : (JSON.parse(text) as DataQuery);
}
