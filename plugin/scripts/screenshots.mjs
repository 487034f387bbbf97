// npm run screenshots: every page of the app in both themes, on the demonstration fleet, into src/img/.
/* global document, localStorage */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { buildPlugin } from '../preview/build-plugin.mjs';
import { startPreview } from '../preview/start-preview.mjs';

const images = fileURLToPath(new URL('../src/img', import.meta.url));
const tidemark = fileURLToPath(new URL('../../exporter/bin/tidemark.js', import.meta.url));
const app = '/a/tidemark-storage-app';
const usage = `npm run screenshots -- [--only NAME] [--into FOLDER]
  --only NAME     the pages whose name holds this
  --into FOLDER   where the images go; plugin/src/img unless said
  TIDEMARK_CHROMIUM names the browser; /usr/bin/chromium unless said. Run "npm run build -w exporter" before.`;

/** Asks the API for what the pages are about: an instance of some size, a database with a limit, a night with trouble. */
async function pagesOf(exporter, token) {
  const ask = async (path) => {
    const response = await fetch(`${exporter}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${response.status} ${path}: ${await response.text()}`);
    return (await response.json()).data;
  };
  const [instance] = await ask('/instances?engine=sqlserver&sort=-total_size_bytes&limit=1');
  const [full] = await ask('/forecasts?within_days=180&sort=full_at&limit=1');
  const sessions = await ask('/collections?limit=30');
  const night = sessions.find(({ instances }) => instances.failed > 0) ?? sessions[0];
  const one = `${app}/instances/${instance.id}`;
  return {
    overview: `${app}/overview`,
    instances: `${app}/instances`,
    'instance-storage': `${one}/storage`,
    'instance-statistics': `${one}/statistics`,
    'instance-files': `${one}/files`,
    'instance-collections': `${one}/collections`,
    database: `${app}/instances/${full.instance_id}/databases/${encodeURIComponent(full.database_name)}`,
    growth: `${app}/growth`,
    collections: `${app}/collections`,
    collection: `${app}/collections/${night.id}`,
    configuration: `${app}/configuration`,
    settings: `${app}/configuration?tab=settings`,
  };
}

/** @returns what the preview needs to know, and how to end it */
async function startExporter() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-screenshots-'));
  // As root, the embedded server runs as somebody else.
  chmodSync(folder, 0o755);
  const token = `tmk_${randomBytes(24).toString('hex')}`;
  const child = spawn(process.execPath, [tidemark, 'demo'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      TIDEMARK_PORT: '0',
      TIDEMARK_DATA_DIR: join(folder, 'data'),
      TIDEMARK_ADMIN_TOKEN: token,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const ready = /ready after [\d.]+ s: (\S+)/.exec(output);
        if (ready !== null) resolve(ready[1]);
      });
    }
    child.on('close', () => reject(new Error(`tidemark demo ended:\n${output}`)));
    child.on('error', reject);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, token, stop };
}

/** Waits until nothing loads any more. */
async function settled(page) {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => document.querySelector('[data-testid=tidemark-loading]') === null);
  await page.evaluate(() => document.fonts.ready);
}

async function photograph(browser, preview, pages, folder) {
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 1000 },
      locale: 'en-US',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    await context.addInitScript(
      (choices) => localStorage.setItem('tidemark.preview', choices),
      JSON.stringify({ theme }),
    );
    for (const [name, path] of Object.entries(pages)) {
      const page = await context.newPage();
      await page.goto(`${preview}${path}`);
      await settled(page);
      const file = join(folder, `${name}-${theme}.png`);
      await page.screenshot({ path: file });
      await page.close();
      console.log(file);
    }
    await context.close();
  }
}

function readOptions() {
  try {
    return parseArgs({ options: { only: { type: 'string', default: '' }, into: { type: 'string', default: images } } })
      .values;
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}

const { only, into } = readOptions();
await buildPlugin(console.error);
const exporter = await startExporter();
const browser = await chromium.launch({
  executablePath: process.env.TIDEMARK_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const preview = await startPreview({ exporter: exporter.url, token: exporter.token });
try {
  const all = Object.entries(await pagesOf(exporter.url, exporter.token));
  const wanted = all.filter(([name]) => name.includes(only));
  if (wanted.length === 0) throw new Error(`no page is named like "${only}": ${all.map(([name]) => name).join(', ')}`);
  await photograph(browser, preview.url, Object.fromEntries(wanted), into);
} finally {
  await browser.close();
  await preview.stop();
  await exporter.stop();
}
