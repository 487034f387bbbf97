// npm run test:compat: the tests of the browser with the same built plugin on the libraries of other versions of
// Grafana. Each has an installation of its own, because they bring different versions of React; the first run installs.
// Arguments are handed to Jest.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../../exporter/scripts/prepare.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'test', 'compat');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

prepare({ development: true });
const versions = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const results = versions.map(({ name }) => ({ name, passed: run(install(name)) }));
for (const { name, passed } of results) console.log(`${name}: ${passed ? 'passed' : 'failed'}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

/** @returns the folder whose node_modules hold the libraries */
function install(name) {
  const folder = join(root, 'data', 'compat', name);
  mkdirSync(folder, { recursive: true });
  const wanted = join(here, name, 'package.json');
  const present = join(folder, 'package.json');
  const isSame = existsSync(present) && readFileSync(present, 'utf8') === readFileSync(wanted, 'utf8');
  if (!isSame || !existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    console.error(`Installing the libraries of ${name} …`);
    copyFileSync(wanted, present);
    const options = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' };
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], options);
  }
  return folder;
}

function run(libraries) {
  console.error(`\n${libraries}`);
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest];
  const args = [...options, '-c', join(root, 'test', 'browser', 'jest.config.mjs'), ...process.argv.slice(2)];
  const environment = { ...process.env, TIDEMARK_PREVIEW_LIBRARIES: libraries };
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: environment }).status === 0;
}
