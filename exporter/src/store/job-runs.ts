import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { inTransaction, type Queryable } from './pool.ts';
import type { Queue } from './queue.ts';

/** One due time of one job. */
export interface JobTick {
  readonly job: string;
  readonly dueAt: Date;
  /** Made up later than due, because nothing ran when it was. */
  readonly late: boolean;
}

/** A tick as the queue keeps it. */
interface QueuedTick {
  readonly job: string;
  readonly dueAt: string;
  readonly late: boolean;
}

/** Seen later than due, because nothing ran when it was. */
const isLate = (row: string): string => `${row}.created_at > ${row}.due_at + interval '1 minute'`;

/** A due time that is known. */
export interface KnownTick {
  readonly dueAt: Date;
  /** By which cron expression it was due; null where that was not written down. */
  readonly schedule: string | null;
}

/**
 * The newest due time up to now that is known of a job; null before the first. A clock that once ran ahead leaves later ones,
 * which are no reason to wait for their time.
 */
export async function findLastDue(client: Queryable, job: string, now: Date): Promise<KnownTick | null> {
  const { rows } = await client.query<KnownTick>(
    'SELECT due_at AS "dueAt", schedule FROM job_runs WHERE job = $1 AND due_at <= $2 ORDER BY due_at DESC LIMIT 1',
    [job, now],
  );
  return rows[0] ?? null;
}

/**
 * Enqueues a tick once, whoever else sees it.
 * @param schedule the cron expression by which it is due
 * @returns whether it was us
 */
export async function enqueueTick(pool: pg.Pool, queue: Queue, tick: JobTick, schedule: string): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const id = randomUUID();
    const { rowCount } = await client.query(
      'INSERT INTO job_runs (job, due_at, queue_job_id, schedule) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [tick.job, tick.dueAt, id, schedule],
    );
    if (rowCount !== 1) return false;
    await queue.insert(client, 'tidemark-jobs', [{ id, data: tick }]);
    // A schedule of every minute leaves half a million rows a year.
    await client.query(
      `DELETE FROM job_runs
       WHERE job = $1 AND due_at < now() - interval '400 days' AND finished_at IS NOT NULL`,
      [tick.job],
    );
    return true;
  });
}

/** Records ticks that nobody saw and that are too old to be made up. @returns how many were new */
export async function recordMissedTicks(
  client: Queryable,
  job: string,
  dueAt: readonly Date[],
  schedule: string,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO job_runs (job, due_at, finished_at, succeeded, message, schedule)
     SELECT $1, due_at, now(), false, 'missed: no exporter with this job ran, or the repository did not answer', $3
     FROM unnest($2::timestamptz[]) AS due_at
     ON CONFLICT DO NOTHING`,
    [job, dueAt, schedule],
  );
  return rowCount ?? 0;
}

/** A tick that this exporter runs. */
export interface TakenTick extends JobTick {
  readonly queueJobId: string;
}

/** Takes up to so many ticks from the queue, with a lease on each. */
export async function takeTicks(
  pool: pg.Pool,
  queue: Queue,
  count: number,
  leaseMilliseconds: number,
): Promise<TakenTick[]> {
  return inTransaction(pool, async (client) => {
    const entries = await queue.take<QueuedTick>(client, 'tidemark-jobs', count);
    if (entries.length === 0) return [];
    await client.query(
      `UPDATE job_runs
       SET started_at = coalesce(started_at, clock_timestamp()),
         lease_expires_at = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE queue_job_id = ANY ($1::uuid[])`,
      [entries.map((entry) => entry.id), leaseMilliseconds],
    );
    return entries.map(({ id, data }) => ({ ...data, dueAt: new Date(data.dueAt), queueJobId: id }));
  });
}

/** A sign of life. @returns false when another exporter has taken the run over */
export async function renewTick(client: Queryable, tick: TakenTick, leaseMilliseconds: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE job_runs
     SET lease_expires_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE queue_job_id = $1`,
    [tick.queueJobId, leaseMilliseconds],
  );
  return rowCount === 1;
}

/** Whether no older run of the same job is still to be finished: runs of one job never overlap. */
export async function isItsTurn(client: Queryable, tick: JobTick): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM job_runs WHERE job = $1 AND due_at < $2 AND finished_at IS NULL LIMIT 1',
    [tick.job, tick.dueAt],
  );
  return rowCount === 0;
}

