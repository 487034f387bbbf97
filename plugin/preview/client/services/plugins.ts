import type { AppPlugin, DataSourceApi, DataSourcePlugin, PanelPlugin, PluginMeta } from '@grafana/data';

type AnyPlugin = { meta: PluginMeta };

export type AnyDataSourcePlugin = DataSourcePlugin<DataSourceApi>;

const loaded = new Map<string, Promise<AnyPlugin>>();

export function pluginMeta(id: string): PluginMeta {
  const meta = window.tidemarkPreview.plugins.find((plugin) => plugin.id === id);
  if (meta === undefined) throw new Error(`the preview has no plugin ${id}`);
  return meta;
}

/** Loads the module of a plugin, once, as Grafana does. */
function load(id: string): Promise<AnyPlugin> {
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const meta = pluginMeta(id);
  const loading = window.System.import(`/${meta.module}`).then((module) => {
    const plugin = module.plugin as AnyPlugin | undefined;
    if (plugin === undefined) throw new Error(`${meta.module} exports no plugin`);
    plugin.meta = meta;
    return plugin;
  });
  loaded.set(id, loading);
  return loading;
}

export async function loadAppPlugin(id: string): Promise<AppPlugin> {
  const plugin = (await load(id)) as unknown as AppPlugin;
  plugin.meta = { ...plugin.meta, enabled: true, jsonData: window.tidemarkPreview.app.jsonData };
  return plugin;
}

export const loadDataSourcePlugin = async (id: string) => (await load(id)) as unknown as AnyDataSourcePlugin;

export const loadPanelPlugin = async (id: string) => (await load(id)) as unknown as PanelPlugin;
