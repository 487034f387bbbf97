// A run over 1 000 instances that answer after 100 ms, by one exporter and by three that share it, against the ideal.
import { spawn } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { defaultDeadlines } from '../../exporter/dist/config/deadlines.js';
import { startEmbeddedServer } from '../../exporter/dist/embedded/server.js';
import { Report } from './report.mjs';

const answersAfter = 100;
const concurrency = 32;
const databases = 10;
const memoryLimit = 200 * 2 ** 20;
/**
 * Runs of the fleet for each exporter, so that three have measured as many instances each as one alone: V8 gets to its best code
 * only with use. The first is that of a process which has done nothing yet; the result is the median of the others.
 */
const roundsEach = 10;

const token = 'token-of-the-benchmark';

const command = fileURLToPath(new URL('../../exporter/bin/tidemark.js', import.meta.url));
const answering = fileURLToPath(new URL('answering-server.mjs', import.meta.url));

export async function run({ small }) {
  const instances = small ? 200 : 1000;
  const folder = mkdtempSync(join(os.tmpdir(), 'tidemark-bench-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), defaultDeadlines.embedded);
  const fleet = await startFleet();
  const started = [];
  try {
    writeConfiguration(folder, instances, fleet.port);
    const bench = { folder, instances, started, url: server.url.reveal() };
    const one = await measure(bench, 'bench_one', 1);
    const three = await measure(bench, 'bench_three', 3);
    console.log(
      `\n${instances} instances x ${databases} databases that answer after ${answersAfter} ms, concurrency ${concurrency}; ` +
        `${describeMachine()}\n`,
    );
    return print(one, three, (instances * answersAfter) / concurrency) || small ? 0 : 1;
  } finally {
    for (const child of [fleet.child, ...started]) child.kill('SIGKILL');
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns whether all targets were met */
function print(one, three, ideal) {
  const report = new Report();
  report.add('one exporter', one.milliseconds, { limit: ideal, limitName: 'ideal', target: 1.15 });
  report.add('one exporter, its first run', one.first, { limit: ideal, limitName: 'ideal' });
  report.add('three exporters', three.milliseconds, {
    ...{ limit: one.milliseconds, limitName: 'one exporter', target: 0.4 },
  });
  report.add('three exporters', three.milliseconds, { limit: ideal / 3, limitName: 'their ideal' });
  const met = report.print();
  const memory = [...one.memory, ...three.memory];
  const fits = memory.every((bytes) => bytes < memoryLimit);
  const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
  console.log(
    `\nMost resident memory, one and three: ${memory.map(megabytes).join(', ')} MB; ` +
      `target < ${megabytes(memoryLimit)}: ${fits ? 'met' : '**missed**'}`,
  );
  const processor = [one, three].map((result) => result.processor.map((time) => time.toFixed(2)).join(' + '));
  console.log(`Processor time of one and of three, ms per instance: ${processor.join('; ')}`);
  return met && fits;
}

async function startFleet() {
  const child = spawn(process.execPath, [answering, String(answersAfter), String(databases)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await onceEvent(child.stdout, 'data');
  return { child, port: Number(line) };
}

/** Each instance is a host of its own, as in a fleet: the limit of connections to one host has nothing to do. */
function writeConfiguration(folder, instances, port) {
  const entries = Array.from({ length: instances }, (_, index) =>
    JSON.stringify({
      ...{ name: `instance-${index}`, engine: 'postgresql', host: `127.1.${index >> 8}.${index & 255}`, port },
      ...{ username: 'tidemark', password: 'env:BENCH_PASSWORD', tls: { mode: 'disable' } },
    }),
  );
  writeFileSync(join(folder, 'tidemark.yaml'), `instances:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`);
}

/** Some runs by so many exporters on a repository of their own; each of them in turn is asked to run. */
async function measure({ folder, instances, started, url: adminUrl }, name, count) {
  const rounds = roundsEach * count;
  console.error(`${count === 1 ? 'one exporter' : `${count} exporters`}: ${rounds} runs`);
  const url = await createDatabase(adminUrl, name);
  const exporters = [];
  for (let number = 0; number < count; number += 1) {
    const exporter = await startExporter(folder, url);
    exporters.push(exporter);
    started.push(exporter.child);
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const before = exporters.map(processorTimeOf);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push(await collect(exporters[round % count], client, instances));
      // The day between two runs: the repository is cleaned up, and everybody looks into an empty queue.
      await client.query('VACUUM (ANALYZE)');
      await delay(1000);
    }
    const warm = times.slice(count);
    return {
      first: times[0],
      milliseconds: warm.sort((one, other) => one - other)[Math.floor(warm.length / 2)],
      memory: exporters.map(mostMemoryOf),
      processor: exporters.map((exporter, index) => (processorTimeOf(exporter) - before[index]) / rounds / instances),
    };
  } finally {
    await client.end();
    for (const { child } of exporters) child.kill('SIGTERM');
    await Promise.all(exporters.map(({ ended }) => ended));
  }
}

async function createDatabase(adminUrl, name) {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  return adminUrl.replace(/[^/]+$/, name);
}

async function startExporter(folder, url) {
  const child = spawn(process.execPath, [command, 'serve'], {
    cwd: folder,
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: url, BENCH_PASSWORD: 'secret', TIDEMARK_PORT: '0' },
      TIDEMARK_ADMIN_TOKEN: token,
      ...{ TIDEMARK_CONCURRENCY: String(concurrency), COLLECT_DB_SIZE_ENABLED: 'false', AGGREGATION_ENABLED: 'false' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = onceEvent(child, 'close');
  let output = '';
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000);
      const [, found] = /"url":"([^"]+)","msg":"Tidemark is ready"/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the exporter ended: ${output}`)));
  });
  // Reading its lines would take processor time from it.
  child.stdout.removeAllListeners('data').resume();
  return { child, ended, address };
}

/** @returns milliseconds from the request to the end of the run */
async function collect({ address }, client, instances) {
  const startedAt = Date.now();
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${address}/api/v1/collections`, { method: 'POST', headers });
  if (!response.ok) throw new Error(`POST /api/v1/collections: ${response.status} ${await response.text()}`);
  const { data } = await response.json();
  for (;;) {
    await delay(100);
    const { rows } = await client.query(
      `SELECT status, extract(epoch FROM finished_at) * 1000 AS finished_at,
         (SELECT count(*) FROM collection_records WHERE session_id = s.id AND status = 'succeeded') AS succeeded
       FROM collection_sessions AS s
       WHERE id = $1`,
      [data.id],
    );
    const [{ status, finished_at: finishedAt, succeeded }] = rows;
    if (status === 'running') continue;
    if (Number(succeeded) !== instances) throw new Error(`the run ended as ${status}, ${succeeded} measured`);
    return Number(finishedAt) - startedAt;
  }
}

/** Bytes, the most since its start; as Linux counts them. */
function mostMemoryOf({ child }) {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Milliseconds so far; Linux counts hundredths of a second. */
function processorTimeOf({ child }) {
  const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

function describeMachine() {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg().map((value) => value.toFixed(1));
  return `${os.cpus().length} x ${os.cpus()[0]?.model}, ${memory} GiB, Node ${process.versions.node}, load ${load.join(' ')}`;
}
