import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { distFolder, newest, pluginFolder } from './server/folders.mjs';

const inputs = ['src', 'package.json', 'webpack.config.ts', '.config', 'CHANGELOG.md'];

/**
 * Builds the plugin when it is not there yet or older than its sources.
 * @param {(line: string) => void} log
 * @throws Error with what webpack says
 */
export async function buildPlugin(log) {
  const module = join(distFolder, 'module.js');
  const sources = Math.max(...inputs.map((name) => newest(join(pluginFolder, name))));
  if (existsSync(module) && newest(module) > sources) return;
  log('building the Grafana app (once, about half a minute) …');
  const webpack = createRequire(join(pluginFolder, 'package.json')).resolve('webpack-cli/bin/cli.js');
  const args = [webpack, '-c', './webpack.config.ts', '--env', 'production'];
  const child = spawn(process.execPath, args, { cwd: pluginFolder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  if (code !== 0) throw new Error(`the Grafana app could not be built:\n${output}`);
}
