import type { DataSourceApi, DataSourceInstanceSettings, DataSourceRef } from '@grafana/data';
import type { DataSourceSrv, GetDataSourceListFilters } from '@grafana/runtime';

import { backendSrv } from './backendSrv';
import { loadDataSourcePlugin, pluginMeta } from './plugins';

let known = window.tidemarkPreview.dataSources;
const instances = new Map<string, Promise<DataSourceApi>>();

const uidOf = (ref?: DataSourceRef | string | null) => (typeof ref === 'string' ? ref : (ref?.uid ?? known[0]?.uid));

function settingsOf(ref?: DataSourceRef | string | null): DataSourceInstanceSettings | undefined {
  const wanted = uidOf(ref);
  const settings = known.find(({ uid, name }) => uid === wanted || name === wanted);
  return (
    settings && {
      ...settings,
      url: `/api/datasources/proxy/uid/${settings.uid}`,
      meta: pluginMeta(settings.type) as DataSourceInstanceSettings['meta'],
    }
  );
}

async function instantiate(settings: DataSourceInstanceSettings): Promise<DataSourceApi> {
  const plugin = await loadDataSourcePlugin(settings.type);
  const instance = new plugin.DataSourceClass(settings);
  instance.components = plugin.components;
  instance.meta = settings.meta;
  return instance;
}

export const dataSourceSrv = {
  async get(ref?: DataSourceRef | string | null): Promise<DataSourceApi> {
    const settings = settingsOf(ref);
    if (settings === undefined) throw new Error(`Datasource ${String(uidOf(ref))} was not found`);
    const instance = instances.get(settings.uid) ?? instantiate(settings);
    instances.set(settings.uid, instance);
    return instance;
  },
  getList: (filters?: GetDataSourceListFilters) =>
    known
      .map(({ uid }) => settingsOf(uid))
      .filter((settings) => settings !== undefined)
      .filter(({ type }) => filters?.type === undefined || [filters.type].flat().includes(type)),
  getInstanceSettings: settingsOf,
  async reload() {
    known = await backendSrv.get('/api/datasources');
    instances.clear();
  },
  registerRuntimeDataSource: () => undefined,
} satisfies DataSourceSrv;
