import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buildHost } from './build.mjs';
import { createApi } from './server/api.mjs';
import { sendFile } from './server/files.mjs';
import { distFolder, grafanaVersionOf, iconsFolder, previewFolder, readPlugins } from './server/folders.mjs';
import { refusal } from './server/guard.mjs';
import { page } from './server/page.mjs';
import { proxy } from './server/proxy.mjs';
import { Settings } from './server/settings.mjs';

/** Addresses that show a page of the app or one of the host's own. */
const pages = /^\/(a|plugins|connections|explore|d|workbench)(\/|$)/;
const roles = ['Viewer', 'Editor', 'Admin'];

/**
 * Starts the stand-in for a Grafana server, on the loopback address only.
 * @param {object} options
 * @param {string} options.exporter URL of a running exporter
 * @param {string} options.token of the exporter; it stays in this process
 * @param {number} [options.port] 0 for any that is free
 * @param {string} [options.plugin] folder of the built plugin
 * @param {string} [options.libraries] folder whose node_modules hold the Grafana libraries to host it on
 * @param {(line: string) => void} [options.log] progress
 * @returns {Promise<{url: string, settings: Settings, stop: () => Promise<void>}>}
 */
export async function startPreview({ exporter, token, port = 0, plugin = distFolder, libraries, log = () => {} }) {
  const plugins = readPlugins(plugin);
  const host = await buildHost({ libraries, log });
  const settings = new Settings({ exporter, token });
  const context = {
    plugins,
    host,
    settings,
    icons: iconsFolder(libraries),
    grafanaVersion: grafanaVersionOf(libraries),
    api: createApi(settings, plugins),
  };
  const server = createServer((request, response) => {
    handle(context, request, response).catch((error) => {
      log(`preview: ${request.method} ${request.url}: ${error.stack}`);
      if (response.headersSent) response.destroy();
      else json(response, 500, { message: error.message });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}`,
    settings,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(context, request, response) {
  const refused = refusal(request);
  if (refused !== null) return json(response, 403, { message: refused });
  const { pathname, search } = new URL(request.url, 'http://localhost');
  const role = roles.find((name) => name === request.headers['x-preview-role']) ?? 'Viewer';

  const proxied = /^\/api\/datasources\/proxy\/uid\/([^/]+)\/(.*)$/.exec(pathname);
  if (proxied !== null) {
    const source = context.settings.sources.get(proxied[1]);
    if (source === undefined) return json(response, 404, { message: 'Data source not found' });
    const routes = context.plugins.get(source.type)?.json.routes ?? [];
    return proxy({ request, response, path: proxied[2], search, source, routes, role });
  }
  if (pathname.startsWith('/api/')) {
    const answer = await context.api({ method: request.method, path: pathname, role, body: () => readJson(request) });
    return answer === null
      ? json(response, 404, { message: `the preview has no ${request.method} ${pathname}` })
      : json(response, answer.status, answer.body);
  }
  if (pathname === '/preview/boot.json') return json(response, 200, bootData(context));
  if (request.method === 'GET' && sendPublic(context, response, pathname)) return undefined;
  if (request.method === 'GET' && pathname === '/') {
    response.writeHead(302, { location: '/a/tidemark-storage-app/overview' });
    return response.end();
  }
  if (request.method === 'GET' && pages.test(pathname)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    return response.end(page);
  }
  return json(response, 404, { message: `the preview has no ${request.method} ${pathname}` });
}

/** What a Grafana server writes into its page. */
function bootData({ plugins, settings, grafanaVersion }) {
  return {
    plugins: [...plugins.values()].map(({ json: plugin }) => ({
      ...plugin,
      routes: undefined,
      baseUrl: `public/plugins/${plugin.id}`,
      module: `public/plugins/${plugin.id}/module.js`,
    })),
    dataSources: settings.list(),
    app: settings.app,
    grafanaVersion,
  };
}

function sendPublic({ plugins, host, icons }, response, pathname) {
  // What a browser asks for by itself, where a document names no icon.
  if (pathname === '/favicon.ico')
    return sendFile(response, plugins.get('tidemark-storage-app').folder, 'img/logo.svg');
  const path = decodeURIComponent(pathname);
  const plugin = /^\/public\/plugins\/([^/]+)\/(.+)$/.exec(path);
  if (plugin !== null) return plugins.has(plugin[1]) && sendFile(response, plugins.get(plugin[1]).folder, plugin[2]);
  const icon = /^\/public\/(?:build\/)?(img\/icons\/[\w-]+\/([\w-]+)\.svg)$/.exec(path);
  if (icon !== null) return sendFile(response, icons, icon[1]) || sendOwnIcon(response, icon[2]);
  if (path.startsWith('/public/fonts/')) return sendFile(response, host, path.slice('/public/'.length));
  if (path.startsWith('/public/build/')) return sendFile(response, host, path.slice('/public/build/'.length));
  return false;
}

/** The package of Grafana's components holds most icons; the others come with Grafana itself. */
function sendOwnIcon(response, name) {
  const folder = join(previewFolder, 'icons');
  return sendFile(response, folder, `${name}.svg`) || sendFile(response, folder, 'other.svg');
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
