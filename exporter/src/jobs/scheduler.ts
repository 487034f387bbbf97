import cron from 'node-cron';
import type pg from 'pg';
import type { Logger } from 'pino';
import { enqueueTick, findLastDue, recordMissedTicks, type KnownTick } from '../store/job-runs.ts';
import type { Queue } from '../store/queue.ts';
import type { RepositoryWatch } from '../store/watch.ts';
import type { Job } from './job.ts';
import { DueTimes } from './slots.ts';

/** How late a tick may be and still be enqueued, where its job's own interval is shorter: a busy moment loses no tick. */
const leastTolerance = 60_000;

/** A timer may ring a little before its time. */
const earlyBird = 100;

export interface SchedulerContext {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  readonly watch: RepositoryWatch;
  /** IANA zone in which the schedules are read. */
  readonly timezone: string;
  /** Called when something was enqueued. */
  readonly wake: () => void;
  readonly log: Logger;
}

/**
 * Enqueues every due time of the jobs, once for all exporters. node-cron only says when to look: what is due is computed, so
 * that a timer that is late, early or silent around a change of the clock loses and doubles nothing.
 */
export class Scheduler {
  readonly #context: SchedulerContext;
  #schedules: readonly JobSchedule[];
  readonly #timers: { destroy(): unknown }[] = [];

  constructor(context: SchedulerContext, jobs: readonly Job[]) {
    this.#context = context;
    this.#schedules = jobs.map((job) => new JobSchedule(context, job));
  }

  /** Starts the timers, and makes up what was due last while nobody was there. */
  start(): void {
    const options = { timezone: this.#context.timezone, suppressMissedWarning: true };
    for (const schedule of this.#schedules) {
      const look = (): void => void schedule.look();
      this.#timers.push(cron.schedule(schedule.job.schedule, look, options), cron.schedule('* * * * *', look, options));
    }
    void this.#makeUp();
  }

  /** One job after the other: who comes later can see what is made up before. */
  async #makeUp(): Promise<void> {
    for (const schedule of this.#schedules) await schedule.look();
  }

  /** Other jobs, or other times for them, from now on. */
  async replaceJobs(jobs: readonly Job[]): Promise<void> {
    await this.stop();
    this.#schedules = jobs.map((job) => new JobSchedule(this.#context, job));
    this.start();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) await timer.destroy();
    await Promise.all(this.#schedules.map((schedule) => schedule.stop()));
  }
}

/** The due times of one job. */
class JobSchedule {
  readonly job: Job;
  readonly #context: SchedulerContext;
  readonly #dueTimes: DueTimes;
  /** The last that was enqueued here. */
  #known: KnownTick | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #stopped = false;

  constructor(context: SchedulerContext, job: Job) {
    this.job = job;
    this.#context = context;
    this.#dueTimes = new DueTimes(job.schedule, context.timezone);
  }

  /** Enqueues what has become due; one look at a time. */
  look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookOften().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
  }

  async #lookOften(): Promise<void> {
    const { watch, log } = this.#context;
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false;
      try {
        await this.#enqueueDue();
      } catch (error) {
        if (watch.saw(error)) {
          this.#lookAgain = true;
          await watch.whenAvailable();
        } else {
          log.error({ err: error, job: this.job.name }, 'what is due could not be enqueued');
        }
      }
    }
  }

  async #enqueueDue(): Promise<void> {
    const { pool, queue, wake, log } = this.#context;
    const { name, schedule } = this.job;
    const now = new Date();
    const until = new Date(now.getTime() + earlyBird);
    const known = this.#known ?? (await findLastDue(pool, name, until));
    const since = later(known?.dueAt ?? null, this.job.since ?? null);
    const last = this.#dueTimes.last(until);
    const all = since === null ? (last === null ? [] : [last]) : this.#dueTimes.between(since, until);
    // By another schedule: nobody has missed what this one asks for but the last.
    const due = (known?.schedule ?? schedule) === schedule ? all : all.slice(-1);
    const inTime = due.filter((dueAt) => dueAt.getTime() === last?.getTime() || this.#isInTime(dueAt, now));
    const missed = due.filter((dueAt) => !inTime.includes(dueAt));
    if (missed.length > 0 && (await recordMissedTicks(pool, name, missed, schedule)) > 0) {
      log.warn(
        { job: name, ticks: missed.length, first: missed[0], last: missed.at(-1) },
        'scheduled runs were missed',
      );
    }
    for (const dueAt of inTime) {
      const late = now.getTime() - dueAt.getTime() > leastTolerance;
      if (await enqueueTick(pool, queue, { job: name, dueAt, late }, schedule)) {
        const why = known === null && late ? 'a first run: nothing has run yet' : 'a run that was missed is made up';
        log.info({ job: name, dueAt, late }, late ? why : 'a scheduled run is due');
        wake();
      }
      this.#known = { dueAt, schedule };
    }
  }

  #isInTime(dueAt: Date, now: Date): boolean {
    return now.getTime() - dueAt.getTime() <= leastTolerance;
  }
}

function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
