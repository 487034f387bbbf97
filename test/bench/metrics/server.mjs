// The exporter's HTTP side, and beside it the same with an answer that never changes. A process of its own, started with
// --expose-gc and the address of a repository: it tells what rendering takes, then serves until it is killed.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createApp } from '../../../exporter/dist/api/app.js';
import { defaultDeadlines } from '../../../exporter/dist/config/deadlines.js';
import { Secret } from '../../../exporter/dist/config/secret.js';
import { createLogger } from '../../../exporter/dist/log.js';
import { FleetState } from '../../../exporter/dist/metrics/fleet-state.js';
import { createMetrics } from '../../../exporter/dist/metrics/metrics.js';
import { renderPayload } from '../../../exporter/dist/metrics/payload.js';
import { createPool } from '../../../exporter/dist/store/pool.js';
import { median, once as timeOf } from '../report.mjs';

const noLimit = 10_000_000;
const pool = createPool(new Secret(process.argv[2]), defaultDeadlines);
const scrape = (metrics) => metrics.scrape('text', 60_000);

process.on('message', () => process.send(process.cpuUsage()));

// What is compiled once is no part of what the series take.
await renderAnother();
const idle = memory();
const metrics = createMetrics(pool, { maxSeries: noLimit });
const first = await timeOf(() => scrape(metrics));
const held = memory();
const { rows } = await pool.query('SELECT id FROM instances ORDER BY id');
let turn = 0;
const afterChange = await median(5, async () => {
  await pool.query('UPDATE instances SET owner = $2 WHERE id = $1', [
    rows[turn % rows.length].id,
    `team-${(turn += 1)}`,
  ]);
  await scrape(metrics);
});
const state = new FleetState(pool, 'UTC');
await state.look();
const render = await median(7, () => renderPayload(state, noLimit));

// Prometheus asks for OpenMetrics, which takes it longer to read: the file has both formats, too.
const formats = { text: await fixed('text'), openmetrics: await fixed('openmetrics') };
const file = {
  scrape: (format) => Promise.resolve(formats[format]),
  observe: (request) => metrics.observe(request),
};
const [text, gzip] = [formats.text.text(), formats.text.gzip()];
const ours = await serve(metrics);
const theirs = await serve(file);
const series = Buffer.concat(text)
  .toString('utf8')
  .match(/^[^#\n]/gm).length;
const bytes = (parts) => parts.reduce((sum, part) => sum + part.length, 0);
process.send({
  ...{ ours, file: theirs, first, afterChange, render, series, heapBytes: held.heap - idle.heap },
  ...{ bufferBytes: held.buffers - idle.buffers, textBytes: bytes(text), gzipBytes: bytes(gzip) },
});

/** What a scrape is answered with now, for good. */
async function fixed(format) {
  const exposition = await metrics.scrape(format, 60_000);
  const [text, gzip] = [exposition.text(), exposition.gzip()];
  return { ...exposition, text: () => text, gzip: () => gzip };
}

async function renderAnother() {
  const other = new FleetState(pool, 'UTC');
  await other.look();
  await renderPayload(other, noLimit);
}

function memory() {
  for (let round = 0; round < 3; round += 1) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

async function serve(source) {
  const app = createApp({
    ...{ pool, metrics: source, timezone: 'UTC', log: createLogger('silent') },
    ...{ outage: () => null, withApi: false },
    http: {
      ...{ tls: null, corsOrigins: [], requestsPerMinute: 0, exports: 4 },
      metricsAccess: { token: null, basic: null },
    },
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}/metrics`;
}
