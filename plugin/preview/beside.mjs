// The preview as npm start and npm run demo have it: a process of its own beside the exporter, which builds what is
// missing while the exporter already works, and ends with it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildPlugin } from './build-plugin.mjs';

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
  await buildPlugin(say);
  const { startPreview } = await import('./start-preview.mjs');
  const start = (wanted) => startPreview({ exporter, token: process.env.TIDEMARK_TOKEN, port: wanted, log: say });
  const preview = await start(port).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return start(0);
  });
  // What it is about stands out between the lines of the log.
  console.error(`\n  Open ${preview.url} for the Grafana app, as a preview.\n`);
}

if (process.argv[1] === thisFile) {
  main().catch((error) => {
    say(`no preview: ${error.message}`);
    process.exit(1);
  });
}
