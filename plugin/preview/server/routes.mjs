/**
 * Grafana's data source proxy, as far as the plugin uses it: `routes` of a plugin.json, in order, by method and by the
 * start of the path; the first that matches decides about the role and adds its headers.
 */

const ranks = { Viewer: 1, Editor: 2, Admin: 3 };

/**
 * @param {any[]} routes of plugin.json
 * @param {{method: string, path: string, role: string}} request `path` below the data source, without a leading slash
 * @returns {{allowed: boolean, headers: {name: string, content: string}[]}} a request that no route knows passes as it is
 */
export function matchRoute(routes, { method, path, role }) {
  const cleaned = clean(path);
  for (const route of routes) {
    if (route.method !== undefined && route.method !== '*' && route.method !== method) continue;
    if (!cleaned.startsWith(clean(route.path))) continue;
    const allowed = route.reqRole === undefined || (ranks[role] ?? 0) >= ranks[route.reqRole];
    return { allowed, headers: allowed ? (route.headers ?? []) : [] };
  }
  return { allowed: true, headers: [] };
}

/** Removes `.`, `..` and empty parts. */
function clean(path) {
  const parts = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/**
 * Fills a template of plugin.json, such as `Bearer {{ .SecureJsonData.apiToken }}`.
 * @param {string} template
 * @param {Record<string, Record<string, string>>} data by the name of the group
 */
export function fillTemplate(template, data) {
  return template.replace(/\{\{\s*\.(\w+)\.(\w+)\s*\}\}/g, (_, group, name) => data[group]?.[name] ?? '');
}
