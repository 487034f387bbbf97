import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { counts, isLong } from '../../support/counts.ts';
import { acceleratedClock, Exporters, faketimeMissing, instancesOfTestServer } from '../../support/exporters.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

/** How many times as fast the clocks of the exporters run, with a tick a second on them. */
const factor = 2;

let repository: TestDatabase;
let exporters: Exporters;

beforeEach(async () => {
  if (faketimeMissing !== null && process.env.CI) throw new Error(faketimeMissing);
  repository = await createTestDatabase();
  exporters = new Exporters(repository.url, instancesOfTestServer(1), {
    ...{ COLLECT_DB_SIZE_ENABLED: 'true', COLLECT_DB_SIZE_HOUR: '* * * * * *', TIDEMARK_LEASE_SECONDS: '30' },
    ...acceleratedClock(factor),
  });
});

afterEach(async () => {
  await exporters.close();
  await repository.close();
});

interface Run {
  readonly due: number;
  readonly succeeded: boolean;
  readonly message: string;
  readonly sessions: number;
}

async function runs(): Promise<Run[]> {
  const { rows } = await repository.pool.query<Run>(
    `SELECT extract(epoch FROM r.due_at)::float8 AS due, r.succeeded, r.message, count(s.id) AS sessions
     FROM job_runs AS r
     LEFT JOIN collection_sessions AS s ON s.due_at = r.due_at
     WHERE r.job = 'collect' AND r.finished_at IS NOT NULL
     GROUP BY r.job, r.due_at
     ORDER BY r.due_at`,
  );
  return rows;
}

const describeOrSkip = faketimeMissing === null ? describe : describe.skip;

describeOrSkip(`one run per tick${faketimeMissing === null ? '' : ` (skipped: ${faketimeMissing})`}`, () => {
  test.each([2, 5])(
    `with %i exporters, ${counts.ticks} ticks`,
    async (processes) => {
      await Promise.all(Array.from({ length: processes }, () => exporters.start()));
      await until(
        async () => (await runs()).length >= counts.ticks,
        'the ticks have run',
        60_000 + counts.ticks * 1_000,
      );
      const all = await runs();
      const { rows: sessions } = await repository.pool.query<{ status: string; due: boolean }>(
        `SELECT s.status, s.due_at IS NOT NULL AS due
         FROM collection_sessions AS s`,
      );
      // The first one is made up; from the second on there is one each second, none left out.
      const gaps = all.slice(2).filter(({ due }, index) => due - (all[index + 1]?.due ?? 0) !== 1);
      expect(gaps).toEqual([]);
      expect(all.filter((run) => run.sessions !== 1)).toEqual([]);
      expect(sessions.filter((session) => !session.due)).toEqual([]);
      console.info(
        `${processes} exporters, ${all.length} ticks: 1 session each, none left out; clocks ${factor} times as fast; ` +
          `${all.filter((run) => !run.succeeded).length} in which the instance could not be measured`,
      );
    },
    120_000 + counts.ticks * 2_000,
  );
});

test(
  `${counts.starts} exporters that start at the same moment on an empty repository are all up, with one schema`,
  async () => {
    const empty = await createTestDatabase({ empty: true });
    const together = new Exporters(empty.url, instancesOfTestServer(1), {});
    try {
      const started = await Promise.allSettled(
        Array.from({ length: counts.starts }, () => together.start({ TIDEMARK_LOG_LEVEL: 'info' })),
      );
      expect(started.filter((result) => result.status === 'rejected')).toEqual([]);
      const { rows } = await empty.pool.query<{
        schemas: number;
        migrations: number;
        distinct: number;
        queues: number;
      }>(
        `SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'tidemark_queue') AS schemas,
           (SELECT count(*) FROM tidemark_queue.queue) AS queues, count(*) AS migrations,
           count(DISTINCT version) AS distinct
         FROM schema_migrations`,
      );
      expect(rows[0]).toMatchObject({ schemas: 1, queues: 2, migrations: rows[0]?.distinct });
      console.info(`${counts.starts} of ${counts.starts} up`);
    } finally {
      await together.close();
      await empty.close();
    }
  },
  isLong ? 300_000 : 120_000,
);
