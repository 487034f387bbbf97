import { CoreApp, type DataQuery, type PanelData } from '@grafana/data';
import { Button, Stack } from '@grafana/ui';
import React, { useState, type ComponentType } from 'react';
import { from, isObservable, lastValueFrom } from 'rxjs';

import { PluginPage } from '../shell/PluginPage';
import { readRange } from './range';
import { requestFor } from './runQueries';
import { useDataSource } from './useDataSource';

interface CustomVariables {
  readonly editor: ComponentType<Record<string, unknown>>;
  query(request: unknown): Promise<PanelData>;
}

interface Option {
  readonly text: string;
  readonly value?: string;
}

/** The editor of a dashboard's variable, and the values that it gives. */
export const VariablesPage = () => {
  const source = useDataSource();
  const [query, setQuery] = useState<DataQuery>({ refId: 'variable' });
  const [values, setValues] = useState<readonly Option[]>();
  const variables = source?.variables as unknown as CustomVariables | undefined;

  const run = async () => {
    if (variables === undefined) return;
    const answer = variables.query(requestFor([query], readRange(), CoreApp.Dashboard));
    const { data } = (await lastValueFrom(isObservable(answer) ? (answer as never) : from(answer))) as {
      data?: readonly Option[];
    };
    setValues(data ?? []);
  };

  const Editor = variables?.editor;
  return (
    <PluginPage pageNav={{ text: 'Variables' }}>
      {Editor !== undefined && (
        <Stack direction="column">
          <Editor
            datasource={source}
            query={query}
            onChange={(changed: DataQuery) => setQuery(changed)}
            onRunQuery={() => void run()}
          />
          <div>
            <Button onClick={() => void run()}>Show values</Button>
          </div>
          <ul aria-label="Values">
            {values?.map(({ text, value }) => (
              <li key={value ?? text}>{value === undefined || value === text ? text : `${text} = ${value}`}</li>
            ))}
          </ul>
        </Stack>
      )}
    </PluginPage>
  );
};
