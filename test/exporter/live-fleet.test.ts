import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { configurationOf, type InstanceEntry } from '../support/collection-fixtures.ts';
import { instanceOfTestServer, sessionEnded, startRunOn } from '../support/exporters.ts';
import { startServing, type ServingProcess } from '../support/processes.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { until } from '../support/wait.ts';

let repository: TestDatabase;
let folder: TemporaryFolder;
let exporter: ServingProcess;

beforeEach(async () => {
  repository = await createTestDatabase();
  folder = createTemporaryFolder();
});

afterEach(async () => {
  exporter.kill('SIGKILL');
  await exporter.ended;
  folder.remove();
  await repository.close();
});

/** tidemark.yaml, as somebody saves it. */
function save(...instances: readonly InstanceEntry[]): void {
  folder.write('tidemark.yaml', configurationOf(instances));
}

async function serve(): Promise<void> {
  const environment = { DATABASE_URL: repository.url.reveal(), COLLECT_DB_SIZE_ENABLED: 'false' };
  exporter = await startServing({ environment, directory: folder.path });
}

async function active(): Promise<string[]> {
  const { rows } = await repository.pool.query<{ name: string }>(
    'SELECT name FROM instances WHERE is_active ORDER BY name',
  );
  return rows.map((row) => row.name);
}

test('a file that appears and changes is read again: its instances are measured, those taken out are not', async () => {
  await serve();
  expect(await active()).toEqual([]);
  save(instanceOfTestServer('one', { password: 'wrong-word' }), instanceOfTestServer('two'));
  await until(async () => (await active()).join() === 'one,two', 'both are watched', 30_000);
  const refused = await sessionEnded(exporter, await startRunOn(exporter), 30_000);
  expect(refused.instances).toMatchObject({ total: 2, succeeded: 1, failed: 1 });

  save(instanceOfTestServer('one'), instanceOfTestServer('three'));
  await until(async () => (await active()).join() === 'one,three', 'the fleet has changed', 30_000);
  const run = await sessionEnded(exporter, await startRunOn(exporter), 30_000);
  expect(run.instances).toMatchObject({ total: 2, succeeded: 2 });
}, 90_000);

test('one that cannot be used, or is gone, changes nothing, which is said once', async () => {
  save(instanceOfTestServer('one'));
  await serve();
  folder.write('tidemark.yaml', 'instances: [ { name: two } ]');
  await until(() => exporter.output().includes('instances[0].host'), 'what is wrong is said', 30_000);
  rmSync(join(folder.path, 'tidemark.yaml'));
  await until(() => exporter.output().includes('tidemark.yaml is gone'), 'it is missed', 30_000);
  expect(await active()).toEqual(['one']);
  const run = await sessionEnded(exporter, await startRunOn(exporter), 30_000);
  expect(run.instances).toMatchObject({ total: 1, succeeded: 1 });
  expect(exporter.output().match(/was changed and cannot be used/g)).toHaveLength(2);
}, 90_000);

test('a file whose password comes after it is read when it has come', async () => {
  await serve();
  const word = join(folder.path, 'password');
  const { password } = instanceOfTestServer('one');
  save(instanceOfTestServer('one', { password: `file:${word}` }));
  await until(() => exporter.output().includes('instances[0].password'), 'it is missed', 30_000);
  folder.write('password', String(password));
  await until(async () => (await active()).join() === 'one', 'it is watched', 30_000);
  expect(exporter.output().match(/was changed and cannot be used/g)).toHaveLength(1);
}, 90_000);

test('an exporter without the file says that instances come from one', async () => {
  save(instanceOfTestServer('one'));
  await serve();
  exporter.kill('SIGTERM');
  await exporter.ended;
  rmSync(join(folder.path, 'tidemark.yaml'));
  await serve();
  expect(exporter.output()).toContain('instances come from a configuration file, and there is none here');
  expect(await active()).toEqual(['one']);
}, 60_000);
