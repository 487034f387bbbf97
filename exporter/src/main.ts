import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import type { Logger } from 'pino';
import { createApp } from './api/app.ts';
import { createServer } from './api/server.ts';
import { testConnection } from './collection/connection-test.ts';
import type { WorkerContext } from './collection/context.ts';
import { startRun, type RunContext } from './collection/start-run.ts';
import { Worker } from './collection/worker.ts';
import type { Config } from './config/config.ts';
import type { Secret } from './config/secret.ts';
import { messageOf, TidemarkError } from './errors.ts';
import { ensureAdminToken, knownAdminToken } from './first-admin.ts';
import { provisionFleet, type Fleet } from './fleet/fleet.ts';
import type { Job } from './jobs/job.ts';
import { JobRunner } from './jobs/runner.ts';
import { Scheduler } from './jobs/scheduler.ts';
import { DueTimes } from './jobs/slots.ts';
import { LiveFleet, type FleetFile } from './live-fleet.ts';
import { LiveSettings } from './live-settings.ts';
import { createPartitions, type MaintenanceContext } from './maintenance.ts';
import { createMetrics, type MetricsSettings } from './metrics/metrics.ts';
import { openRepository, type Repository } from './repository.ts';
import { scheduledJobs } from './scheduled-jobs.ts';
import { listActiveInstances } from './store/instances.ts';
import { Queue } from './store/queue.ts';
import { RepositoryWatch } from './store/watch.ts';

/** A running exporter. */
export interface Service {
  readonly url: string;
  /** Opens the whole API; null where only its owner knows it. */
  readonly adminToken: Secret | null;
  /** Ends what runs, closes everything, in order. */
  stop(): Promise<void>;
}

/**
 * Puts the parts together and starts them.
 * @param file is read again when it changes; left out: what the configuration says of the fleet stays
 */
export async function startService(config: Config, log: Logger, file?: FleetFile): Promise<Service> {
  const repository = await openRepository(config, log);
  try {
    return await startParts(config, log, repository, file);
  } catch (error) {
    await repository.close();
    throw error;
  }
}

/** What the parts share, from the configuration and an open repository. */
export function contextOf(
  config: Config,
  repository: Repository,
  fleet: Fleet,
  log: Logger,
  watch = new RepositoryWatch(repository.pool, log),
): WorkerContext & RunContext {
  const { pool } = repository;
  const { deadlines, timezone, concurrency, connectionsPerHost, loadPercent, retries, role } = config;
  const settings = { deadlines, timezone, concurrency, connectionsPerHost, loadPercent, retries, role };
  return { ...settings, pool, fleet, log, queue: new Queue(), watch };
}

async function startParts(
  config: Config,
  log: Logger,
  repository: Repository,
  file: FleetFile | undefined,
): Promise<Service> {
  const { pool } = repository;
  const { deadlines, timezone, role } = config;
  const watch = new RepositoryWatch(pool, log);
  const provisioned = await provisionFleet(pool, config, repository.embedded);
  if (config.file === null) await warnOfMissingFile(pool, log);
  const { embedded } = repository;
  const live =
    file && new LiveFleet({ pool, embedded, watch, pollEvery: deadlines.settingsPoll, log }, file, provisioned);
  const fleet = live ?? provisioned;
  const context = contextOf(config, repository, fleet, log, watch);
  const settings = new LiveSettings(pool, config, context.watch, log);
  await settings.refresh();
  const maintenance: MaintenanceContext = {
    ...{ pool, log },
    get config() {
      return settings.config;
    },
  };
  await createPartitions(maintenance);
  const withApi = role === 'all' || role === 'api';
  if (withApi) await ensureAdminToken(config, repository, log, (text) => process.stderr.write(text));
  const worker =
    role === 'all' || role === 'worker' ? new Worker({ ...context, concurrency: settings.config.concurrency }) : null;
  const wake = (): void => worker?.wake();
  const currentJobs = (): Job[] => scheduledJobs(settings.config, context, maintenance, wake, settings.stored);
  let schedules = dueTimesOf(currentJobs(), timezone);
  settings.onChange((changed) => {
    worker?.setConcurrency(changed.concurrency);
    schedules = dueTimesOf(currentJobs(), timezone);
  });
  const connectionTest = { fleet, deadlines, allowLocalTargets: config.allowLocalTargets };
  const metrics = createMetrics(pool, {
    ...{ timezone, log, watch: context.watch, maxSeries: config.metricsMaxSeries },
    schedules: () => schedules,
  });
  const app = createApp({
    ...{ pool, metrics, timezone, log, http: config.http },
    testConnection: (instance, password) => testConnection(instance, connectionTest, password),
    ...{ vault: fleet.vault, settings },
    startCollection: async (request) => {
      const run = await startRun(context, { ...request, trigger: 'api' });
      wake();
      return run;
    },
    outage: () => context.watch.reason,
    withApi,
  });
  const { tls } = config.http;
  const server = createServer(app, { tls, deadlines, log });
  await listen(server, config);
  await worker?.start();
  const jobs = role === 'all' || role === 'scheduler' ? startJobs(context, settings, currentJobs) : null;
  settings.follow();
  live?.follow();
  const url = addressOf(server, tls === null ? 'http' : 'https');
  log.info({ role, url }, 'Tidemark is ready');
  return {
    url,
    adminToken: await knownAdminToken(config, repository),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      // First, so that nobody waits for a repository that is away.
      await context.watch.stop();
      await Promise.all([settings.stop(), live?.stop()]);
      await Promise.all([jobs?.stop(), worker?.stop()]);
      server.closeAllConnections();
      await closed;
      await repository.close();
      log.info('stopped');
    },
  };
}

/** Without a file nothing is taken out of the fleet: it may be another folder that was started in. */
async function warnOfMissingFile(pool: pg.Pool, log: Logger): Promise<void> {
  const orphans = (await listActiveInstances(pool)).filter(({ source }) => source === 'file');
  if (orphans.length === 0) return;
  log.warn(
    { instances: orphans.length },
    'instances come from a configuration file, and there is none here: they cannot be measured; start where the file is, or ' +
      'set TIDEMARK_CONFIG. A file with "instances: []" takes them out',
  );
}

/** Runs the scheduled jobs, and follows the settings that say which they are and when. */
function startJobs(
  context: ReturnType<typeof contextOf>,
  settings: LiveSettings,
  currentJobs: () => Job[],
): { stop(): Promise<unknown> } {
  const jobs = currentJobs();
  const runner = new JobRunner(context, jobs);
  const scheduler = new Scheduler({ ...context, wake: () => runner.wake() }, jobs);
  runner.start();
  scheduler.start();
  settings.onChange(async () => {
    const changed = currentJobs();
    runner.replaceJobs(changed);
    await scheduler.replaceJobs(changed);
  });
  return { stop: () => Promise.all([scheduler.stop(), runner.stop()]) };
}

/** When each job was last due: exporters that only serve the API know it too. */
function dueTimesOf(jobs: readonly Job[], timezone: string): ReturnType<MetricsSettings['schedules']> {
  return jobs.map(({ name, schedule }) => {
    const dueTimes = new DueTimes(schedule, timezone);
    return { name, lastDue: (now) => dueTimes.last(now) };
  });
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw new TidemarkError(
      'configuration_invalid',
      `cannot listen on ${host}:${port} (${messageOf(error)}): set TIDEMARK_HOST and TIDEMARK_PORT to an address that is free`,
      { cause: error },
    );
  }
}

function addressOf(server: Server, scheme: 'http' | 'https'): string {
  const { address, family, port } = server.address() as AddressInfo;
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}
