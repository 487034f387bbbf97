import { collectJob } from './collection/collect-job.ts';
import type { RunContext } from './collection/run.ts';
import type { Config } from './config/config.ts';
import type { Job, JobOutcome } from './jobs/job.ts';
import { cleanUpPartitions, computeStatistics, createPartitions, type MaintenanceContext } from './maintenance.ts';
import { isMadeUpRunOpen } from './store/job-runs.ts';

/**
 * What runs on a schedule: one entry a job, whose name is that of its metrics.
 * @param wake tells this exporter's own worker that there is something to measure
 */
export function scheduledJobs(
  config: Config,
  context: RunContext,
  maintenance: MaintenanceContext,
  wake: () => void,
): Job[] {
  const { collect, partitions, aggregation } = config;
  const jobs: (Job & { readonly enabled?: boolean })[] = [
    {
      name: 'collect',
      ...collect,
      run: collectJob(context, wake),
    },
    {
      name: 'partitions',
      schedule: partitions.createSchedule,
      run: async () => {
        await createPartitions(maintenance);
        return done();
      },
    },
    {
      name: 'cleanup',
      schedule: partitions.cleanupSchedule,
      run: async () => {
        const { dropped, kept } = await cleanUpPartitions(maintenance);
        return done(`${dropped.length} partitions dropped, ${kept.length} kept beyond the retention`);
      },
    },
    {
      name: 'aggregate',
      ...aggregation,
      run: async ({ late, signal }) => {
        // After a first start there is nothing to compute from before the collection that is made up, too.
        if (late && (await isMadeUpRunOpen(maintenance.pool, 'collect'))) {
          return {
            outcome: 'later',
            reason: 'the collection that is made up took longer than the time between two runs',
          };
        }
        const { periods, changed, failures } = await computeStatistics(maintenance, signal);
        // What was cut off is gone on with by whoever takes the run over.
        signal.throwIfAborted();
        return done(`${periods} periods computed, ${changed} statistics changed, ${failures.length} failed`);
      },
    },
  ];
  return jobs.filter((job) => job.enabled !== false);
}

function done(message?: string): JobOutcome {
  return { outcome: 'finished', ...(message === undefined ? {} : { message }) };
}
