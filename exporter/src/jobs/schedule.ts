import cron from 'node-cron';
import type { Logger } from 'pino';

/** A job that runs when its cron expression says. */
export interface ScheduledJob {
  readonly name: string;
  readonly schedule: string;
  /** Errors are logged; the next tick comes all the same. */
  run(): Promise<unknown>;
}

/**
 * Starts a timer for each job.
 * @param timezone the IANA zone in which the expressions are read
 */
export function startSchedule(jobs: readonly ScheduledJob[], timezone: string, log: Logger): { stop(): Promise<void> } {
  const tasks = jobs.map((job) => {
    const run = async (): Promise<void> => {
      try {
        await job.run();
      } catch (error) {
        log.error({ err: error, job: job.name }, 'a job failed');
      }
    };
    return cron.schedule(job.schedule, run, { timezone, name: job.name, noOverlap: true });
  });
  return {
    stop: async () => {
      for (const task of tasks) await task.destroy();
    },
  };
}
