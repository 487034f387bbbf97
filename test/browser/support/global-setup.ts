import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { startPreview } from '../../../plugin/preview/start-preview.mjs';
import { startServing } from '../../support/processes.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { browserMissing, type BrowserServers } from './servers.ts';

declare global {
  var stopBrowserServers: (() => Promise<void>) | undefined;
}

/** Starts an exporter with the demonstration fleet and its own repository, and the preview in front of it. */
export default async function globalSetup(): Promise<void> {
  if (browserMissing !== null) return;
  const folder = createTemporaryFolder();
  // As root, the embedded server runs as somebody else.
  chmodSync(folder.path, 0o755);
  const token = `tmk_${randomBytes(24).toString('hex')}`;
  const environment = { TIDEMARK_DATA_DIR: `${folder.path}/data`, TIDEMARK_ADMIN_TOKEN: token };
  const exporter = await startServing({ directory: folder.path, environment }, 'demo');
  const preview = await startPreview({ exporter: exporter.url, token, port: 0 });
  globalThis.stopBrowserServers = async () => {
    await preview.stop();
    exporter.kill('SIGTERM');
    await exporter.ended;
    folder.remove();
  };
  const servers: BrowserServers = { preview: preview.url, exporter: exporter.url, token };
  process.env.TIDEMARK_BROWSER_SERVERS = JSON.stringify(servers);
}
