import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type pg from 'pg';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements } from '../../../exporter/src/store/import.ts';
import { dayIn } from '../../../exporter/src/store/periods.ts';
import { createPool } from '../../../exporter/src/store/pool.ts';
import { counts } from '../../support/counts.ts';
import { addInstances, daysBetween, measurement, randomNumbers, testSeed } from '../../support/history.ts';
import { startTidemark } from '../../support/processes.ts';
import { createTestDatabase, testDeadlines } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const today = '2026-06-30';
const names = Array.from({ length: 40 }, (_, number) => `instance-${number}`);

async function fill(pool: pg.Pool): Promise<void> {
  const instances = await addInstances(pool, names);
  const days = daysBetween('2026-04-20', today);
  await importMeasurements(
    pool,
    instances.flatMap((id) =>
      days.flatMap((day, index) =>
        Array.from({ length: 10 }, (_, number) => measurement(id, `db-${number}`, day, id * 1000 + index * number)),
      ),
    ),
  );
}

async function stored(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query<{ line: string }>(
    `SELECT (to_jsonb(a) - 'calculated_at' - 'created_at')::text AS line FROM database_size_aggregations AS a
     UNION ALL SELECT (to_jsonb(t) - 'changed_at')::text FROM instance_daily_totals AS t ORDER BY line`,
  );
  return rows;
}

const seed = testSeed();

test(`an aggregation whose connections are cut at any moment loses nothing and doubles nothing (seed ${seed})`, async () => {
  const random = randomNumbers(seed);
  const [whole, cut] = [await createTestDatabase(), await createTestDatabase()];
  try {
    await fill(whole.pool);
    await aggregate(whole.pool, today);
    const expected = await stored(whole.pool);
    await fill(cut.pool);
    let failed = 0;
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const pool = createPool(cut.url, testDeadlines);
      try {
        const running = aggregate(pool, today).then(
          () => false,
          () => true,
        );
        await delay(random() * 30 * (1 + attempt / 4));
        await cut.pool.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        );
        if (await running) failed += 1;
      } finally {
        await pool.end();
      }
    }
    expect(failed).toBeGreaterThan(0);
    const report = await aggregate(cut.pool, today);
    expect(report.failures).toEqual([]);
    expect(await stored(cut.pool)).toEqual(expected);
  } finally {
    await whole.close();
    await cut.close();
  }
}, 120_000);

test(
  `${counts.kills} kills of a process that aggregates lose nothing and double nothing (seed ${seed})`,
  async () => {
    const random = randomNumbers(seed);
    const [whole, killed] = [await createTestDatabase(), await createTestDatabase()];
    try {
      await fill(whole.pool);
      await aggregate(whole.pool, dayIn('UTC', new Date()));
      await fill(killed.pool);
      const environment = { DATABASE_URL: killed.url.reveal(), TIDEMARK_LOG_LEVEL: 'error' };
      let inTheMiddle = 0;
      for (let kill = 0; kill < counts.kills; kill += 1) {
        // All of it is to be computed again, whatever was stored before.
        await killed.pool.query(
          'INSERT INTO measurement_changes SELECT DISTINCT instance_id, collected_date FROM database_size_stats',
        );
        const command = startTidemark(['aggregate'], { environment });
        let hasEnded = false;
        void command.ended.then(() => (hasEnded = true));
        await until(async () => hasEnded || (await isComputing(killed.pool)), 'the command to compute');
        await delay(random() * 300);
        command.kill('SIGKILL');
        const { signal } = await command.ended;
        if (signal === 'SIGKILL') inTheMiddle += 1;
      }
      console.info(`${counts.kills} kills, ${inTheMiddle} in the middle`);
      expect(inTheMiddle).toBeGreaterThan(counts.kills / 4);
      const last = await startTidemark(['aggregate'], { environment }).ended;
      expect(last).toMatchObject({ code: 0, stdout: expect.stringContaining(', 0 failed') as unknown });
      expect(await stored(killed.pool)).toEqual(await stored(whole.pool));
    } finally {
      await whole.close();
      await killed.close();
    }
  },
  120_000 + counts.kills * 10_000,
);

async function isComputing(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
  );
  return (rows[0]?.count ?? 0) > 0;
}
