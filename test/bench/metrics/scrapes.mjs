// Fleets of different sizes: what rendering and scraping take.
import { fork } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Gauge, Registry } from 'prom-client';
import { middle, once } from '../report.mjs';
import { createFleet } from './fleet.mjs';
import { scrapedByPrometheus } from './prometheus.mjs';
import { createScraper } from './scrape.mjs';

const program = fileURLToPath(new URL('server.mjs', import.meta.url));
const sizes = [1_000, 10_000, 50_000];
const heapTarget = 30 * 2 ** 20;

/** @returns whether the targets were met that the report does not know of */
export async function measureScrapes({ report, notes, small, folder, url }) {
  let fits = true;
  for (const series of small ? sizes.slice(0, 1) : sizes) {
    const repository = await createFleet(url, series);
    const child = fork(program, [repository.reveal()], { execArgv: ['--expose-gc'] });
    try {
      const served = await answerOf(child);
      await measure({ report, notes, child, folder, isLargest: series === sizes.at(-1) }, served);
      fits &&= served.heapBytes < heapTarget;
    } finally {
      child.kill('SIGKILL');
      await onceEvent(child, 'close');
    }
  }
  return fits;
}

/** What the child says next. @throws when it ends instead */
async function answerOf(child) {
  const ended = onceEvent(child, 'exit').then(([code]) => Promise.reject(new Error(`the server ended with ${code}`)));
  const [answer] = await Promise.race([onceEvent(child, 'message'), ended]);
  return answer;
}

async function measure({ report, notes, child, folder, isLargest }, served) {
  const { ours, file, series } = served;
  const scraper = createScraper();
  const rounds = 201;
  const times = { ours: [], file: [] };
  for (const address of [ours, file]) for (let warm = 0; warm < 50; warm += 1) await scraper.get(address);
  // In turn, so that whatever else the machine does hits both.
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(await once(() => scraper.get(ours)));
    times.file.push(await once(() => scraper.get(file)));
  }
  const work = { ours: await workOf(child, scraper, ours), file: await workOf(child, scraper, file) };
  scraper.close();

  const name = `${series} series`;
  report.add(`${name}: first scrape, state read and rendered`, served.first);
  report.add(`${name}: scrape after a change of one instance`, served.afterChange);
  report.add(`${name}: rendered`, served.render);
  report.add(`${name}: scrape, the bare request`, middle(times.ours), {
    ...{ limit: middle(times.file), limitName: 'a file of the same bytes' },
  });
  const seen = isLargest ? await scrapedByPrometheus(folder, { ours, file }) : null;
  if (seen !== null) {
    report.add(`${name}: scrape, as Prometheus sees it`, seen.ours, {
      ...{ limit: seen.file, limitName: 'a file of the same bytes', target: 1.1 },
    });
  }
  report.add(`${name}: processor time of a scrape`, work.ours, { limit: work.file, limitName: 'of the file' });
  report.add(`${name}: processor time of a scrape`, work.ours, {
    ...{ limit: served.render, limitName: 'rendering', inverse: true },
  });
  report.add(`${name}: processor time of a scrape`, work.ours, {
    ...{
      limit: await renderAtEachScrape(series),
      limitName: 'setting and rendering all with prom-client',
      inverse: true,
    },
    ...(isLargest ? { target: 50, atLeast: true } : {}),
  });
  const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const verdict = isLargest
    ? `; target < ${megabytes(heapTarget)}: ${served.heapBytes < heapTarget ? 'met' : '**missed**'}`
    : '';
  notes.push(
    `${name}: ${megabytes(served.textBytes)}, ${megabytes(served.gzipBytes)} compressed; heap beyond idle ` +
      `${megabytes(served.heapBytes)}, buffers ${megabytes(served.bufferBytes)}${verdict}`,
  );
}

/** Milliseconds that an exporter takes which sets all series and renders them whenever it is scraped; the median of five. */
async function renderAtEachScrape(series) {
  const results = [];
  for (let time = 0; time < 5; time += 1) {
    const registry = new Registry();
    const labelNames = ['db_instance', 'engine', 'database', 'type'];
    const gauge = new Gauge({ name: 'size_bytes', help: 'Sizes.', labelNames, registers: [registry] });
    const work = async () => {
      for (let index = 0; index < series; index += 1) {
        const names = { db_instance: `instance-${index % 1000}`, database: `database_${index}` };
        gauge.set({ ...names, engine: 'postgresql', type: 'data' }, index * 1_048_576);
      }
      await registry.metrics();
    };
    results.push(await once(work));
  }
  return middle(results);
}

/** Milliseconds of processor time that the server needs for one scrape. */
async function workOf(child, scraper, address) {
  const scrapes = 200;
  const before = await processorTimeOf(child);
  for (let scrape = 0; scrape < scrapes; scrape += 1) await scraper.get(address);
  return ((await processorTimeOf(child)) - before) / scrapes;
}

async function processorTimeOf(child) {
  child.send('processor time');
  const { user, system } = await answerOf(child);
  return (user + system) / 1000;
}
