import { DataSourcePlugin } from '@grafana/data';

import { TidemarkDataSource } from './DataSource';

export const plugin = new DataSourcePlugin(TidemarkDataSource);
