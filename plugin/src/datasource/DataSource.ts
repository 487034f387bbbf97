import {
  DataSourceApi,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type TestDataSourceResponse,
} from '@grafana/data';

import { TidemarkClient, type Send } from '../data/client';
import { checkHealth } from './health';
import { proxySend } from './send';
import { initTranslations } from './translations';
import type { TidemarkOptions } from './types';

/** Tidemark in dashboards and Explore, and the way to the exporter for the app's own pages. */
export class TidemarkDataSource extends DataSourceApi {
  /** Carries any request of the API through Grafana's proxy. */
  readonly send: Send;
  readonly client: TidemarkClient;

  constructor(settings: DataSourceInstanceSettings<TidemarkOptions>) {
    super(settings);
    this.send = proxySend(settings.url ?? '');
    this.client = new TidemarkClient(this.send);
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    await initTranslations();
    return checkHealth(this.client);
  }

  override query(_request: DataQueryRequest): Promise<DataQueryResponse> {
    return Promise.resolve({ data: [] });
  }
}
