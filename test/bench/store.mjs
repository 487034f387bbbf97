// The repository under the load of a large fleet: 1 000 instances x 50 databases x 365 days.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { aggregate } from '../../exporter/dist/statistics/aggregate.js';
import { startEmbeddedServer } from '../../exporter/dist/embedded/server.js';
import { once, Report } from './report.mjs';
import { measureAggregation } from './store/aggregation.mjs';
import { measureDrop } from './store/drop.mjs';
import { deadlines, openDatabase, today } from './store/fleet.mjs';
import { measureReads } from './store/reads.mjs';
import { measureScale } from './store/scale.mjs';
import { measureWrites } from './store/writes.mjs';

const parts = {
  aggregation: measureAggregation,
  reads: measureReads,
  scale: measureScale,
  writes: measureWrites,
  drop: measureDrop,
};

export const partNames = Object.keys(parts);

/**
 * @param options.only the parts to measure; all of them, and the backfill, when there are none
 * @param options.folder where the filled repository stays for the next time; null: a temporary one
 * @returns the exit code: 1 when a target of the large fleet is missed
 */
export async function run({ small, only, folder: kept }) {
  const fleet = small ? { instances: 100, databases: 50, days: 120 } : { instances: 1000, databases: 50, days: 365 };
  const folder = kept === null ? mkdtempSync(join(os.tmpdir(), 'tidemark-bench-')) : resolve(kept);
  if (kept !== null) mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), deadlines.embedded);
  try {
    const report = new Report();
    const bench = { fleet, report, url: server.url, small, folder: server.dataDirectory };
    const large = await openDatabase(server.url, 'bench_large', fleet);
    const days = Math.max(31, Math.ceil(fleet.days / 10));
    const short = await openDatabase(server.url, 'bench_short', { ...fleet, days });
    await condense(bench, large, short);
    for (const name of only.length === 0 ? partNames : only) {
      console.error(name);
      await parts[name]({ ...bench, large: large.pool, short: short.pool });
    }
    await large.pool.end();
    await short.pool.end();
    console.log(`\n${describe(fleet, server)}\n`);
    return report.print() || small ? 0 : 1;
  } finally {
    await server.stop();
    if (kept === null) rmSync(folder, { recursive: true, force: true });
  }
}

async function condense({ report, fleet }, large, short) {
  if (!large.isNew) return;
  console.error('statistics of the whole history');
  report.add(`backfill: all statistics of ${fleet.days} days`, await once(() => aggregate(large.pool, today)));
  await aggregate(short.pool, today);
  for (const { pool } of [large, short]) await pool.query('VACUUM ANALYZE');
  report.add('nightly run: current and previous periods', await once(() => aggregate(large.pool, today)));
}

function describe({ instances, databases, days }, server) {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg().map((average) => average.toFixed(1));
  return (
    `${instances} instances x ${databases} databases x ${days} days = ${instances * databases * days} rows; ` +
    `${os.cpus().length} x ${os.cpus()[0]?.model}, ${memory} GiB, Node ${process.versions.node}, ` +
    `${server.version ?? 'PostgreSQL 18'}, load ${load.join(' ')}`
  );
}
