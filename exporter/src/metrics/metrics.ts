import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type pg from 'pg';
import { readLatest, type LatestRow } from '../store/measurements.ts';
import { readJobStates, type JobState } from '../store/job-runs.ts';
import { readCollectionStates, type CollectionState } from '../store/records.ts';
import { version } from '../version.ts';

/** What Prometheus scrapes: rendered from the latest state in the repository, so that it is right after a restart too. */
export interface Metrics {
  readonly contentType: string;
  /** @throws when the repository does not answer */
  render(): Promise<string>;
}

export function createMetrics(pool: pg.Pool): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'tidemark_build_info',
    help: 'The version of the exporter; always 1.',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version }, 1);
  const showSizes = databaseSizes(registry);
  const showCollections = collections(registry);
  const showJobs = jobs(registry);
  return {
    contentType: registry.contentType,
    render: async () => {
      const [sizes, states, runs] = await Promise.all([
        readLatest(pool),
        readCollectionStates(pool),
        readJobStates(pool),
      ]);
      showSizes(sizes);
      showCollections(states);
      showJobs(runs);
      return registry.metrics();
    },
  };
}

function databaseSizes(registry: Registry): (rows: readonly LatestRow[]) => void {
  const size = new Gauge({
    name: 'tidemark_database_size_bytes',
    help: 'Allocated size of a database by kind; the sum over type is its total.',
    labelNames: ['db_instance', 'engine', 'database', 'type'],
    registers: [registry],
  });
  return (rows) => {
    size.reset();
    for (const row of rows) {
      const labels = { db_instance: row.instanceName, engine: row.engine, database: row.databaseName };
      for (const [type, bytes] of sizesByType(row)) size.set({ ...labels, type }, bytes);
    }
  };
}

/**
 * The parts of a database's allocated size. What is not known to be log, index or temporary counts as data, so that the sum
 * is the size; an index size from statistics is never more than there is.
 */
export function sizesByType(
  row: Pick<LatestRow, 'sizeBytes' | 'logBytes' | 'indexBytes' | 'tempBytes'>,
): [string, number][] {
  let rest = row.sizeBytes;
  const parts: [string, number][] = [];
  for (const [type, bytes] of [
    ['log', row.logBytes],
    ['temp', row.tempBytes],
    ['index', row.indexBytes],
  ] as const) {
    if (bytes === null) continue;
    const part = Math.min(bytes, rest);
    rest -= part;
    parts.push([type, part]);
  }
  return [['data', rest], ...parts];
}

function collections(registry: Registry): (states: readonly CollectionState[]) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['db_instance', 'engine'], registers: [registry] });
  const success = gauge(
    'tidemark_collection_success',
    'Whether the last attempt to measure the instance stored anything: 1 or 0.',
  );
  const lastSuccess = gauge(
    'tidemark_collection_last_success_timestamp_seconds',
    'When the instance was last measured; the measurements are as old as this.',
  );
  const duration = gauge(
    'tidemark_collection_duration_seconds',
    'How long the last attempt to measure the instance took.',
  );
  return (states) => {
    for (const metric of [success, lastSuccess, duration]) metric.reset();
    for (const { instanceName, engine, succeeded, durationSeconds, lastSuccessAt } of states) {
      const labels = { db_instance: instanceName, engine };
      success.set(labels, succeeded ? 1 : 0);
      duration.set(labels, durationSeconds);
      if (lastSuccessAt !== null) lastSuccess.set(labels, lastSuccessAt.getTime() / 1000);
    }
  };
}

function jobs(registry: Registry): (states: readonly JobState[]) => void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['job'], registers: [registry] });
  const lastRun = gauge('tidemark_job_last_run_timestamp_seconds', 'When the scheduled job last began.');
  const lastSuccess = gauge('tidemark_job_last_success_timestamp_seconds', 'When the scheduled job last ended well.');
  const duration = gauge('tidemark_job_duration_seconds', 'How long the last run of the scheduled job took.');
  return (states) => {
    for (const metric of [lastRun, lastSuccess, duration]) metric.reset();
    for (const { job, lastRunAt, lastSuccessAt, durationSeconds } of states) {
      lastRun.set({ job }, lastRunAt.getTime() / 1000);
      if (lastSuccessAt !== null) lastSuccess.set({ job }, lastSuccessAt.getTime() / 1000);
      if (durationSeconds !== null) duration.set({ job }, durationSeconds);
    }
  };
}
