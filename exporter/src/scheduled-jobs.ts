import { collectJob } from './collection/collect-job.ts';
import type { RunContext } from './collection/start-run.ts';
import type { Config } from './config/config.ts';
import type { SettingName } from './config/settings.ts';
import type { StoredSetting } from './store/settings.ts';
import type { Job, JobOutcome } from './jobs/job.ts';
import { cleanUpPartitions, computeStatistics, createPartitions, type MaintenanceContext } from './maintenance.ts';
import { isMadeUpRunOpen } from './store/job-runs.ts';

/**
 * What runs on a schedule: one entry a job, whose name is that of its metrics.
 * @param changes settings that were changed at run time: a job is due at its new time from then on
 * @param wake tells this exporter's own worker that there is something to measure
 */
export function scheduledJobs(
  config: Config,
  context: RunContext,
  maintenance: MaintenanceContext,
  wake: () => void,
  changes: readonly Pick<StoredSetting, 'name' | 'changedAt'>[] = [],
): Job[] {
  const { collect, partitions, aggregation } = config;
  const since = (...names: readonly SettingName[]): Date | null =>
    newest(changes.filter(({ name }) => names.includes(name as SettingName)));
  const jobs: (Job & { readonly enabled?: boolean })[] = [
    {
      name: 'collect',
      ...collect,
      since: since('collect_enabled', 'collect_schedule'),
      run: collectJob(context, wake),
    },
    {
      name: 'partitions',
      schedule: partitions.createSchedule,
      since: since('create_partitions_schedule'),
      run: async () => {
        await createPartitions(maintenance);
        return done();
      },
    },
    {
      name: 'cleanup',
      schedule: partitions.cleanupSchedule,
      since: since('cleanup_schedule'),
      run: async ({ signal }) => {
        const { dropped, kept } = await cleanUpPartitions(maintenance, signal);
        return done(`${dropped.length} partitions dropped, ${kept.length} kept beyond the retention`);
      },
    },
    {
      name: 'aggregate',
      ...aggregation,
      since: since('aggregation_enabled', 'aggregation_schedule'),
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

function newest(changes: readonly { readonly changedAt: Date }[]): Date | null {
  const moments = changes.map(({ changedAt }) => changedAt.getTime());
  return moments.length === 0 ? null : new Date(Math.max(...moments));
}
