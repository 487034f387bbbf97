// How fluid the pages of the app are on an instance with 500 databases and three years of history, in Chromium.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startEmbeddedServer } from '../../exporter/dist/embedded/server.js';
import { aggregate } from '../../exporter/dist/statistics/aggregate.js';
import { buildPlugin } from '../../plugin/preview/build-plugin.mjs';
import { startPreview } from '../../plugin/preview/start-preview.mjs';
import { measureAfter } from './browser/measure.mjs';
import { middle } from './report.mjs';
import { deadlines, openDatabase, today } from './store/fleet.mjs';

const program = '/usr/bin/chromium';
const command = fileURLToPath(new URL('../../exporter/bin/tidemark.js', import.meta.url));
const app = '/a/tidemark-storage-app';
const threeYears = 'from=now-3y&to=now';

const sortBy = (page, column) => page.getByRole('button', { name: `Sort column ${column}` }).click();

/** What is done on the page, where it stands, and what it may take in milliseconds from the data to what shows it. */
const actions = [
  {
    what: 'first chart, three years of 500 databases',
    path: `${app}/instances/1?${threeYears}`,
    target: 1000,
    isFirst: true,
  },
  {
    what: 'sort by growth',
    target: 100,
    act: (page) => sortBy(page, 'Growth'),
  },
  {
    what: 'sort by name',
    target: 100,
    act: (page) => sortBy(page, 'Database'),
  },
  {
    what: 'filter by name',
    target: 100,
    act: (page) => page.getByPlaceholder('Search databases').first().fill('database_49'),
  },
];

/** @returns the exit code: 1 when a target is missed */
export async function run({ small }) {
  if (!existsSync(program)) throw new Error(`${program} is missing: apt-get install chromium`);
  const fleet = small ? { instances: 1, databases: 100, days: 120 } : { instances: 1, databases: 500, days: 1096 };
  const folder = mkdtempSync(join(os.tmpdir(), 'tidemark-bench-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), deadlines.embedded);
  try {
    const { pool } = await openDatabase(server.url, 'bench_browser', fleet);
    await aggregate(pool, today);
    await pool.end();
    await buildPlugin(console.error);
    return await withPages(server.url.reveal().replace(/[^/]+$/, 'bench_browser'), (page) => measure(page, small));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(open, small) {
  const rows = [];
  const rounds = small ? 1 : 5;
  for (const { what, path, act, target, isFirst } of actions) {
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      const page = await open();
      const start = actions.find((action) => action.isFirst).path;
      if (isFirst) results.push(await measureAfter(page, () => page.goto(path), { until: 'canvas' }));
      else {
        await measureAfter(page, () => page.goto(start), { until: 'tbody tr' });
        await page.waitForTimeout(1500);
        results.push(await measureAfter(page, () => act(page), { until: null }));
      }
      await page.close();
    }
    const times = Object.fromEntries(
      ['asked', 'api', 'shown'].map((part) => [part, middle(results.map((one) => one[part]))]),
    );
    rows.push({ what, ...times, target });
    console.error(
      `  ${what}: ${Object.entries(times)
        .map(([part, time]) => `${part} ${Math.round(time)} ms`)
        .join(', ')}`,
    );
  }
  console.log('| what | until it asks, ms | the API, ms | from its answer to the last change, ms | target of that | |');
  console.log('| --- | ---: | ---: | ---: | --- | --- |');
  for (const { what, asked, api, shown, target } of rows) {
    const verdict = shown <= target ? 'met' : '**missed**';
    console.log(`| ${what} | ${[asked, api, shown].map(Math.round).join(' | ')} | <= ${target} | ${verdict} |`);
  }
  return small || rows.every(({ shown, target }) => shown <= target) ? 0 : 1;
}

/** @param work is given a function that opens a page of the preview in front of an exporter */
async function withPages(databaseUrl, work) {
  const token = `tmk_${randomBytes(24).toString('hex')}`;
  const exporter = spawn(process.execPath, [command, 'serve'], {
    env: {
      PATH: process.env.PATH,
      ...{
        DATABASE_URL: databaseUrl,
        TIDEMARK_ADMIN_TOKEN: token,
        TIDEMARK_PORT: '0',
        COLLECT_DB_SIZE_ENABLED: 'false',
      },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let preview;
  let browser;
  try {
    preview = await startPreview({ exporter: await addressOf(exporter), token });
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL: preview.url });
    // The scripts are compiled once before.
    const first = await context.newPage();
    await first.goto(`${preview.url}${app}/instances/1`);
    await first.waitForSelector('canvas');
    await first.close();
    return await work(() => context.newPage());
  } finally {
    await browser?.close();
    await preview?.stop();
    exporter.kill('SIGTERM');
    await once(exporter, 'exit');
  }
}

function addressOf(exporter) {
  return new Promise((resolve, reject) => {
    let said = '';
    exporter.stdout.on('data', (chunk) => {
      said += chunk.toString();
      const url = /"url":"([^"]+)","msg":"Tidemark is ready"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    exporter.once('exit', () => reject(new Error(`the exporter did not get ready: ${said}`)));
  });
}
