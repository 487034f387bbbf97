import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Job } from '../../../exporter/src/jobs/job.ts';
import { JobRunner } from '../../../exporter/src/jobs/runner.ts';
import { Scheduler } from '../../../exporter/src/jobs/scheduler.ts';
import { enqueueTick, readLastRuns } from '../../../exporter/src/store/job-runs.ts';
import { Queue } from '../../../exporter/src/store/queue.ts';
import { RepositoryWatch } from '../../../exporter/src/store/watch.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const queue = new Queue();
const log = pino({ level: 'silent' });
let database: TestDatabase;
let watch: RepositoryWatch;

beforeEach(async () => {
  database = await createTestDatabase();
  watch = new RepositoryWatch(database.pool, log);
});

afterEach(async () => {
  await watch.stop();
  await database.close();
});

function contextOf(database: TestDatabase) {
  return { pool: database.pool, queue, watch, deadlines: testDeadlines, timezone: 'UTC', log };
}

const lastRun = async (job: string) => (await readLastRuns(database.pool)).find((run) => run.job === job);

interface Tick {
  readonly dueAt: Date;
  readonly message: string | null;
}

async function ticks(): Promise<Tick[]> {
  const { rows } = await database.pool.query<Tick>('SELECT due_at AS "dueAt", message FROM job_runs ORDER BY due_at');
  return rows;
}

const idle = { run: () => Promise.resolve({ outcome: 'finished' as const }) };

/** Lets a scheduler enqueue what is due of a job, until something is so. */
async function schedulingOf(job: Job, condition: () => Promise<boolean>): Promise<void> {
  const scheduler = new Scheduler({ ...contextOf(database), wake: () => undefined }, [job]);
  scheduler.start();
  try {
    await until(condition, 'it is enqueued');
  } finally {
    await scheduler.stop();
  }
}

/** Once a year: nothing is due but what a test enqueues. */
const schedule = '0 0 1 1 *';

test('a job whose statements get no answer in time is begun again, and given up after the third time', async () => {
  let begun = 0;
  const slow: Job = {
    ...{ name: 'slow', schedule },
    run: () => {
      begun += 1;
      return Promise.reject(new Error('Query read timeout'));
    },
  };
  const runner = new JobRunner(contextOf(database), [slow]);
  runner.start();
  try {
    await enqueueTick(database.pool, queue, { job: 'slow', dueAt: new Date(), late: false }, schedule);
    await until(async () => (await lastRun('slow'))?.succeeded === false, 'it is given up');
    expect(begun).toBe(3);
    expect(await lastRun('slow')).toMatchObject({
      message: expect.stringMatching(/^given up: the repository answers, but .* took too long .* 3 times in a row$/),
    });
  } finally {
    await runner.stop();
  }
}, 60_000);

test('one that gets its answers the next time is done, and can be slow again', async () => {
  const failures = [true, true, false, true, false];
  const now = Date.now();
  const job: Job = {
    ...{ name: 'now and then', schedule },
    run: () =>
      failures.shift() === true
        ? Promise.reject(new Error('Query read timeout'))
        : Promise.resolve({ outcome: 'finished' as const }),
  };
  const runner = new JobRunner(contextOf(database), [job]);
  runner.start();
  try {
    for (const dueAt of [new Date(now - 1000), new Date(now)]) {
      await enqueueTick(database.pool, queue, { job: job.name, dueAt, late: false }, schedule);
      await until(async () => (await lastRun(job.name))?.finishedAt != null, 'it has ended', 40_000);
      expect(await lastRun(job.name)).toMatchObject({ dueAt, succeeded: true });
    }
  } finally {
    await runner.stop();
  }
}, 90_000);

test('a due time that a clock once wrote down ahead of its time silences nothing', async () => {
  await database.pool.query(
    `INSERT INTO job_runs (job, due_at, started_at, finished_at, succeeded) VALUES ('often', now() + interval '1 year', now(), now(), true)`,
  );
  const often = { ...idle, name: 'often', schedule: '* * * * * *' };
  await schedulingOf(often, async () => (await ticks()).filter((tick) => tick.dueAt <= new Date()).length >= 2);
});

describe('what is due after a pause of hours', () => {
  const hours = 3_600_000;
  const hourly: Job = { ...idle, name: 'paused', schedule: '0 * * * *' };
  const lastHour = Math.floor(Date.now() / hours) * hours;

  async function wasDueBefore(schedule: string | null): Promise<void> {
    await database.pool.query(
      `INSERT INTO job_runs (job, due_at, started_at, finished_at, succeeded, schedule) VALUES ($1, $2, now(), now(), true, $3)`,
      [hourly.name, new Date(lastHour - 5 * hours), schedule],
    );
  }

  test.each([hourly.schedule, null])('the last is made up, those before were missed (%s)', async (schedule) => {
    await wasDueBefore(schedule);
    await schedulingOf(hourly, async () => (await ticks()).some((tick) => tick.dueAt.getTime() === lastHour));
    const messages = (await ticks()).map(({ dueAt, message }) => [(lastHour - dueAt.getTime()) / hours, message]);
    const missed = expect.stringMatching(/^missed/);
    expect(messages).toEqual([[5, null], ...[4, 3, 2, 1].map((ago) => [ago, missed]), [0, null]]);
  });

  test('by another schedule: the last is made up, and nothing was missed', async () => {
    await wasDueBefore('0 3 * * *');
    await schedulingOf(hourly, async () => (await ticks()).some((tick) => tick.dueAt.getTime() === lastHour));
    expect(await ticks()).toHaveLength(2);
  });
});
