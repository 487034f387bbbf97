import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { ask, Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../support/exporters.ts';
import { parseExposition, type Sample } from '../support/exposition.ts';
import { createDatabases, dropDatabases, uniquePrefix } from '../support/postgresql-fixtures.ts';
import type { ServingProcess } from '../support/processes.ts';
import { whyNoPrometheus } from '../support/prometheus.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const patience = 180_000;
const scrapers = 50;
const names = Array.from(
  { length: 8 },
  (
    (prefix) => (_, index) =>
      `${prefix}database_${index}`
  )(uniquePrefix()),
);
const instances = instancesOfTestServer(16, names);
const openmetrics = 'application/openmetrics-text;version=1.0.0';

let repository: TestDatabase;
let exporters: Exporters;
let exporter: ServingProcess;

beforeAll(async () => {
  await createDatabases(names);
  repository = await createTestDatabase();
  exporters = new Exporters(repository.url, instances, { TIDEMARK_CONCURRENCY: '4' });
  exporter = await exporters.start();
}, patience);

afterAll(async () => {
  await exporters.close();
  await repository.close();
  await dropDatabases(names);
}, patience);

/** One payload, in one of the two formats, packed or not. */
async function scrape(format: 'text' | 'openmetrics', encoding: 'gzip' | 'identity'): Promise<string> {
  const response = await fetch(`${exporter.url}/metrics`, {
    headers: {
      ...{ accept: format === 'text' ? 'text/plain' : openmetrics },
      ...{ 'accept-encoding': encoding, connection: 'close' },
    },
  });
  expect([response.status, response.headers.get('content-encoding') ?? 'identity']).toEqual([200, encoding]);
  const text = await response.text();
  if (format === 'text') return text;
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  return text.slice(0, -'# EOF\n'.length);
}

/** What a payload says of each instance that it has. */
interface Seen {
  readonly databases: number;
  /** Seconds since 1970; 0 before the first. */
  readonly measuredAt: number;
}

/** @throws where the payload breaks a rule of its format, or shows a part of an instance */
function read(text: string): Map<string, Seen> {
  const { samples } = parseExposition(text);
  const valuesOf = (metric: string, name: string): Sample[] =>
    samples.filter((sample) => sample.name === metric && sample.labels.db_instance === name);
  const known = samples.filter(({ name }) => name === 'tidemark_instance_info').map(({ labels }) => labels.db_instance);
  const shown = new Set(samples.flatMap(({ labels }) => labels.db_instance ?? []));
  expect(shown).toEqual(new Set(known));
  return new Map(
    [...shown].map((name) => {
      const databases = new Set(valuesOf('tidemark_database_size_bytes', name).map(({ labels }) => labels.database));
      expect([0, names.length]).toContain(databases.size);
      const [success] = valuesOf('tidemark_collection_success', name);
      const [measuredAt] = valuesOf('tidemark_collection_last_success_timestamp_seconds', name);
      // Whoever says that it was measured shows what was measured.
      if (success?.value === 1) expect([name, databases.size]).toEqual([name, names.length]);
      return [name, { databases: databases.size, measuredAt: measuredAt?.value ?? 0 }];
    }),
  );
}

test(
  'fifty parallel scrapes during a run and during deletions show whole instances, and nothing goes back in time',
  async () => {
    let isOver = false;
    let payloads = 0;
    const seenCounts = new Set<string>();
    const samplesForPromtool: string[] = [];

    const scraper = async (index: number): Promise<void> => {
      let before = new Map<string, Seen>();
      for (let turn = 0; !isOver || turn === 0; turn += 1) {
        const format = index % 2 === 0 ? 'text' : 'openmetrics';
        const text = await scrape(format, index % 4 < 2 ? 'gzip' : 'identity');
        const seen = read(text);
        payloads += 1;
        if (index === 0) samplesForPromtool.push(text);
        for (const [name, { databases, measuredAt }] of seen) {
          // What is gone stays gone, what was measured stays measured.
          if (turn > 0) expect([name, before.has(name)]).toEqual([name, true]);
          const last = before.get(name) ?? { databases: 0, measuredAt: 0 };
          expect(databases).toBeGreaterThanOrEqual(last.databases);
          expect(measuredAt).toBeGreaterThanOrEqual(last.measuredAt);
        }
        const measured = [...seen.values()].filter(({ databases }) => databases > 0).length;
        seenCounts.add(`${measured} of ${seen.size}`);
        before = seen;
      }
    };

    const changing = async (): Promise<void> => {
      const run = await startRunOn(exporter);
      await sessionEnded(exporter, run, patience);
      const { rows } = await repository.pool.query<{ id: number }>('SELECT id FROM instances ORDER BY id LIMIT 8');
      for (const { id } of rows.slice(0, 4)) {
        await repository.pool.query('DELETE FROM instances WHERE id = $1', [id]);
      }
      // While a run goes on, too.
      const next = await startRunOn(exporter);
      for (const { id } of rows.slice(4)) {
        await repository.pool.query('DELETE FROM instances WHERE id = $1', [id]);
      }
      await sessionEnded(exporter, next, patience);
    };
    const scraping = Promise.all(Array.from({ length: scrapers }, (_, index) => scraper(index)));
    await Promise.race([changing(), scraping.then(() => Promise.reject(new Error('nobody scraped')))]).finally(() => {
      isOver = true;
    });
    await scraping;

    expect(payloads).toBeGreaterThanOrEqual(scrapers);
    // They saw it change.
    expect(seenCounts.size).toBeGreaterThan(5);
    const last = read(await scrape('text', 'identity'));
    expect([...last.values()].map(({ databases }) => databases)).toEqual(Array(8).fill(names.length));
    if (whyNoPrometheus() !== null) return;
    for (const index of [0, Math.floor(samplesForPromtool.length / 2), samplesForPromtool.length - 1]) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: samplesForPromtool[index] ?? '',
        encoding: 'utf8',
      });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
    }
  },
  2 * patience,
);

test('an instance that is removed over the API is gone from the next scrape', async () => {
  const { rows } = await repository.pool.query<{ id: number; name: string }>('SELECT id, name FROM instances LIMIT 1');
  const [gone] = rows;
  await repository.pool.query("UPDATE instances SET source = 'user' WHERE id = $1", [gone?.id]);
  expect((await ask(exporter, `/api/v1/instances/${gone?.id ?? 0}`, { method: 'DELETE' })).status).toBe(204);
  expect([...read(await scrape('text', 'gzip')).keys()]).not.toContain(gone?.name);
});
