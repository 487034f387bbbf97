import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Alarm } from '../alarm.ts';
import type { Deadlines } from '../config/deadlines.ts';
import { messageOf } from '../errors.ts';
import {
  finishTick,
  handTickOn,
  isItsTurn,
  putTickBack,
  renewTick,
  requeueAbandonedTicks,
  takeTicks,
  type TakenTick,
} from '../store/job-runs.ts';
import { mayAskTooMuch } from '../store/pool.ts';
import type { Queue } from '../store/queue.ts';
import type { RepositoryWatch } from '../store/watch.ts';
import type { Job } from './job.ts';
import { DueTimes } from './slots.ts';

/** Runs that one exporter holds at the same time; most of them wait for their turn. */
const mostHeld = 32;

/** Milliseconds between two looks whether the run before has ended. */
const turnPause = 200;

/** The same where a job itself says that it is not its turn, which costs it more to find out: doubled up to this. */
const longestPause = 2_000;

/** How often a run is begun again whose statements are too much for a repository that answers everybody else. */
const mostFailures = 3;

/** A run that waits for its turn is given up when it is older than its interval, but not within the first minute. */
const leastPatience = 60_000;

export interface JobRunnerContext {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  readonly watch: RepositoryWatch;
  readonly deadlines: Deadlines;
  readonly timezone: string;
  readonly log: Logger;
}

/** A job with its due times, which are worth keeping. */
type TimedJob = Job & { readonly dueTimes: DueTimes };

const tooMuch = `the repository answers, but a statement of this job took too long or too much disk, ${mostFailures} times in a row`;

const unknownJob = 'this exporter knows no such job: it was switched off, or belongs to another version';

/** Does the scheduled runs that are in the queue, this exporter's own and those of exporters that died. */
export class JobRunner {
  readonly #context: JobRunnerContext;
  #jobs: ReadonlyMap<string, TimedJob>;
  /** What runs, with what tells it to end. */
  readonly #running = new Map<Promise<void>, AbortController>();
  readonly #alarm = new Alarm();
  /** Of the runs that are begun again, by their job. */
  readonly #failures = new Map<string, number>();
  #loop: Promise<void> | null = null;
  #stopping = false;

  constructor(context: JobRunnerContext, jobs: readonly Job[]) {
    this.#context = context;
    this.#jobs = timed(jobs, context.timezone);
  }

