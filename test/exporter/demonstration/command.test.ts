import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { adminToken, runTidemark, startServing } from '../../support/processes.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = createTemporaryFolder();
  chmodSync(folder.path, 0o755);
});
afterEach(() => folder.remove());

interface ListedInstance {
  readonly source: string;
  readonly database_count: number;
  readonly last_collection: { readonly status: string } | null;
}

test('shows 400 days of 40 instances and measures its own repository, and the next start goes on with them', async () => {
  const environment = { TIDEMARK_DATA_DIR: join(folder.path, 'data') };
  // Servers of a configuration file are no part of it.
  folder.write('tidemark.yaml', 'instances: [{name: mine, engine: mysql, host: db.invalid, username: me}]\n');
  const demo = await startServing({ environment, directory: folder.path }, 'demo');
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${demo.url}/api/v1/instances?limit=100`, { headers });
  const { data } = (await response.json()) as { data: ListedInstance[] };
  const live = data.filter(({ source }) => source === 'embedded');
  const shown = data.filter(({ source }) => source === 'demonstration');
  expect([shown.length, live.length, data.length]).toEqual([40, 1, 41]);
  expect(live[0]?.last_collection?.status).toBe('succeeded');
  expect(shown.reduce((sum, { database_count }) => sum + database_count, 0)).toBeGreaterThan(570);
  expect(demo.output()).toMatch(/40 made-up instances, .* nobody logs in to them/);
  demo.kill('SIGTERM');
  expect(await demo.ended).toMatchObject({ code: 0 });

  const again = await startServing({ environment, directory: folder.path }, 'demo');
  expect(Number(/\((\d+) measurements written\)/.exec(again.output())?.[1])).toBeLessThan(2000);
  again.kill('SIGINT');
  expect(await again.ended).toMatchObject({ code: 0 });

  const { stdout } = await runTidemark(['instances', 'list'], { environment });
  expect(stdout).toMatch(/orders-pg .*demonstration/);
}, 120_000);
