import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { counts, isLong } from '../../support/counts.ts';
import { ask, Exporters, instancesOfTestServer, sessionEnded, startRunOn } from '../../support/exporters.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let repository: TestDatabase;
let exporters: Exporters;

beforeAll(async () => {
  repository = await createTestDatabase();
  exporters = new Exporters(repository.url, instancesOfTestServer(2), { TIDEMARK_LOG_LEVEL: 'warn' });
});

afterAll(async () => {
  await exporters.close();
  await repository.close();
});

interface Usage {
  readonly handles: number;
  readonly connections: number;
  readonly megabytes: number;
}

const sumOf = (numbers: readonly number[]): number => {
  if (numbers.length === 0) throw new Error('the metric is missing');
  return numbers.reduce((sum, number) => sum + number, 0);
};

type Watched = { readonly url: string; readonly pid: number };

/** After garbage had the time to be collected: the least of some looks. */
async function usageOf(exporter: Watched): Promise<Usage> {
  const looks: Usage[] = [];
  for (let look = 0; look < 5; look += 1) {
    if (look > 0) await delay(500);
    looks.push(await usageNow(exporter));
  }
  const least = (kind: keyof Usage): number => Math.min(...looks.map((usage) => usage[kind]));
  return { handles: least('handles'), connections: least('connections'), megabytes: least('megabytes') };
}

async function usageNow(exporter: Watched): Promise<Usage> {
  const text = (await ask(exporter, '/metrics')).body.text ?? '';
  const { rows } = await repository.pool.query<{ count: number }>(
    'SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database()',
  );
  return {
    handles: sumOf([...text.matchAll(/^nodejs_active_handles\{[^}]*\} (\d+)/gm)].map(([, count]) => Number(count))),
    connections: rows[0]?.count ?? 0,
    megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${exporter.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}

test(
  `${counts.cycles} cycles of collecting leave no handle and no connection, and no more memory`,
  async () => {
    // The heap is kept small, so that garbage does not pass for a leak.
    const exporter = await exporters.start({
      ...{ TIDEMARK_LOG_LEVEL: 'info', NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=120' },
    });
    const cycle = async (): Promise<void> => {
      const id = await startRunOn(exporter);
      expect(await sessionEnded(exporter, id, 30_000)).toMatchObject({ status: 'succeeded' });
    };
    const warmUp = Math.ceil(counts.cycles / 5);
    for (let done = 0; done < warmUp; done += 1) await cycle();
    const before = await usageOf(exporter);
    for (let done = warmUp; done < counts.cycles; done += 1) await cycle();
    const after = await usageOf(exporter);
    const growth = after.megabytes / before.megabytes - 1;
    console.info(
      `${counts.cycles} cycles: ${before.handles} -> ${after.handles} handles, ` +
        `${before.connections} -> ${after.connections} connections, ` +
        `${before.megabytes.toFixed(0)} -> ${after.megabytes.toFixed(0)} MB (${(growth * 100).toFixed(1)} %)`,
    );
    // A connection of the pool more or less is idle for a moment.
    expect(after.handles).toBeLessThanOrEqual(before.handles + 12);
    expect(after.connections).toBeLessThanOrEqual(before.connections + 10);
    // So few cycles are not over the warm-up yet.
    expect(growth).toBeLessThan(isLong ? 0.05 : 0.25);
  },
  120_000 + counts.cycles * 1_000,
);
