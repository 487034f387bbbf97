import { Settings } from './settings.mjs';

/**
 * The part of Grafana's own HTTP API that the plugin uses: data sources and the settings of the app.
 * @param {Settings} settings
 * @param {Map<string, {json: any}>} plugins
 * @returns {(request: {method: string, path: string, role: string, body: () => Promise<any>}) =>
 *   Promise<{status: number, body: unknown} | null>} null where nobody handles the path
 */
export function createApi(settings, plugins) {
  return async ({ method, path, role, body }) => {
    const isChange = method !== 'GET';
    if (isChange && role !== 'Admin') return { status: 403, body: { message: 'You need the role Admin for this' } };

    const source = /^\/api\/datasources(?:\/uid\/([^/]+))?$/.exec(path);
    if (source !== null) return dataSources(settings, method, source[1], body);

    const plugin = /^\/api\/plugins\/([^/]+)\/settings$/.exec(path);
    if (plugin !== null && plugins.has(plugin[1]))
      return pluginSettings(settings, plugins.get(plugin[1]), method, body);
    return null;
  };
}

async function dataSources(settings, method, uid, body) {
  if (uid === undefined) {
    if (method === 'GET') return { status: 200, body: settings.list() };
    if (method !== 'POST') return null;
    const saved = Settings.visible(settings.save(await body()));
    return { status: 200, body: { id: saved.id, name: saved.name, message: 'Datasource added', datasource: saved } };
  }
  const known = settings.sources.get(uid);
  if (known === undefined) return { status: 404, body: { message: 'Data source not found' } };
  if (method === 'GET') return { status: 200, body: Settings.visible(known) };
  if (method === 'PUT') {
    const saved = Settings.visible(settings.save({ ...(await body()), uid }));
    return { status: 200, body: { id: saved.id, name: saved.name, message: 'Datasource updated', datasource: saved } };
  }
  if (method === 'DELETE') {
    settings.sources.delete(uid);
    return { status: 200, body: { message: 'Data source deleted' } };
  }
  return null;
}

async function pluginSettings(settings, { json }, method, body) {
  if (method === 'POST') {
    const { jsonData } = await body();
    settings.app = { jsonData: jsonData ?? {} };
    return { status: 200, body: { message: 'Plugin settings updated' } };
  }
  if (method !== 'GET') return null;
  return {
    status: 200,
    body: {
      id: json.id,
      name: json.name,
      type: json.type,
      enabled: true,
      pinned: true,
      jsonData: settings.app.jsonData,
      info: json.info,
    },
  };
}
