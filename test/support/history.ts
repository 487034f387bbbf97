import type pg from 'pg';
import type { ImportedMeasurement } from '../../exporter/src/store/import.ts';
import { saveInstance } from '../../exporter/src/store/instances.ts';

/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed of this run: TEST_SEED, or a new one. */
export function testSeed(): number {
  return Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1_000_000_000));
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** Adds instances that nobody will ever log in to. @returns their ids */
export async function addInstances(
  pool: pg.Pool,
  names: readonly string[],
  more: (name: string, index: number) => { owner?: string | null; labels?: Record<string, string> } = () => ({}),
): Promise<number[]> {
  const ids: number[] = [];
  for (const [index, name] of names.entries()) {
    ids.push(
      await saveInstance(
        pool,
        {
          name,
          engine: 'postgresql',
          host: '127.0.0.1',
          port: 1,
          database: 'postgres',
          tls: { mode: 'disable' },
          owner: null,
          labels: {},
          include: ['*'],
          exclude: [],
          estimateOnTimeout: false,
          quietHours: [],
          active: true,
          ...more(name, index),
        },
        'user',
      ),
    );
  }
  return ids;
}

/** A measurement with its size and the day, the rest made up. */
export function measurement(
  instanceId: number,
  databaseName: string,
  collectedDate: string,
  sizeBytes: number,
  parts: { dataBytes?: number | null; logBytes?: number | null } = {},
): ImportedMeasurement {
  return {
    instanceId,
    databaseName,
    collectedDate,
    collectedAt: new Date(`${collectedDate}T03:00:00Z`),
    sizeBytes,
    dataBytes: parts.dataBytes ?? null,
    logBytes: parts.logBytes ?? null,
    indexBytes: null,
    tempBytes: null,
    usedBytes: null,
    limitBytes: null,
    method: 'exact',
  };
}

/** The days from one to another, both included; YYYY-MM-DD. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = Date.parse(first); day <= Date.parse(last); day += 86_400_000) {
    days.push(new Date(day).toISOString().slice(0, 10));
  }
  return days;
}
