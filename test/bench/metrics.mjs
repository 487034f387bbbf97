// What a scrape costs: against a file of the same bytes, and side by side with the exporters of Debian.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { defaultDeadlines } from '../../exporter/dist/config/deadlines.js';
import { startEmbeddedServer } from '../../exporter/dist/embedded/server.js';
import { measureRivals } from './metrics/rivals.mjs';
import { measureScrapes } from './metrics/scrapes.mjs';
import { Report } from './report.mjs';

const parts = { scrapes: measureScrapes, rivals: measureRivals };

export const partNames = Object.keys(parts);

/** @returns the exit code: 1 when a target is missed */
export async function run({ small, only }) {
  const folder = mkdtempSync(join(os.tmpdir(), 'tidemark-bench-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), defaultDeadlines.embedded);
  try {
    const report = new Report();
    const notes = [];
    let fits = true;
    for (const name of only.length === 0 ? partNames : only) {
      console.error(name);
      fits = (await parts[name]({ report, notes, small, folder, url: server.url })) && fits;
    }
    console.log(`\n${describeMachine()}\n`);
    const met = report.print() && fits;
    console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}`);
    return met || small ? 0 : 1;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeMachine() {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg().map((value) => value.toFixed(1));
  return `${os.cpus().length} x ${os.cpus()[0]?.model}, ${memory} GiB, Node ${process.versions.node}, load ${load.join(' ')}`;
}
