import { createRequire } from 'node:module';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultDeadlines } from '../../exporter/src/config/deadlines.ts';
import type { Secret } from '../../exporter/src/config/secret.ts';
import { startEmbeddedServer } from '../../exporter/src/embedded/server.ts';

/** The oldest PostgreSQL that may be a repository, under the alias by which the root package.json installs it. */
const packageName = 'postgresql-14';

/** Why it cannot be started here, or null. In CI it has to be there. */
export function whyNoOldPostgresql(): string | null {
  try {
    createRequire(new URL('../../exporter/src/embedded/', import.meta.url)).resolve(packageName);
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `the npm package ${packageName} is not installed`;
  }
}

/** Starts it on an empty data directory. */
export async function startOldPostgresql(): Promise<{ url: Secret; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-old-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedServer(join(folder, 'data'), defaultDeadlines.embedded, packageName);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
