import type { Logger } from 'pino';
import { silentProgress } from './collection/progress.ts';
import { runCollection } from './collection/run.ts';
import type { Config } from './config/config.ts';
import { lastCollectedDay } from './demonstration/calendar.ts';
import { demonstrationDays, fillDemonstration } from './demonstration/fill.ts';
import { serverAccount } from './embedded/account.ts';
import { usualDataDirectory } from './embedded/data-directory.ts';
import { messageOf } from './errors.ts';
import { provisionFleet } from './fleet/fleet.ts';
import { contextOf, startService, type Service } from './main.ts';
import { computeStatistics, createPartitions } from './maintenance.ts';
import { openRepository, type Repository } from './repository.ts';

/** How often a running demonstration looks whether there is a further night to add. */
const lookEvery = 10 * 60_000;

/**
 * The configuration of a demonstration: its embedded repository is `./data/demo`, the servers of `tidemark.yaml` are no part of it, and unless the environment says
 * otherwise the daily rows are kept for as long as the history is.
 */
export function demonstrationConfig(load: () => Config, environment: NodeJS.ProcessEnv): Config {
  environment.DATABASE_SIZE_RETENTION_DAYS ??= String(demonstrationDays * 2);
  const config = load();
  const embedded = config.databaseUrl === null && config.dataDirectory === null;
  const dataDirectory = embedded ? usualDataDirectory('data/demo', serverAccount()) : config.dataDirectory;
  return { ...config, dataDirectory, file: null };
}

/**
 * Fills the repository with the demonstration fleet, or brings the one that is there up to today, measures the embedded
 * repository as the one live instance, and starts the service.
 * @param say takes a line for the person who watches
 * @throws TidemarkError `usage` where the repository watches real instances
 */
export async function startDemonstration(config: Config, log: Logger, say: (line: string) => void): Promise<Service> {
  const startedAt = performance.now();
  const repository = await openRepository(config, log);
  try {
    say('Tidemark: making the demonstration …');
    const { instances, measurements, firstDay, lastDay } = await bringUpToDate(config, repository, log);
    if (repository.embedded !== null) await measureLive(config, repository, log);
    const service = await startService(config, log);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(
      `Tidemark: ready after ${seconds} s: ${service.url}\n` +
        `  ${instances} made-up instances, ${firstDay} to ${lastDay} (${measurements} measurements written); nobody logs in ` +
        'to them: their source is "demonstration"',
    );
    if (repository.embedded !== null) {
      say('  tidemark-repository is live: the PostgreSQL that all of this is kept in');
      say(`  the command line reaches it with TIDEMARK_DATA_DIR=${repository.embedded.dataDirectory}`);
    }
    return keptUpToDate(service, config, repository, log);
  } catch (error) {
    await repository.close();
    throw error;
  }
}

async function bringUpToDate(config: Config, repository: Repository, log: Logger) {
  const { pool } = repository;
  const { timezone } = config;
  const filled = await fillDemonstration(pool, { timezone, lastDay: lastCollectedDay(new Date(), timezone) });
  await createPartitions({ pool, config, log });
  await computeStatistics({ pool, config, log });
  return filled;
}

async function measureLive(config: Config, repository: Repository, log: Logger): Promise<void> {
  const fleet = await provisionFleet(repository.pool, config, repository.embedded);
  const context = contextOf(config, repository, fleet, log);
  try {
    await runCollection(context, { trigger: 'startup', progress: silentProgress });
  } finally {
    await context.watch.stop();
  }
}

/** The service, with a further night of the demonstration whenever one is over. */
function keptUpToDate(service: Service, config: Config, repository: Repository, log: Logger): Service {
  let last = lastCollectedDay(new Date(), config.timezone);
  let working: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const day = lastCollectedDay(new Date(), config.timezone);
    if (day === last) return;
    last = day;
    working = bringUpToDate(config, repository, log).catch((error: unknown) => {
      log.error(`the demonstration could not be brought up to date: ${messageOf(error)}`);
    });
  }, lookEvery);
  return {
    url: service.url,
    adminToken: service.adminToken,
    stop: async () => {
      clearInterval(timer);
      await working;
      await service.stop();
      await repository.close();
    },
  };
}
