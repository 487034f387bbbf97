import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type MetricFindValue,
  type QueryEditorProps,
} from '@grafana/data';
import type { ComponentType } from 'react';
import { from, type Observable } from 'rxjs';

import type { TidemarkClient } from '../data/client';
import { listDatabases } from '../data/resources/databases';
import { listInstances } from '../data/resources/instances';
import { getFacets } from '../data/resources/service';
import { VariableEditor } from './editors/VariableEditor';
import { defaultVariableQuery } from './query/defaults';
import { fleetFilters } from './query/fleetFilters';
import { interpolateQuery } from './query/interpolate';
import { migrateVariableQuery } from './query/migrate';
import type { TidemarkQuery, VariableQuery } from './query/types';
import type { TidemarkOptions } from './types';

type Api = DataSourceApi<TidemarkQuery, TidemarkOptions>;

/** Variables of dashboards: engines, owners, values of a label, instances, databases. */
export class TidemarkVariableSupport extends CustomVariableSupport<Api, VariableQuery, TidemarkQuery, TidemarkOptions> {
  // Grafana's type knows no data source in particular, and hands the editor ours.
  override editor = VariableEditor as unknown as ComponentType<
    QueryEditorProps<Api, TidemarkQuery, TidemarkOptions, VariableQuery>
  >;

  constructor(private readonly client: TidemarkClient) {
    super();
  }

  override getDefaultQuery(): Partial<TidemarkQuery> {
    // Grafana's type takes the query of a variable for one of a panel.
    return defaultVariableQuery as unknown as Partial<TidemarkQuery>;
  }

  override query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    return from(this.values(request));
  }

  private async values(request: DataQueryRequest<VariableQuery>): Promise<{ data: MetricFindValue[] }> {
    const [saved] = request.targets;
    if (saved === undefined) return { data: [] };
    const query = interpolateQuery(migrateVariableQuery(saved), request.scopedVars);
    return { data: await variableValues(this.client, query) };
  }
}

/** @throws ApiError */
export async function variableValues(client: TidemarkClient, query: VariableQuery): Promise<MetricFindValue[]> {
  switch (query.values) {
    case 'engine':
      return (await getFacets(client)).engines.map(({ value }) => ({ text: value, value }));
    case 'owner':
      return (await getFacets(client)).owners.flatMap(({ value }) => (value === null ? [] : [{ text: value, value }]));
    case 'label': {
      const { labels } = await getFacets(client);
      // The value is what the filter "label" takes, so that the variable can be put into it as it is.
      return (labels[query.labelKey] ?? []).map((text) => ({ text, value: `${query.labelKey}=${text}` }));
    }
    case 'instance': {
      const { data } = await listInstances(client, {
        ...(await fleetFilters(client, query.filters)),
        sort: 'name',
        limit: 1000,
      });
      return data.map(({ id, name }) => ({ text: name, value: String(id) }));
    }
    case 'database': {
      const { data } = await listDatabases(client, { ...(await fleetFilters(client, query.filters)), limit: 1000 });
      const names = [...new Set(data.map((row) => row.database_name))].sort();
      return names.map((text) => ({ text, value: text }));
    }
  }
}
