import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetrics, type Metrics } from '../../../exporter/src/metrics/metrics.ts';
import { sizesByType } from '../../../exporter/src/metrics/sizes.ts';
import { deactivateMissing } from '../../../exporter/src/store/instances.ts';
import type { RecordOutcome } from '../../../exporter/src/store/records.ts';
import { version } from '../../../exporter/src/version.ts';
import { parseExposition, type Sample } from '../../support/exposition.ts';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { startHttpApi } from '../../support/http-api.ts';
import { scrapeText } from '../../support/scrape.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { finishInstance, openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let metrics: Metrics;
let id: number;

beforeAll(async () => {
  database = await createTestDatabase();
  metrics = createMetrics(database.pool);
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query('DELETE FROM instances; DELETE FROM collection_sessions');
  id = await addInstance(database.pool, 'orders');
});

async function samplesOf(name: string, from: Metrics = metrics): Promise<Sample[]> {
  return parseExposition(await scrapeText(from)).samples.filter((sample) => sample.name === name);
}

const sizes = (): Promise<Sample[]> => samplesOf('tidemark_database_size_bytes');

/** By database, the sum over type. */
async function totals(): Promise<Map<string | undefined, number>> {
  const sums = new Map<string | undefined, number>();
  for (const { labels, value } of await sizes()) sums.set(labels.database, (sums.get(labels.database) ?? 0) + value);
  return sums;
}

async function collect(instanceId: number, status: RecordOutcome['status']): Promise<void> {
  await openRun(database.pool, [instanceId]);
  const outcome = { status, databasesMeasured: 0, failures: [], warnings: [], error: null };
  await finishInstance(database.pool, instanceId, outcome);
}

