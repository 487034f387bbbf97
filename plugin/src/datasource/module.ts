import { DataSourcePlugin } from '@grafana/data';

import { TidemarkDataSource } from './DataSource';
import { ConfigEditor } from './editors/ConfigEditor';
import { QueryEditor } from './editors/QueryEditor';
import type { TidemarkQuery } from './query/types';
import type { TidemarkOptions, TidemarkSecrets } from './types';

export const plugin = new DataSourcePlugin<TidemarkDataSource, TidemarkQuery, TidemarkOptions, TidemarkSecrets>(
  TidemarkDataSource,
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
