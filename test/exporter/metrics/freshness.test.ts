import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createMetrics, type Metrics } from '../../../exporter/src/metrics/metrics.ts';
import { inTransaction } from '../../../exporter/src/store/pool.ts';
import { forgetStateChanges } from '../../../exporter/src/store/state-changes.ts';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { RepositoryWatch } from '../../../exporter/src/store/watch.ts';
import { parseExposition } from '../../support/exposition.ts';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { startPgbouncer, whyNoPgbouncer } from '../../support/pgbouncer.ts';
import { createCuttableWay } from '../../support/repository-outage.ts';
import { scrapeText } from '../../support/scrape.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

let database: TestDatabase;
let id: number;

beforeAll(async () => {
  database = await createTestDatabase();
  id = await addInstance(database.pool, 'orders');
});

afterAll(() => database.close());

async function values(metrics: Metrics, name: string): Promise<number[]> {
  const { samples } = parseExposition(await scrapeText(metrics));
  return samples.filter((sample) => sample.name === name).map(({ value }) => value);
}

const sizes = (metrics: Metrics): Promise<number[]> => values(metrics, 'tidemark_database_size_bytes');

/** A moment for a measurement, later than the one before. */
const nextTime = (
  (second) => () =>
    new Date((second += 1) * 1000).toISOString().slice(11, 19)
)(0);

const setSize = (bytes: number, pool = database.pool): Promise<void> =>
  addMeasurements(pool, id, '2024-01-31', [measurement('shop', bytes)], { time: nextTime() });

describe('a scrape shows what was committed before it', () => {
  test('from every exporter, in turn, however often', async () => {
    const exporters = Array.from({ length: 3 }, () => createMetrics(database.pool));
    for (let size = 1; size <= 10; size += 1) {
      await setSize(size);
      for (const metrics of exporters) expect(await sizes(metrics)).toEqual([size]);
    }
  });

  test('and never goes back in time, whoever is asked while it changes', async () => {
    const exporters = Array.from({ length: 3 }, () => createMetrics(database.pool));
    let written = 1000;
    const last = written + 80;
    const writing = (async () => {
      for (; written < last; written += 1) await setSize(written);
    })();
    const seen: number[] = [];
    for (let turn = 0; written < last; turn += 1) {
      const [size = NaN] = await sizes(exporters[turn % 3] as Metrics);
      seen.push(size);
    }
    await writing;
    const changes = seen.slice(1);
    expect(changes.every((size, index) => size >= (seen[index] ?? 0))).toBe(true);
    expect(new Set(changes).size).toBeGreaterThan(2);
  });

  test('also when a transaction that began earlier ends later', async () => {
    const metrics = createMetrics(database.pool);
    await setSize(1);
    expect(await sizes(metrics)).toEqual([1]);
    const other = await addInstance(database.pool, 'late');
    await inTransaction(database.pool, async (client) => {
      // Has its number before the others, and its rows.
      await client.query(`INSERT INTO measurement_changes VALUES (${other}, '2024-01-31')`);
      await client.query(`INSERT INTO database_latest (instance_id, database_name, first_seen_date, collected_date,
        collected_at, size_bytes, method) VALUES (${other}, 'late', now(), now(), now(), 77, 'exact')`);
      for (const size of [2, 3, 4]) {
        await setSize(size);
        expect(await sizes(metrics)).toEqual([size]);
      }
    });
    expect(await sizes(metrics)).toEqual([77, 4]);
    await database.pool.query(`DELETE FROM instances WHERE id = ${other}`);
    expect(await sizes(metrics)).toEqual([4]);
  });

  test('also when the notes of changes were removed meanwhile, or come from another server', async () => {
    const metrics = createMetrics(database.pool);
    await setSize(10);
    expect(await sizes(metrics)).toEqual([10]);
    await database.pool.query(`UPDATE state_changes SET changed_at = now() - interval '3 hours'`);
    await forgetStateChanges(database.pool);
    expect(await sizes(metrics)).toEqual([10]);
    // A dump that is restored keeps the transactions of where it came from.
    await setSize(11);
    await database.pool.query(`UPDATE state_changes SET transaction_id = '99999999999'::xid8`);
    expect(await sizes(metrics)).toEqual([11]);
    await setSize(12);
    expect(await sizes(metrics)).toEqual([12]);
  });

  const reason = whyNoPgbouncer();
  (reason === null ? test : test.skip)('also through PgBouncer in transaction mode', async () => {
    const bouncer = await startPgbouncer(database.url);
    const pool = createPool(bouncer.url, testDeadlines);
    const metrics = createMetrics(pool);
    for (const size of [20, 21, 22]) {
      await setSize(size, pool);
      expect(await sizes(metrics)).toEqual([size]);
    }
    await pool.end();
    await bouncer.stop();
  });
});

