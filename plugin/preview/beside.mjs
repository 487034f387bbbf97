// The preview as npm start and npm run demo have it: a process of its own beside the exporter, which builds what is
// missing while the exporter already works, and ends with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distFolder, newest, pluginFolder } from './server/folders.mjs';

const thisFile = fileURLToPath(import.meta.url);
const say = (line) => console.error(`Tidemark: ${line}`);

/**
 * @param {{exporter: string, token: string | null, port: number}} options
 * @returns {{stop: () => void}}
 */
export function startBeside({ exporter, token, port }) {
  if (token === null) {
    say('the preview of the Grafana app needs a token of the exporter: npm run preview -w plugin -- --token-file FILE');
    return { stop: () => undefined };
  }
  const environment = {
    ...process.env,
    TIDEMARK_PREVIEW_BESIDE: JSON.stringify({ exporter, port }),
    TIDEMARK_TOKEN: token,
  };
  const child = spawn(process.execPath, [thisFile], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('error', (error) => say(`the preview could not be started: ${error.message}`));
  return { stop: () => child.kill() };
}

async function main() {
  const { exporter, port } = JSON.parse(process.env.TIDEMARK_PREVIEW_BESIDE);
  // Ends with the exporter, also when that is killed.
  process.on('disconnect', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
  await buildPlugin();
  const { startPreview } = await import('./start-preview.mjs');
  const start = (wanted) => startPreview({ exporter, token: process.env.TIDEMARK_TOKEN, port: wanted, log: say });
  const preview = await start(port).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return start(0);
  });
  say(`the Grafana app, as a preview: ${preview.url}`);
}

/** Builds the plugin when it is not there yet or older than its sources. */
async function buildPlugin() {
  const sources = ['src', 'package.json', 'webpack.config.ts', '.config'].map((name) =>
    newest(join(pluginFolder, name)),
  );
  const module = join(distFolder, 'module.js');
  if (existsSync(module) && newest(module) > Math.max(...sources)) return;
  say('building the Grafana app (once, about half a minute) …');
  const webpack = createRequire(join(pluginFolder, 'package.json')).resolve('webpack-cli/bin/cli.js');
  const args = [webpack, '-c', './webpack.config.ts', '--env', 'production'];
  const child = spawn(process.execPath, args, { cwd: pluginFolder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the Grafana app could not be built:\n${output}`);
}

if (process.argv[1] === thisFile) {
  main().catch((error) => {
    say(`no preview: ${error.message}`);
    process.exit(1);
  });
}
