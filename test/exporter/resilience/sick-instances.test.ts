import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCollection } from '../../../exporter/src/collection/run.ts';
import { loadConfig } from '../../../exporter/src/config/config.ts';
import { provisionFleet } from '../../../exporter/src/fleet/fleet.ts';
import { startFaultProxy, type FaultMode, type FaultProxy } from '../../support/fault-proxy.ts';
import { runContext } from '../../support/session-fixtures.ts';
import { servers } from '../../support/servers.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { createTestDatabase, testDeadlines, type TestDatabase } from '../../support/test-database.ts';
import { until } from '../../support/wait.ts';

const healthy = 80;
const sickOfAKind = 4;
const concurrency = 10;
const deadlines = { ...testDeadlines, connect: 1_000, query: 1_000, close: 200 };

/** Five ways of being sick, and the codes that a record may have for each. */
const sicknesses: readonly { readonly name: string; readonly mode: FaultMode; readonly codes: readonly string[] }[] = [
  { name: 'refused', mode: { kind: 'refuse' }, codes: ['connection_refused', 'connection_lost'] },
  { name: 'mute', mode: { kind: 'mute' }, codes: ['timeout'] },
  { name: 'reset', mode: { kind: 'reset', after: 400, from: 'server' }, codes: ['connection_lost'] },
  { name: 'slow', mode: { kind: 'slow', bytesPerSecond: 20 }, codes: ['timeout'] },
  { name: 'garbage', mode: { kind: 'garbage', seed: 7 }, codes: ['protocol_error', 'connection_lost', 'timeout'] },
];

let database: TestDatabase;
const proxies = new Map<string, FaultProxy>();

beforeAll(async () => {
  database = await createTestDatabase();
  for (const { name, mode } of sicknesses) {
    proxies.set(name, await startFaultProxy({ target: { port: servers().postgresql.port }, mode }));
  }
});

afterAll(async () => {
  for (const proxy of proxies.values()) await proxy.close();
  await database.close();
});

/** tidemark.yaml of the whole fleet: the healthy instances are the test server itself. */
function fleetFile(): string {
  const { username, password, port } = servers().postgresql;
  const instance = (name: string, at: number): string =>
    `  - { name: ${name}, engine: postgresql, host: 127.0.0.1, port: ${at}, username: ${username}, ` +
    `password: ${JSON.stringify(password)}, include: [postgres] }`;
  const lines = Array.from({ length: healthy }, (_, index) => instance(`healthy-${index}`, port));
  for (const { name } of sicknesses) {
    for (let index = 0; index < sickOfAKind; index += 1) {
      lines.push(instance(`${name}-${index}`, proxies.get(name)?.port ?? 0));
    }
  }
  return `instances:\n${lines.join('\n')}\n`;
}

test('100 instances, 20 of them sick in five ways: 80 of 80 are stored, and nothing stays open', async () => {
  const folder = createTemporaryFolder();
  folder.write('tidemark.yaml', fleetFile());
  const config = loadConfig({}, folder.path);
  const fleet = await provisionFleet(database.pool, config, null);
  const context = runContext(database.pool, fleet, { deadlines, concurrency });
  const progress = { started: () => undefined, finishedInstance: () => undefined, finished: () => undefined };
  const startedAt = Date.now();
  const session = await runCollection(context, { trigger: 'command', progress });
  const seconds = (Date.now() - startedAt) / 1000;
  expect(session).toMatchObject({
    status: 'partial',
    instances: { total: 100, succeeded: healthy, partial: 0, failed: 20 },
    databasesMeasured: healthy,
  });
  const stored = await database.pool.query<{ count: number }>(
    'SELECT count(DISTINCT instance_id) AS count FROM database_size_stats',
  );
  expect(stored.rows[0]?.count).toBe(healthy);
  const failed = await database.pool.query<{ name: string; code: string }>(
    `SELECT i.name, r.error_code AS code
     FROM collection_records AS r
     JOIN instances AS i ON i.id = r.instance_id
     WHERE r.status = 'failed'`,
  );
  for (const { name, code } of failed.rows) {
    const sickness = sicknesses.find((candidate) => name.startsWith(candidate.name));
    expect([name, sickness?.codes]).toEqual([name, expect.arrayContaining([code])]);
  }
  await until(() => [...proxies.values()].every((proxy) => proxy.connections === 0));
  const bound = (Math.ceil(20 / concurrency) * (deadlines.connect + deadlines.query)) / 1000;
  console.info(
    `100 instances, 20 sick: ${seconds.toFixed(1)} s, of which the sick may take ${bound.toFixed(1)} s; 0 sockets left`,
  );
  folder.remove();
});
