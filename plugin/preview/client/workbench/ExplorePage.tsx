import { CoreApp, type DataQuery, type PanelData } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Button, Stack } from '@grafana/ui';
import React, { useCallback, useEffect, useState, type ComponentType } from 'react';

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

  const run = useCallback(async () => {
    if (source === undefined || query === null) return;
    const range = readRange();
    setData(await runQueries(source, requestFor([query], range, CoreApp.Explore)));
  }, [source, query]);

  useEffect(() => {
    if (source === undefined || query !== null) return;
    setQuery({ refId: 'A', ...source.getDefaultQuery?.(CoreApp.Explore) });
  }, [source, query]);

  const Editor = source?.components?.QueryEditor as ComponentType<Record<string, unknown>> | undefined;
  return (
    <PluginPage pageNav={{ text: 'Explore' }}>
      {source !== undefined && Editor !== undefined && query !== null && (
        <Stack direction="column">
          <Editor
            datasource={source}
            query={query}
            onChange={(changed: DataQuery) => {
              setQuery(changed);
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