  /** Other jobs from now on; what runs goes on. */
  replaceJobs(jobs: readonly Job[]): void {
    this.#jobs = timed(jobs, this.#context.timezone);
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  /** Looks into the queue now. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Tells what runs to end and gives back what has not ended by then; to be bounded by the caller. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    for (const ending of this.#running.values()) ending.abort();
    await this.#loop;
    await Promise.all(this.#running.keys());
  }

  async #work(): Promise<void> {
    const { pool, queue, watch, deadlines, log } = this.#context;
    let lookForDeadAt = 0;
    while (!this.#stopping) {
      await watch.whenAvailable();
      try {
        if (Date.now() >= lookForDeadAt && watch.availableFor() >= deadlines.lease / 2) {
          lookForDeadAt = Date.now() + deadlines.lease / 3;
          const abandoned = await requeueAbandonedTicks(pool, queue);
          if (abandoned > 0) log.warn({ runs: abandoned }, 'scheduled runs of an exporter that died are taken over');
        }
        const room = mostHeld - this.#running.size;
        const ticks = room > 0 ? await takeTicks(pool, queue, room, deadlines.lease) : [];
        for (const tick of ticks) this.#begin(tick);
      } catch (error) {
        if (!watch.saw(error)) log.error({ err: error }, 'the queue of scheduled runs could not be read');
      }
      await this.#alarm.pause(deadlines.jobPoll);
    }
  }

  #begin(tick: TakenTick): void {
    const ending = new AbortController();
    const run = this.#run(tick, ending).finally(() => {
      this.#running.delete(run);
      this.wake();
    });
    this.#running.set(run, ending);
    if (this.#stopping) ending.abort();
  }

  async #run(tick: TakenTick, ending: AbortController): Promise<void> {
    const { watch } = this.#context;
    const log = this.#context.log.child({ job: tick.job, dueAt: tick.dueAt });
    const job = this.#jobs.get(tick.job);
    const { signal } = ending;
    const lease = this.#keepLease(tick, ending, log);
    try {
      if (job === undefined) throw new Error(unknownJob);
      await this.#runInTurn(job, tick, signal, log);
    } catch (error) {
      await this.#afterError(error, tick, signal, log).catch((second: unknown) => {
        // The lease runs out, and somebody takes the run over.
        if (!watch.saw(second)) log.error({ err: second }, 'the end of a scheduled run could not be stored');
      });
    } finally {
      clearInterval(lease);
    }
  }

  async #runInTurn(job: TimedJob, tick: TakenTick, signal: AbortSignal, log: Logger): Promise<void> {
    const { pool, queue } = this.#context;
    let pause = turnPause;
    for (;;) {
      let reason = 'the run before took longer than the time between two runs';
      if (await isItsTurn(pool, tick)) {
        const result = await job.run({ dueAt: tick.dueAt, late: tick.late, signal });
        this.#failures.delete(job.name);
        if (result.outcome === 'continues') return handTickOn(pool, queue, tick);
        if (result.outcome === 'finished') {
          await finishTick(pool, queue, tick, { succeeded: true, message: result.message ?? null });
          log.info('a scheduled run has finished');
          return;
        }
        reason = result.reason;
        pause = Math.min(pause * 2, longestPause);
      }
      if (isTooLate(tick, job.dueTimes)) return this.#giveUp(tick, reason, log);
      await delay(pause, undefined, { signal });
    }
  }

  async #afterError(error: unknown, tick: TakenTick, signal: AbortSignal, log: Logger): Promise<void> {
    const { pool, queue, watch } = this.#context;
    if (signal.aborted) {
      await putTickBack(pool, queue, tick);
    } else if (watch.saw(error)) {
      await watch.whenAvailable();
      const tooOften = mayAskTooMuch(error) && this.#countFailure(tick.job) >= mostFailures;
      if (tooOften) await this.#giveUp(tick, tooMuch, log);
      else await putTickBack(pool, queue, tick);
    } else {
      log.error({ err: error }, 'a scheduled run failed');
      await finishTick(pool, queue, tick, { succeeded: false, message: messageOf(error) });
    }
  }

  async #giveUp(tick: TakenTick, reason: string, log: Logger): Promise<void> {
    const { pool, queue } = this.#context;
    this.#failures.delete(tick.job);
    await finishTick(pool, queue, tick, { succeeded: false, message: `given up: ${reason}` });
    log.warn({ reason }, 'a scheduled run was given up');
  }

  /** @returns how many of a job's runs in a row failed so, with this one */
  #countFailure(job: string): number {
    const count = (this.#failures.get(job) ?? 0) + 1;
    this.#failures.set(job, count);
    return count;
  }

  #keepLease(tick: TakenTick, ending: AbortController, log: Logger): NodeJS.Timeout {
    const { pool, watch, deadlines } = this.#context;
    return setInterval(() => {
      renewTick(pool, tick, deadlines.lease).then(
        (ours) => {
          if (!ours) ending.abort();
        },
        (error: unknown) => {
          if (!watch.saw(error)) log.warn(`the lease of a scheduled run was not renewed: ${messageOf(error)}`);
        },
      );
    }, deadlines.lease / 3);
  }
}

function isTooLate(tick: TakenTick, dueTimes: DueTimes): boolean {
  const interval = dueTimes.intervalAfter(tick.dueAt);
  return Date.now() - tick.dueAt.getTime() > Math.max(interval, leastPatience);
}

function timed(jobs: readonly Job[], timezone: string): ReadonlyMap<string, TimedJob> {
  return new Map(jobs.map((job) => [job.name, { ...job, dueTimes: new DueTimes(job.schedule, timezone) }]));
}
