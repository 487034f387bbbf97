import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The plugin's own folder. */
export const pluginFolder = fileURLToPath(new URL('../..', import.meta.url));
export const previewFolder = join(pluginFolder, 'preview');

/** Where the built plugin and the built host are. */
export const distFolder = join(pluginFolder, 'dist');
export const hostFolder = join(previewFolder, 'dist');

/** Of the Grafana libraries that host the plugin. @param {string} [from] whose they are */
export function grafanaVersionOf(from = pluginFolder) {
  const path = require.resolve('@grafana/data/package.json', { paths: [from] });
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

/** Icons that Grafana's components load by URL. @param {string} [from] whose Grafana libraries */
export function iconsFolder(from = pluginFolder) {
  const ui = require.resolve('@grafana/ui/package.json', { paths: [from] });
  return join(dirname(ui), 'dist', 'public');
}

/**
 * The plugin and those nested in it.
 * @param {string} dist folder of the built plugin
 * @returns {Map<string, {folder: string, json: any}>} by id
 * @throws Error when it is not built
 */
export function readPlugins(dist) {
  if (!existsSync(join(dist, 'module.js'))) {
    throw new Error(`the plugin is not built (${dist} has no module.js): run npm run build -w plugin`);
  }
  const folders = [dist, ...readdirSync(dist).map((name) => join(dist, name))].filter(
    (folder) => statSync(folder).isDirectory() && existsSync(join(folder, 'plugin.json')),
  );
  return new Map(
    folders.map((folder) => {
      const json = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8'));
      return [json.id, { folder, json }];
    }),
  );
}

/** When a file, or the newest file below a folder, was changed; 0 where there is none. */
export function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
