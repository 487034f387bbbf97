import type pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { aggregate, type AggregationReport } from './statistics/aggregate.ts';
import { forgetSilentExporters } from './store/exporters.ts';
import { removeOldRuns } from './store/old-runs.ts';
import { maintainPartitions } from './store/partitions.ts';
import { dayIn, startOfDay } from './store/periods.ts';
import { applyRetention, firstKeptDay, type RetentionReport } from './store/retention.ts';
import { forgetStateChanges } from './store/state-changes.ts';

/** What the jobs that look after the repository need. */
export interface MaintenanceContext {
  readonly pool: pg.Pool;
  readonly config: Pick<Config, 'timezone' | 'retention' | 'aggregation'>;
  readonly log: Logger;
}

/** Partitions of the coming months exist; what had none was moved where it belongs, and is said so. */
export async function createPartitions({ pool, config, log }: MaintenanceContext): Promise<void> {
  const { created, moved } = await maintainPartitions(pool, dayIn(config.timezone, new Date()));
  if (created.length > 0) log.info({ created }, 'partitions created');
  for (const { partition, rows } of moved) {
    log.warn({ partition, rows }, 'rows had landed in the default partition and were moved where they belong');
  }
}

/**
 * Drops partitions and runs that are past the retention, and what is of use for hours only: notes of changes that every reader
 * has seen, exporters that were killed.
 */
export async function cleanUpPartitions(
  { pool, config, log }: MaintenanceContext,
  signal?: AbortSignal,
): Promise<RetentionReport> {
  const { timezone, retention } = config;
  const today = dayIn(timezone, new Date());
  await forgetStateChanges(pool);
  await forgetSilentExporters(pool);
  const report = await applyRetention(pool, today, retention);
  for (const { name, rows, bytes } of report.dropped) log.info({ partition: name, rows, bytes }, 'partition dropped');
  for (const { partition, reason } of report.kept) {
    log.warn({ partition: partition.name }, `partition is past the retention and kept: ${reason}`);
  }
  const runs = await removeOldRuns(pool, startOfDay(timezone, firstKeptDay(today, retention)), signal);
  if (runs > 0) log.info({ runs }, 'runs removed that are past the retention');
  return report;
}

/** Brings the statistics up to date. */
export async function computeStatistics(
  { pool, config, log }: MaintenanceContext,
  signal?: AbortSignal,
): Promise<AggregationReport> {
  const startedAt = Date.now();
  const report = await aggregate(pool, dayIn(config.timezone, new Date()), signal);
  const { failures, ...counts } = report;
  for (const { period, instanceId, message } of failures) {
    log.error({ period: period.type, start: period.start, instanceId }, `statistics could not be computed: ${message}`);
  }
  log.info({ ...counts, failed: failures.length, milliseconds: Date.now() - startedAt }, 'statistics computed');
  return report;
}
