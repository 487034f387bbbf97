// npm run demo: a fleet to look at, without a server to log in to, in the plugin's pages, without a Grafana to install. Its
// repository is its own: ./data/demo. Arguments: --no-preview leaves the pages out.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugin, prepare } from './prepare.mjs';

const startedAt = Date.now();
const withPreview = !process.argv.includes('--no-preview');

prepare({ workspaces: withPreview ? ['exporter', 'plugin'] : ['exporter'] });
// While the history is written, which takes about as long.
const plugin = withPreview ? buildPlugin() : null;
process.env.TIDEMARK_ALLOW_LOCAL_TARGETS ??= 'true';
const { run } = await import('../dist/cli.js');
process.exitCode = await run(['demo'], withPreview ? showPages : undefined);

async function showPages({ url, dataDirectory }) {
  await plugin;
  const { startPreview } = await import('../../plugin/preview/start-preview.mjs');
  const log = (line) => console.error(line);
  const options = { exporter: url, token: adminToken(dataDirectory), log };
  const preview = await startPreview({ ...options, port: Number(process.env.PORT ?? 3000) }).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return startPreview(options);
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.error(`\nTidemark: the pages, ${seconds} s after the start: ${preview.url}\n  Stop with Ctrl-C.`);
  return preview.stop;
}

/** Made by the exporter at its first start. */
function adminToken(dataDirectory) {
  const given = process.env.TIDEMARK_ADMIN_TOKEN;
  if (given) return given;
  const file = join(dataDirectory ?? '', 'admin-token');
  return dataDirectory !== null && existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