/** Whether a run of a job that was due while nobody was there is still to be finished. */
export async function isMadeUpRunOpen(client: Queryable, job: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM job_runs AS r WHERE job = $1 AND finished_at IS NULL AND ${isLate('r')}`,
    [job],
  );
  return rowCount !== 0;
}

/** Gives a run back to the queue. */
export async function putTickBack(pool: pg.Pool, queue: Queue, tick: TakenTick): Promise<void> {
  await inTransaction(pool, (client) => replaceEntries(client, queue, 'queue_job_id = $1', [tick.queueJobId]));
}

/** Puts the runs of dead exporters back into the queue. @returns how many there were */
export async function requeueAbandonedTicks(pool: pg.Pool, queue: Queue): Promise<number> {
  return inTransaction(pool, (client) => replaceEntries(client, queue, 'lease_expires_at < clock_timestamp()', []));
}

async function replaceEntries(
  client: pg.PoolClient,
  queue: Queue,
  condition: string,
  parameters: readonly unknown[],
): Promise<number> {
  const { rows } = await client.query<{ job: string; dueAt: Date; late: boolean; before: string; id: string }>(
    `WITH abandoned AS (
       SELECT job, due_at, queue_job_id, gen_random_uuid() AS id
       FROM job_runs
       WHERE queue_job_id IS NOT NULL AND ${condition}
       FOR UPDATE SKIP LOCKED
     )
     UPDATE job_runs AS r
     SET queue_job_id = a.id, lease_expires_at = NULL
     FROM abandoned AS a
     WHERE r.job = a.job AND r.due_at = a.due_at
     RETURNING r.job, r.due_at AS "dueAt", ${isLate('r')} AS late,
       a.queue_job_id AS before, a.id`,
    [...parameters],
  );
  await queue.remove(
    client,
    'tidemark-jobs',
    rows.map((row) => row.before),
  );
  const entries = rows.map(({ job, dueAt, late, id }) => ({ id, data: { job, dueAt, late } }));
  await queue.insert(client, 'tidemark-jobs', entries);
  return rows.length;
}

/** Ends a run, unless another exporter has taken it over. */
export async function finishTick(
  pool: pg.Pool,
  queue: Queue,
  tick: TakenTick,
  result: { readonly succeeded: boolean; readonly message: string | null },
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE job_runs
       SET finished_at = clock_timestamp(), succeeded = $2, message = $3, lease_expires_at = NULL, queue_job_id = NULL
       WHERE queue_job_id = $1 AND finished_at IS NULL`,
      [tick.queueJobId, result.succeeded, result.message],
    );
    await queue.remove(client, 'tidemark-jobs', [tick.queueJobId]);
  });
}

/** What was started goes on elsewhere, and ends the run when it is over. */
export async function handTickOn(pool: pg.Pool, queue: Queue, tick: TakenTick): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('UPDATE job_runs SET lease_expires_at = NULL, queue_job_id = NULL WHERE queue_job_id = $1', [
      tick.queueJobId,
    ]);
    await queue.remove(client, 'tidemark-jobs', [tick.queueJobId]);
  });
}

/** How a job fared when it last ran. */
export interface JobState {
  readonly job: string;
  readonly lastRunAt: Date;
  readonly lastSuccessAt: Date | null;
  /** Of the last run that has ended; null before the first. */
  readonly durationSeconds: number | null;
}

export async function readJobStates(client: Queryable): Promise<JobState[]> {
  const { rows } = await client.query<JobState>(
    `SELECT job, max(started_at) AS "lastRunAt", max(finished_at) FILTER (WHERE succeeded) AS "lastSuccessAt",
       (array_agg(extract(epoch FROM finished_at - started_at)::float8 ORDER BY due_at DESC)
         FILTER (WHERE finished_at IS NOT NULL))[1] AS "durationSeconds"
     FROM job_runs
     WHERE started_at IS NOT NULL
     GROUP BY job
     ORDER BY job`,
  );
  return rows;
}

/** The newest run of a job. */
export interface JobRun {
  readonly job: string;
  readonly dueAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Null while it is under way. */
  readonly succeeded: boolean | null;
  readonly message: string | null;
}

/** Of each job that ever was due. */
export async function readLastRuns(client: Queryable): Promise<JobRun[]> {
  const { rows } = await client.query<JobRun>(
    `SELECT DISTINCT ON (job) job, due_at AS "dueAt", started_at AS "startedAt", finished_at AS "finishedAt", succeeded, message
     FROM job_runs
     ORDER BY job, due_at DESC`,
  );
  return rows;
}
