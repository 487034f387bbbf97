import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { counts } from '../../support/counts.ts';
import { Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { createDatabases, dropDatabases, uniquePrefix } from '../../support/postgresql-fixtures.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const instances = 60;
const databases = [`${uniquePrefix()}a`, `${uniquePrefix()}b`];
let repository: TestDatabase;
let exporters: Exporters;

beforeAll(async () => {
  await createDatabases(databases);
  repository = await createTestDatabase();
  exporters = new Exporters(repository.url, instancesOfTestServer(instances, databases), {
    TIDEMARK_CONCURRENCY: '4',
  });
});

afterAll(async () => {
  await exporters.close();
  await repository.close();
  await dropDatabases(databases);
});

/** What the server itself says, asked by nobody of ours. */
async function trueSizes(): Promise<Record<string, number>> {
  const [result] = await asSuperuser(
    'postgres',
    `SELECT datname AS name, pg_database_size(oid)::text AS bytes FROM pg_database
     WHERE datname IN (${databases.map((name) => `'${name}'`).join(', ')})`,
  );
  const rows = (result?.rows ?? []) as { name: string; bytes: string }[];
  return Object.fromEntries(rows.map((row) => [row.name, Number(row.bytes)]));
}

/** Rows of the history as they are, and as they have to be. */
async function refuseWrongRows(): Promise<void> {
  const { rows } = await repository.pool.query<{ instance: number; name: string; bytes: number }>(
    `SELECT instance_id AS instance, database_name AS name, size_bytes AS bytes FROM database_size_stats`,
  );
  const sizes = await trueSizes();
  expect(rows).toHaveLength(instances * databases.length);
  expect(new Set(rows.map((row) => `${row.instance} ${row.name}`)).size).toBe(instances * databases.length);
  expect(rows.filter((row) => row.bytes !== sizes[row.name])).toEqual([]);
}

test(
  `${counts.kills} kills while collecting: nothing is lost, nothing is doubled, and the work goes on within 30 s`,
  async () => {
    const resumed: number[] = [];
    let cutOff = 0;
    await withSeeds(1, async (random) => {
      let exporter = await exporters.start();
      for (let kill = 0; kill < counts.kills; kill += 1) {
        await repository.pool.query('TRUNCATE database_size_stats, database_latest');
        const id = await startRunOn(exporter);
        await delay(random.integer(20, 450));
        exporter.kill('SIGKILL');
        const killedAt = Date.now();
        await exporter.ended;
        const { rows } = await repository.pool.query<{ status: string }>(
          `SELECT status FROM collection_records WHERE session_id = $1 AND status IN ('queued', 'running')`,
          [id],
        );
        cutOff += rows.filter((row) => row.status === 'running').length;
        exporter = await exporters.start();
        const session = await sessionEnded(exporter, id, 30_000);
        if (rows.length > 0) resumed.push((Date.now() - killedAt) / 1000);
        expect(session).toMatchObject({ status: 'succeeded', instances: { total: instances, succeeded: instances } });
        await refuseWrongRows();
      }
      exporter.kill('SIGTERM');
      expect(await exporter.ended).toMatchObject({ code: 0 });
    });
    expect(resumed.length).toBeGreaterThan(0);
    console.info(
      `${counts.kills} kills: ${resumed.length} in the middle of a run, ${cutOff} instances cut off; ` +
        `0 rows lost, 0 doubled; all measured after ${Math.max(...resumed).toFixed(1)} s at most`,
    );
  },
  60_000 + counts.kills * 30_000,
);
