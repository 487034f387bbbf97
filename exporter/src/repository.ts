import type pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { startEmbeddedServer, type EmbeddedServer } from './embedded/server.ts';
import { migrate } from './store/migrate.ts';
import { createPool } from './store/pool.ts';

/** The repository, reachable and with the schema of this version. */
export interface Repository {
  readonly pool: pg.Pool;
  /** Null: DATABASE_URL is the repository. */
  readonly embedded: EmbeddedServer | null;
  close(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL unless there is an own one, brings the schema up to date and connects.
 * @throws TidemarkError `embedded_failed`, `repository_unavailable`, `repository_newer`
 */
export async function openRepository(config: Config, log: Logger): Promise<Repository> {
  const embedded =
    config.databaseUrl === null ? await startEmbeddedServer(config.dataDirectory, config.deadlines.embedded) : null;
  if (embedded !== null) {
    const { dataDirectory, port, adopted } = embedded;
    log.info({ dataDirectory, port, adopted }, 'embedded PostgreSQL runs');
  }
  const url = embedded?.url ?? config.databaseUrl;
  if (url === null) throw new Error('there is neither an embedded nor an own repository');
  try {
    const applied = await migrate(url, config.deadlines);
    if (applied.length > 0) log.info({ migrations: applied }, 'repository migrated');
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const pool = createPool(url, config.deadlines);
  return {
    pool,
    embedded,
    close: async () => {
      await pool.end();
      await embedded?.stop();
    },
  };
}
