// Installs and builds what is missing or older than its source. Needs Node and npm, nothing else.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Brings node_modules and the compiled exporter up to date.
 * @param {{ development: boolean, plugin?: boolean }} options whether the tools for development, or only the Grafana app, are
 *   wanted too: they are most of what there is to install
 */
export function prepare({ development, plugin = development }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Tidemark needs Node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (!isInstalled({ development, plugin })) {
    const workspaces = development ? [] : ['--workspace=exporter', ...(plugin ? ['--workspace=plugin'] : [])];
    // Its warnings are about packages of packages, and nothing that whoever starts this can do something about.
    npm('installing', ['ci', ...workspaces, '--no-fund', '--no-audit', '--loglevel=error']);
  }
  const sources = Math.max(newest(join(root, 'exporter', 'src')), newest(join(root, 'exporter', 'package.json')));
  if (sources > newest(join(root, 'exporter', 'dist', 'cli.js'))) npm('building', ['run', 'build', '-w', 'exporter']);
}

function isInstalled({ development, plugin }) {
  const modules = join(root, 'node_modules');
  if (newest(join(root, 'package-lock.json')) > newest(join(modules, '.package-lock.json'))) return false;
  if (plugin && !existsSync(join(modules, '@grafana', 'ui'))) return false;
  return !development || existsSync(join(modules, 'jest'));
}

function npm(what, args) {
  console.error(`Tidemark: ${what} …`);
  const shell = process.platform === 'win32';
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell });
}

/** When a file, or the newest file of a folder, was changed; 0 where there is none. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
