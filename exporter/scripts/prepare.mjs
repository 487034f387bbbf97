// Installs and builds what is missing or older than its source. Needs Node and npm, nothing else.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm is a script there.
const shell = process.platform === 'win32';
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Brings node_modules and the compiled exporter up to date.
 * @param {{ workspaces: string[] }} options what is wanted; an empty list is everything, the tools for development included,
 *   which are most of what there is to install
 */
export function prepare({ workspaces }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Tidemark needs Node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (!isInstalled(workspaces)) {
    npm('installing', ['ci', ...workspaces.map((name) => `--workspace=${name}`), '--no-fund', '--no-audit']);
  }
  const sources = Math.max(newest(join(root, 'exporter', 'src')), newest(join(root, 'exporter', 'package.json')));
  if (sources > newest(join(root, 'exporter', 'dist', 'cli.js'))) npm('building', ['run', 'build', '-w', 'exporter']);
}

/** Builds the plugin where it is missing or older than its source, beside whatever else is going on. */
export async function buildPlugin() {
  const folder = join(root, 'plugin');
  const sources = Math.max(newest(join(folder, 'src')), newest(join(folder, 'package.json')));
  if (newest(join(folder, 'dist', 'module.js')) > sources) return;
  console.error('Tidemark: building the plugin …');
  const child = spawn('npm', ['run', 'build', '-w', 'plugin'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the plugin could not be built:\n${said}`);
}

/** One package of each part says whether it was installed. */
const witnesses = { exporter: 'express', plugin: 'webpack', '': 'jest' };

function isInstalled(workspaces) {
  const modules = join(root, 'node_modules');
  if (newest(join(root, 'package-lock.json')) > newest(join(modules, '.package-lock.json'))) return false;
  const wanted = workspaces.length === 0 ? Object.keys(witnesses) : workspaces;
  return wanted.every((name) => existsSync(join(modules, witnesses[name])));
}

function npm(what, args) {
  console.error(`Tidemark: ${what} …`);
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell });
}

/** When a file, or the newest file of a folder, was changed; 0 where there is none. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