describe('the exposition', () => {
  test('can be parsed, and every metric has help, type and unit', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', 1)]);
    await collect(id, 'succeeded');
    await database.pool.query(
      `INSERT INTO job_runs (job, due_at, started_at, finished_at, succeeded)
       VALUES ('collect', '2024-01-31T03:00Z', '2024-01-31T03:00:01Z', '2024-01-31T03:01:31Z', true)`,
    );
    const text = await scrapeText(metrics);
    expect(text).toContain('tidemark_job_duration_seconds{job="collect"} 90');
    const { samples, types } = parseExposition(text);
    const ours = [...types.keys()].filter((name) => name.startsWith('tidemark_'));
    expect(ours.sort()).toEqual([
      'tidemark_build_info',
      'tidemark_collection_duration_seconds',
      'tidemark_collection_last_success_timestamp_seconds',
      'tidemark_collection_success',
      'tidemark_database_size_bytes',
      'tidemark_instance_added_timestamp_seconds',
      'tidemark_instance_info',
      'tidemark_job_duration_seconds',
      'tidemark_job_last_run_timestamp_seconds',
      'tidemark_job_last_success_timestamp_seconds',
      'tidemark_metrics_series',
      'tidemark_metrics_series_dropped',
      'tidemark_metrics_series_limit',
      'tidemark_metrics_state_timestamp_seconds',
      'tidemark_repository_default_partition_rows',
      'tidemark_repository_up',
    ]);
    for (const name of ours) {
      expect(types.get(name)).toBe('gauge');
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.$`, 'm'));
      const count = name === 'tidemark_repository_default_partition_rows' ? 2 : 1;
      expect(samples.filter((sample) => sample.name === name)).toHaveLength(count);
    }
    expect([...types.keys()]).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_version_info']));
  });

  test('is served as the text format that it is', async () => {
    const api = await startHttpApi(database.pool);
    try {
      const answer = await api.get('/metrics');
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(parseExposition(answer.text).samples.length).toBeGreaterThan(10);
    } finally {
      await api.close();
    }
  });

  test('says which version it is of', async () => {
    expect(await samplesOf('tidemark_build_info')).toEqual([
      { name: 'tidemark_build_info', labels: { version }, value: 1 },
    ]);
  });

  test('is the same from any exporter of the repository, before its first run too', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', 1)]);
    expect(await samplesOf('tidemark_database_size_bytes', createMetrics(database.pool))).toEqual(await sizes());
  });

  test('rendered many times at once is complete each time', async () => {
    const databases = Array.from({ length: 50 }, (_, index) => measurement(`db${index}`, index, { logBytes: 0 }));
    await addMeasurements(database.pool, id, '2024-01-31', databases);
    const texts = await Promise.all(Array.from({ length: 20 }, () => scrapeText(metrics)));
    for (const text of texts) {
      const found = parseExposition(text).samples.filter((sample) => sample.name === 'tidemark_database_size_bytes');
      expect(found).toHaveLength(100);
    }
  });

  test('of names of any kind can be parsed and gives the names back', async () => {
    const named = await addInstance(database.pool, 'say "hello"\nback\\slash');
    await addMeasurements(
      database.pool,
      named,
      '2024-01-31',
      hostileNames.map((name, index) => measurement(name, index + 1)),
    );
    const found = await sizes();
    expect(new Map(found.map((sample) => [sample.labels.database, sample.value]))).toEqual(
      new Map(hostileNames.map((name, index) => [name, index + 1])),
    );
    expect(new Set(found.map((sample) => sample.labels.db_instance))).toEqual(new Set(['say "hello"\nback\\slash']));
  });
});

describe('the size of a database', () => {
  test('comes by kind', async () => {
    const shop = measurement('shop', 1000, { dataBytes: 800, logBytes: 200, indexBytes: 300, tempBytes: 50 });
    await addMeasurements(database.pool, id, '2024-01-31', [shop]);
    const labels = { db_instance: 'orders', engine: 'postgresql', database: 'shop' };
    const found = await sizes();
    expect(new Map(found.map((sample) => [sample.labels.type, sample.value]))).toEqual(
      new Map([
        ['data', 450],
        ['log', 200],
        ['temp', 50],
        ['index', 300],
      ]),
    );
    for (const sample of found) expect(sample.labels).toEqual({ ...labels, type: sample.labels.type });
  });

  test('has no kind that is not known, and 0 where it is 0', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [
      measurement('unknown', 1000),
      measurement('empty', 0, { logBytes: 0 }),
    ]);
    const found = (await sizes()).map(({ labels, value }) => `${labels.database ?? ''} ${labels.type ?? ''} ${value}`);
    expect(found.sort()).toEqual(['empty data 0', 'empty log 0', 'unknown data 1000']);
  });

  test('stays exact up to 2^53 - 1', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', Number.MAX_SAFE_INTEGER)]);
    expect((await sizes()).map((sample) => sample.value)).toEqual([Number.MAX_SAFE_INTEGER]);
  });

  test('is the sum over type, whatever the parts say', async () => {
    await withSeeds(1_000, (random) => {
      const bytes = (): number => random.integer(0, random.pick([0, 10, 10 ** 6, 2 ** 50]));
      const bytesOrNull = (): number | null => (random.chance(0.3) ? null : bytes());
      const row = { sizeBytes: bytes(), logBytes: bytesOrNull(), indexBytes: bytesOrNull(), tempBytes: bytesOrNull() };
      const parts = new Map(
        sizesByType(row).flatMap(([type, bytes]) => (bytes === null ? [] : [[type, bytes] as const])),
      );
      expect([...parts.values()].reduce((sum, part) => sum + part, 0)).toBe(row.sizeBytes);
      for (const part of parts.values()) expect(part).toBeGreaterThanOrEqual(0);
      for (const [type, known] of [
        ['log', row.logBytes],
        ['index', row.indexBytes],
        ['temp', row.tempBytes],
      ] as const) {
        expect(parts.has(type)).toBe(known !== null);
        if (known !== null) expect(parts.get(type)).toBeLessThanOrEqual(known);
      }
    });
  });

  test('over type is the size that the API serves', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [
      measurement('a', 1000, { logBytes: 100, indexBytes: 5000 }),
      measurement('b', 7, { tempBytes: 7 }),
    ]);
    expect(await totals()).toEqual(
      new Map([
        ['a', 1000],
        ['b', 7],
      ]),
    );
  });
});

describe('the next scrape', () => {
  beforeEach(() => addMeasurements(database.pool, id, '2024-01-30', [measurement('stays', 1), measurement('goes', 2)]));

  test('has the new sizes', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('stays', 5), measurement('goes', 6)]);
    expect(await totals()).toEqual(
      new Map([
        ['goes', 6],
        ['stays', 5],
      ]),
    );
  });

  test('no longer has a database that is gone, and has it again when it is back', async () => {
    expect([...(await totals()).keys()]).toEqual(['goes', 'stays']);
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('stays', 1)]);
    expect([...(await totals()).keys()]).toEqual(['stays']);
    await addMeasurements(database.pool, id, '2024-02-01', [measurement('stays', 1), measurement('goes', 2)]);
    expect([...(await totals()).keys()]).toEqual(['goes', 'stays']);
  });

  test('still has a database that could not be measured', async () => {
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('stays', 1)], { unmeasured: ['goes'] });
    expect([...(await totals()).keys()]).toEqual(['goes', 'stays']);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is no longer active', () => deactivateMissing(database.pool, 'user', [])],
    ['was removed', () => database.pool.query('DELETE FROM instances')],
  ])('has nothing of an instance that %s', async (_case, lose) => {
    await collect(id, 'succeeded');
    expect(await sizes()).toHaveLength(2);
    await lose();
    const { samples } = parseExposition(await scrapeText(metrics));
    expect(samples.filter((sample) => 'db_instance' in sample.labels)).toEqual([]);
    expect(samples.some((sample) => sample.name === 'tidemark_build_info')).toBe(true);
  });
});

describe('the collection of an instance', () => {
  const value = async (name: string): Promise<number | undefined> => {
    const [sample, ...others] = await samplesOf(`tidemark_collection_${name}`);
    expect(others).toEqual([]);
    if (sample !== undefined) expect(sample.labels).toEqual({ db_instance: 'orders', engine: 'postgresql' });
    return sample?.value;
  };

  test('has no values before the first attempt', async () => {
    expect(await value('success')).toBeUndefined();
    expect(await value('duration_seconds')).toBeUndefined();
    expect(await value('last_success_timestamp_seconds')).toBeUndefined();
  });

  test('that went well is 1, with its moment and how long it took', async () => {
    await collect(id, 'succeeded');
    await database.pool.query(
      "UPDATE collection_records SET started_at = '2024-01-31T03:00:00Z', finished_at = '2024-01-31T03:00:02.5Z'",
    );
    expect(await value('success')).toBe(1);
    expect(await value('duration_seconds')).toBe(2.5);
    expect(await value('last_success_timestamp_seconds')).toBe(Date.parse('2024-01-31T03:00:02.5Z') / 1000);
  });

  test.each<[RecordOutcome['status'], number]>([
    ['succeeded', 1],
    ['partial', 1],
    ['failed', 0],
    ['interrupted', 0],
  ])('that ended as %s is %d', async (status, success) => {
    await collect(id, status);
    expect(await value('success')).toBe(success);
  });

  test('that failed keeps the moment of the last success, or has none', async () => {
    await collect(id, 'failed');
    expect(await value('last_success_timestamp_seconds')).toBeUndefined();
    await collect(id, 'succeeded');
    const moment = await value('last_success_timestamp_seconds');
    expect(moment).toBeGreaterThan(0);
    await collect(id, 'failed');
    expect(await value('success')).toBe(0);
    expect(await value('last_success_timestamp_seconds')).toBe(moment);
  });
});