describe('without a change', () => {
  test('a scrape costs one statement, and nothing is rendered', async () => {
    let statements = 0;
    const counting = new Proxy(database.pool, {
      get: (pool, key) => {
        if (key === 'query' || key === 'connect') statements += 1;
        const value = Reflect.get(pool, key) as unknown;
        return typeof value === 'function' ? (value.bind(pool) as unknown) : value;
      },
    });
    const metrics = createMetrics(counting);
    const first = await metrics.scrape('text', 5000);
    statements = 0;
    const again = await metrics.scrape('openmetrics', 5000);
    expect(statements).toBe(1);
    const shared = again.text()[0];
    expect(first.text()[0]).toBe(shared);
    // Those who come at the same time share the look.
    statements = 0;
    const many = await Promise.all(Array.from({ length: 50 }, () => metrics.scrape('text', 5000)));
    expect(statements).toBeLessThanOrEqual(2);
    for (const answer of many) expect(answer.text()[0]).toBe(shared);
  });
});

describe('while the repository is away', () => {
  test('the last state is shown, with its time and that it is old; then the present one', async () => {
    const way = await createCuttableWay(database.url);
    const pool = createPool(way.url, testDeadlines);
    const log = pino({ level: 'silent' });
    const watch = new RepositoryWatch(pool, log);
    const metrics = createMetrics(pool, { watch, log });
    await setSize(30);
    expect(await sizes(metrics)).toEqual([30]);
    expect(await values(metrics, 'tidemark_repository_up')).toEqual([1]);
    const [shownAt] = await values(metrics, 'tidemark_metrics_state_timestamp_seconds');
    await way.cut();
    await setSize(31);
    for (let scrape = 0; scrape < 3; scrape += 1) {
      expect(await sizes(metrics)).toEqual([30]);
      expect(await values(metrics, 'tidemark_repository_up')).toEqual([0]);
      expect(await values(metrics, 'tidemark_metrics_state_timestamp_seconds')).toEqual([shownAt]);
    }
    // Who has nothing to show says so.
    await expect(createMetrics(pool).scrape('text', 5000)).rejects.toThrow('ECONNREFUSED');
    await way.restore();
    await until(async () => (await sizes(metrics))[0] === 31, 'the present is shown');
    expect(await values(metrics, 'tidemark_repository_up')).toEqual([1]);
    await watch.stop();
    await pool.end();
    await way.cut();
  });

  test('a scrape waits no longer than it has time, and the next ones do not wait at all', async () => {
    const way = await createCuttableWay(database.url);
    const pool = createPool(way.url, { ...testDeadlines, repositoryConnect: 3_000, repositoryStatement: 3_000 });
    const metrics = createMetrics(pool);
    await setSize(40);
    expect(await sizes(metrics)).toEqual([40]);
    await way.mute();
    await until(() => pool.totalCount === 0, 'the connection is lost');
    const startedAt = performance.now();
    await metrics.scrape('text', 300);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
    const answer = await metrics.scrape('text', 60_000);
    expect(performance.now() - startedAt).toBeLessThan(2_900);
    expect(Buffer.concat([...answer.text()]).toString()).toContain('\ntidemark_repository_up 0\n');
    const fresh = createMetrics(pool).scrape('text', 100);
    await expect(fresh).rejects.toThrow('the repository has not answered within 0.1 s: there is nothing to show yet');
    await way.restore();
    await until(async () => (await values(metrics, 'tidemark_repository_up'))[0] === 1, 'it is up again');
    await pool.end();
    await way.cut();
  });
});
