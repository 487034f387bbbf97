import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { buildPlugin } from '../../../plugin/preview/build-plugin.mjs';
import { startPreview } from '../../../plugin/preview/start-preview.mjs';
import { startServing } from '../../support/processes.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { browserMissing, type BrowserServers } from './servers.ts';

declare global {
  var stopBrowserServers: (() => Promise<void>) | undefined;
}

interface RunningExporter {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/**
 * Starts an exporter with the demonstration fleet and its own repository, and the preview in front of it. While tests
 * are written, `TIDEMARK_BROWSER_EXPORTER` and `TIDEMARK_BROWSER_TOKEN` name one that runs already.
 */
export default async function globalSetup(): Promise<void> {
  if (browserMissing !== null) return;
  await buildPlugin(console.error);
  const exporter = runningExporter() ?? (await startExporter());
  const preview = await startPreview({
    exporter: exporter.url,
    token: exporter.token,
    libraries: process.env.TIDEMARK_PREVIEW_LIBRARIES,
  }).catch(async (error: unknown) => {
    await exporter.stop();
    throw error;
  });
  globalThis.stopBrowserServers = async () => {
    await preview.stop();
    await exporter.stop();
  };
  const servers: BrowserServers = { preview: preview.url, exporter: exporter.url, token: exporter.token };
  process.env.TIDEMARK_BROWSER_SERVERS = JSON.stringify(servers);
}

function runningExporter(): RunningExporter | null {
  const { TIDEMARK_BROWSER_EXPORTER: url, TIDEMARK_BROWSER_TOKEN: token } = process.env;
  return url === undefined || token === undefined ? null : { url, token, stop: () => Promise.resolve() };
}

async function startExporter(): Promise<RunningExporter> {
  const folder = createTemporaryFolder();
  // As root, the embedded server runs as somebody else.
  chmodSync(folder.path, 0o755);
  const token = `tmk_${randomBytes(24).toString('hex')}`;
  const environment = { TIDEMARK_DATA_DIR: `${folder.path}/data`, TIDEMARK_ADMIN_TOKEN: token };
  const exporter = await startServing({ directory: folder.path, environment }, 'demo');
  const stop = async () => {
    exporter.kill('SIGTERM');
    await exporter.ended;
    folder.remove();
  };
  return { url: exporter.url, token, stop };
}
