import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, InlineFieldRow } from '@grafana/ui';
import React from 'react';

import type { TidemarkDataSource } from '../DataSource';
import { defaultQueries } from '../query/defaults';
import { migrateQuery } from '../query/migrate';
import type { TidemarkQuery } from '../query/types';
import type { TidemarkOptions } from '../types';
import { Choice } from './Choice';
import { queryTypes } from './options';
import { SeriesEditor } from './SeriesEditor';
import { CollectionsEditor, DatabasesEditor, ForecastsEditor, GrowthEditor, StorageEditor } from './TableEditors';
import { translated } from './translated';

type Props = QueryEditorProps<TidemarkDataSource, TidemarkQuery, TidemarkOptions>;

/** The editor of a query in panels and in Explore. */
const Editor = ({ datasource, query: saved, onChange, onRunQuery }: Props) => {
  let query: TidemarkQuery;
  try {
    query = migrateQuery(saved);
  } catch (error) {
    return <Alert severity="error" title={error instanceof Error ? error.message : String(error)} />;
  }

  const change = (changes: object) => {
    onChange({ ...query, ...changes } as TidemarkQuery);
    onRunQuery();
  };

  return (
    <>
      <InlineFieldRow>
        <Choice
          label={t('editor.type', 'Query')}
          value={query.queryType === 'events' ? 'series' : query.queryType}
          options={queryTypes()}
          // Filters stay: the same part of the fleet, seen otherwise.
          onChange={(queryType) => change({ ...defaultQueries[queryType], filters: query.filters })}
        />
      </InlineFieldRow>
      <Parts datasource={datasource} query={query} onChange={change} />
    </>
  );
};

interface PartsProps {
  readonly datasource: TidemarkDataSource;
  readonly query: TidemarkQuery;
  readonly onChange: (changes: object) => void;
}

const Parts = ({ datasource, query, onChange }: PartsProps) => {
  switch (query.queryType) {
    case 'series':
      return <SeriesEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'databases':
      return <DatabasesEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'growth':
      return <GrowthEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'forecasts':
      return <ForecastsEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'collections':
      return <CollectionsEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'storage':
      return <StorageEditor datasource={datasource} query={query} onChange={onChange} />;
    case 'events':
      return null;
  }
};

export const QueryEditor = translated(Editor);
