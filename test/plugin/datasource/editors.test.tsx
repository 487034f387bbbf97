import { describe, expect, jest, test } from '@jest/globals';
import type { DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { TidemarkClient } from '../../../plugin/src/data';
import type { TidemarkDataSource } from '../../../plugin/src/datasource/DataSource';
import { ConfigEditor } from '../../../plugin/src/datasource/editors/ConfigEditor';
import { QueryEditor } from '../../../plugin/src/datasource/editors/QueryEditor';
import type { TidemarkQuery } from '../../../plugin/src/datasource/query/types';
import type { TidemarkOptions, TidemarkSecrets } from '../../../plugin/src/datasource/types';
import { fakeExporter } from '../support/fake-exporter';

type Settings = DataSourceSettings<TidemarkOptions, TidemarkSecrets>;

const settings = { url: 'http://tidemark:9786', jsonData: {}, secureJsonFields: {} } as Settings;

function showConfig(initial: Settings) {
  const changes: Settings[] = [];
  const Form = () => {
    const [options, setOptions] = useState(initial);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(changed) => {
          changes.push(changed as Settings);
          setOptions(changed as Settings);
        }}
      />
    );
  };
  render(<Form />);
  return changes;
}

describe('the form of the data source', () => {
  test('takes the token as a secret only', async () => {
    const changes = showConfig(settings);

    await userEvent.type(await screen.findByLabelText(/^Token/), ' tmk_1 ');

    const last = changes.at(-1);
    expect(last?.secureJsonData).toEqual({ apiToken: 'tmk_1' });
    expect(JSON.stringify(last?.jsonData)).not.toContain('tmk_1');
  });

  test('does not show a token that is kept, and replaces it after a reset', async () => {
    const changes = showConfig({ ...settings, secureJsonFields: { apiToken: true } });

    expect(await screen.findByLabelText(/^Token/)).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: /reset/i }));

    expect(changes.at(-1)).toMatchObject({ secureJsonFields: { apiToken: false }, secureJsonData: { apiToken: '' } });
    expect(screen.getByLabelText(/^Token/)).toBeEnabled();
  });

  test.each([
    ['tidemark:9786', /begins with http/],
    ['http://tidemark:9786/api/v1', /Leave out \/api/],
  ])('%s is refused where it is typed', async (url, message) => {
    showConfig({ ...settings, url });
    expect(await screen.findByText(message)).toBeInTheDocument();
  });

  test('asks about certificates only for https', async () => {
    const changes = showConfig({ ...settings, url: 'https://tidemark:9786' });
    await userEvent.click(await screen.findByLabelText(/^Own certificate authority/));
    expect(changes.at(-1)?.jsonData).toEqual({ tlsAuthWithCACert: true });
    expect(screen.getByLabelText('Certificate of the authority')).toBeInTheDocument();
  });
});

describe('the editor of a query', () => {
  const { send } = fakeExporter({});
  const datasource = { client: new TidemarkClient(send) } as TidemarkDataSource;

  function showQuery(initial: object) {
    const onChange = jest.fn<(query: TidemarkQuery) => void>();
    const onRunQuery = jest.fn();
    render(
      <QueryEditor
        datasource={datasource}
        query={initial as TidemarkQuery}
        onChange={onChange}
        onRunQuery={onRunQuery}
      />,
    );
    return { onChange, onRunQuery };
  }

  test('starts with sizes over time', async () => {
    showQuery({ refId: 'A' });
    expect(await screen.findByRole('combobox', { name: 'Query' })).toHaveValue('Sizes over time');
    expect(screen.getByRole('combobox', { name: 'Measure' })).toHaveValue('Total size');
  });

  test('a number takes effect when its field is left, within its limits', async () => {
    const { onChange, onRunQuery } = showQuery({ refId: 'A' });
    const lines = await screen.findByLabelText('Lines');

    await userEvent.clear(lines);
    await userEvent.type(lines, '5000');
    expect(onRunQuery).not.toHaveBeenCalled();
    await userEvent.tab();

    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ refId: 'A', top: 200, version: 1 }));
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  test('what is no number is put back', async () => {
    const { onChange } = showQuery({ refId: 'A', top: 7, version: 1 });
    const lines = await screen.findByLabelText('Lines');
    await userEvent.type(lines, 'x{Enter}');
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ top: 7 }));
  });

  test('a query of a later version is not touched', async () => {
    const { onChange } = showQuery({ refId: 'A', version: 99 });
    expect(await screen.findByRole('alert')).toHaveTextContent(/later version/);
    expect(onChange).not.toHaveBeenCalled();
  });
});
