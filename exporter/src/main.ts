import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp } from './api/app.ts';
import { testConnection } from './collection/connection-test.ts';
import { Runner } from './collection/runner.ts';
import type { Config } from './config/config.ts';
import { messageOf, TidemarkError } from './errors.ts';
import { provisionFleet } from './fleet/fleet.ts';
import { startSchedule, type ScheduledJob } from './jobs/schedule.ts';
import { cleanUpPartitions, computeStatistics, createPartitions, type MaintenanceContext } from './maintenance.ts';
import { createMetrics } from './metrics/metrics.ts';
import { openRepository, type Repository } from './repository.ts';

/** A running exporter. */
export interface Service {
  readonly url: string;
  /** Ends what runs, closes everything, in order. */
  stop(): Promise<void>;
}

/** Puts the parts together and starts them. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const repository = await openRepository(config, log);
  try {
    return await startParts(config, log, repository);
  } catch (error) {
    await repository.close();
    throw error;
  }
}

async function startParts(config: Config, log: Logger, repository: Repository): Promise<Service> {
  const { pool } = repository;
  const { deadlines, timezone, concurrency } = config;
  const fleet = await provisionFleet(pool, config, repository.embedded);
  const runner = new Runner({ pool, fleet, deadlines, timezone, concurrency, log });
  const maintenance: MaintenanceContext = { pool, config, log };
  await createPartitions(maintenance);
  const connectionTest = { fleet, deadlines, allowLocalTargets: config.allowLocalTargets };
  const app = createApp({
    pool,
    metrics: createMetrics(pool),
    timezone,
    testConnection: (instance) => testConnection(instance, connectionTest),
    log,
  });
  const server = await listen(app, config);
  const stopping = new AbortController();
  const schedule = startSchedule(jobsOf(config, runner, maintenance, stopping.signal), timezone, log);
  const url = addressOf(server);
  log.info({ url }, 'Tidemark is ready');
  const firstRun = runner.startWhenNeeded().then(() => makeUpStatistics(maintenance, stopping.signal));
  return {
    url,
    stop: async () => {
      stopping.abort();
      await schedule.stop();
      const closed = once(server, 'close');
      server.close();
      await runner.stop();
      server.closeAllConnections();
      await Promise.all([closed, firstRun]);
      await repository.close();
      log.info('stopped');
    },
  };
}

function jobsOf(
  config: Config,
  runner: Runner,
  maintenance: MaintenanceContext,
  signal: AbortSignal,
): readonly ScheduledJob[] {
  const { collect, partitions, aggregation } = config;
  return [
    ...(collect.enabled ? [{ name: 'collect', schedule: collect.schedule, run: () => runner.start('schedule') }] : []),
    { name: 'create-partitions', schedule: partitions.createSchedule, run: () => createPartitions(maintenance) },
    { name: 'cleanup-partitions', schedule: partitions.cleanupSchedule, run: () => cleanUpPartitions(maintenance) },
    ...(aggregation.enabled
      ? [{ name: 'aggregate', schedule: aggregation.schedule, run: () => computeStatistics(maintenance, signal) }]
      : []),
  ];
}

/** After a start: what was missed while nobody ran, and the statistics of a repository that was filled before. */
async function makeUpStatistics(maintenance: MaintenanceContext, signal: AbortSignal): Promise<void> {
  if (signal.aborted || !maintenance.config.aggregation.enabled) return;
  try {
    await computeStatistics(maintenance, signal);
  } catch (error) {
    maintenance.log.error({ err: error }, 'the statistics could not be computed: the next run of the job tries again');
  }
}

async function listen(app: Express, { host, port }: Config): Promise<Server> {
  const server = createServer(app).listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new TidemarkError(
      'configuration_invalid',
      `cannot listen on ${host}:${port} (${messageOf(error)}): set TIDEMARK_HOST and TIDEMARK_PORT to an address that is free`,
      { cause: error },
    );
  }
  return server;
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
