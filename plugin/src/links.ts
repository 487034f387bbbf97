import { queryString, type ApiQuery } from './data/client';
import { appId, appPath } from './constants';

export type InstanceTab = 'storage' | 'statistics' | 'files' | 'collections';

/** Addresses of the pages, for `href`. `query` is the state that the page reads from its URL. */
export const links = {
  overview: (query?: ApiQuery) => `${appPath}/overview${queryString(query)}`,
  instances: (query?: ApiQuery) => `${appPath}/instances${queryString(query)}`,
  instance: (id: number, tab: InstanceTab = 'storage', query?: ApiQuery) =>
    `${appPath}/instances/${id}/${tab}${queryString(query)}`,
  database: (instanceId: number, name: string, query?: ApiQuery) =>
    `${appPath}/instances/${instanceId}/databases/${encodeURIComponent(name)}${queryString(query)}`,
  growth: (query?: ApiQuery) => `${appPath}/growth${queryString(query)}`,
  collections: (query?: ApiQuery) => `${appPath}/collections${queryString(query)}`,
  collection: (id: number | string, query?: ApiQuery) => `${appPath}/collections/${id}${queryString(query)}`,
  configuration: (query?: ApiQuery) => `${appPath}/configuration${queryString(query)}`,
  /** Grafana's own page of the plugin. */
  plugin: () => `/plugins/${appId}`,
  /** Grafana's own form of a data source. */
  dataSource: (uid: string) => `/connections/datasources/edit/${uid}`,
};
