import { rmSync } from 'node:fs';

/** Stops what the set-up started. */
export default async function globalTeardown(): Promise<void> {
  const { folder, postgresql, mariadb } = globalThis.testServers;
  if (!('skipped' in mariadb)) await mariadb.stop();
  await postgresql.stop();
  rmSync(folder, { recursive: true, force: true });
}
