import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { saveMeasurements } from '../../../exporter/src/store/measurements.ts';
import { ensurePartitionsOf } from '../../../exporter/src/store/partitions.ts';
import { addInstances, daysBetween, measurement, randomNumbers, shuffled, testSeed } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const seed = testSeed();
const today = '2021-01-08';

/** Around a leap day, both changes of the clocks, quarter ends, and the year end with its week 53. */
const windows = [
  ['2020-02-10', '2020-03-20'],
  ['2020-03-10', '2020-04-15'],
  ['2020-06-15', '2020-07-10'],
  ['2020-10-01', '2020-11-05'],
  ['2020-12-10', today],
] as const;

/** 200 instances x 50 databases: gaps of instances and databases, new ones, vanished ones, returned ones, unknown parts. */
function makeHistory(instances: readonly number[], random: () => number): ImportedMeasurement[] {
  const rows: ImportedMeasurement[] = [];
  for (const [index, instanceId] of instances.entries()) {
    const [first, last] = windows[index % windows.length] ?? windows[0];
    const days = daysBetween(first, last).filter(() => random() > 0.1);
    for (let number = 0; number < 50; number += 1) {
      const name = `db-${number % 7 === 0 ? '\'"ü' : ''}${number}`;
      const from = random() < 0.2 ? Math.floor(random() * days.length) : 0;
      const to = random() < 0.2 ? Math.max(from + 1, Math.floor(random() * days.length)) : days.length;
      let size = random() < 0.05 ? 0 : Math.floor(random() * 2 ** 53);
      for (const day of days.slice(from, to)) {
        if (random() < 0.05) continue;
        size = Math.min(2 ** 53 - 1, Math.floor(size * (0.9 + random() * 0.25)));
        const dataBytes = number % 3 === 0 || random() < 0.1 ? null : Math.floor(size * random());
        const logBytes = number % 2 === 0 ? Math.floor(random() * 1000) : null;
        rows.push(measurement(instanceId, name, day, size, { dataBytes, logBytes }));
      }
    }
  }
  return rows;
}

async function importAll(pool: pg.Pool, rows: readonly ImportedMeasurement[]): Promise<void> {
  for (let first = 0; first < rows.length; first += 50_000) {
    await importMeasurements(pool, rows.slice(first, first + 50_000));
  }
}

/** Everything that is stored but the moments of the computation. */
async function checksum(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ checksum: string }>(`
    SELECT md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")) AS checksum
    FROM (
      SELECT (to_jsonb(a) - 'calculated_at' - 'created_at')::text AS line FROM database_size_aggregations AS a
      UNION ALL
      SELECT (to_jsonb(t) - 'changed_at')::text FROM instance_daily_totals AS t
    ) AS lines`);
  return rows[0]?.checksum ?? '';
}

// The independent computation: one pass over rows per database and period, in whole numbers of any size, with a calendar of
// its own that knows days since 1970 only.
const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000;
const dayName = (number: number) => new Date(number * 86_400_000).toISOString().slice(0, 10);

function boundsOf(type: string, day: string): [number, number] {
  const number = dayNumber(day);
  if (type === 'weekly') {
    const monday = number - ((((number + 3) % 7) + 7) % 7);
    return [monday, monday + 6];
  }
  const [year = 0, month = 0] = day.split('-').map(Number);
  const length = type === 'monthly' ? 1 : 3;
  const firstMonth = Math.floor((month - 1) / length) * length;
  return [Date.UTC(year, firstMonth, 1) / 86_400_000, Date.UTC(year, firstMonth + length, 1) / 86_400_000 - 1];
}

function average(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  const count = BigInt(values.length);
  const whole = sum / count;
  return Number((sum - whole * count) * 2n >= count ? whole + 1n : whole);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
const least = (values: readonly number[]) => (values.length === 0 ? null : Math.min(...values));
const greatest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));

function expectedStatistics(rows: readonly ImportedMeasurement[]): Map<string, Record<string, unknown>> {
  const byDatabase = groupBy(rows, (row) => `${row.instanceId}/${row.databaseName}`);
  const daysOf = new Map<number, string[]>();
  for (const [id, all] of groupBy(rows, (row) => row.instanceId)) {
    daysOf.set(id, [...new Set(all.map((row) => row.collectedDate))].sort());
  }
  const expected = new Map<string, Record<string, unknown>>();
  for (const [key, unordered] of byDatabase) {
    const all = unordered.toSorted((one, other) => (one.collectedDate < other.collectedDate ? -1 : 1));
    const instanceDays = daysOf.get(all[0]?.instanceId ?? 0) ?? [];
    const firstEver = all[0]?.collectedDate ?? '';
    const lastEver = all.at(-1)?.collectedDate ?? '';
    for (const type of ['weekly', 'monthly', 'quarterly']) {
      const periods = groupBy(all, (row) => boundsOf(type, row.collectedDate)[0]);
      for (const [start, inside] of periods) {
        const [, end] = boundsOf(type, dayName(start));
        const sizes = inside.map((row) => row.sizeBytes);
        const data = known(inside.map((row) => row.dataBytes));
        const log = known(inside.map((row) => row.logBytes));
        const [first, last] = [inside[0], inside.at(-1)];
        const before = periods.get(boundsOf(type, dayName(start - 1))[0]);
        const averageNow = average(sizes) ?? 0;
        const averageBefore = before === undefined ? null : average(before.map((row) => row.sizeBytes));
        const has = (day: string) => dayNumber(day) >= start && dayNumber(day) <= end;
        expected.set(`${key}/${type}/${dayName(start)}`, {
          period_end: dayName(end),
          is_complete: end < dayNumber(today),
          data_count: sizes.length,
          avg_size_bytes: averageNow,
          max_size_bytes: greatest(sizes),
          min_size_bytes: least(sizes),
          avg_data_bytes: average(data),
          max_data_bytes: greatest(data),
          min_data_bytes: least(data),
          avg_log_bytes: average(log),
          max_log_bytes: greatest(log),
          min_log_bytes: least(log),
          first_date: first?.collectedDate,
          first_size_bytes: first?.sizeBytes,
          last_date: last?.collectedDate,
          last_size_bytes: last?.sizeBytes,
          change_bytes: (last?.sizeBytes ?? 0) - (first?.sizeBytes ?? 0),
          growth_rate: averageBefore ? ((averageNow - averageBefore) * 100) / averageBefore : null,
          coverage: sizes.length / (end - start + 1),
          appeared_date: has(firstEver) && firstEver !== instanceDays[0] ? firstEver : null,
          vanished_date: has(lastEver) ? (instanceDays.find((day) => day > lastEver) ?? null) : null,
        });
      }
    }
  }
  return expected;
}

const names = Array.from({ length: 200 }, (_, number) => `instance-${String(number).padStart(3, '0')}`);

describe(`statistics of 10 000 databases (seed ${seed})`, () => {
  let database: TestDatabase;
  let rows: ImportedMeasurement[];
  let reference: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    rows = makeHistory(await addInstances(database.pool, names), randomNumbers(seed));
    await importAll(database.pool, rows);
    const report = await aggregate(database.pool, today);
    expect(report.failures).toEqual([]);
    reference = await checksum(database.pool);
  }, 300_000);
  afterAll(() => database.close());

  test('equal an independent computation', async () => {
    const expected = expectedStatistics(rows);
    expect(new Set(rows.map((row) => `${row.instanceId}/${row.databaseName}`)).size).toBeGreaterThan(9_900);
    const columns = Object.keys(expected.values().next().value ?? {});
    const stored = await database.pool.query<Record<string, unknown>>(
      `SELECT instance_id, database_name, period_type, period_start, ${columns.join(', ')} FROM database_size_aggregations`,
    );
    expect(stored.rowCount).toBe(expected.size);
    for (const row of stored.rows) {
      const key = `${String(row.instance_id)}/${String(row.database_name)}/${String(row.period_type)}/${String(row.period_start)}`;
      const wanted = expected.get(key);
      for (const column of columns) {
        // Plain comparison first: a matcher for each of two million values takes minutes.
        const [is, should] = [row[column], wanted?.[column]];
        if (is === should) continue;
        // Beyond 2^53 the products of the growth rate are rounded.
        const close =
          column === 'growth_rate' &&
          Math.abs(Number(is) - Number(should)) <= 1e-9 * Math.max(1, Math.abs(Number(should)));
        if (!close)
          throw new Error(`${key} ${column}: ${String(is)} is stored, expected ${String(should)} (seed ${seed})`);
      }
    }
  }, 120_000);

  test('have the ISO week 53 and the leap day where they belong', async () => {
    const { rows: weeks } = await database.pool.query<{ end: string }>(
      `SELECT DISTINCT period_end AS end FROM database_size_aggregations
       WHERE period_type = 'weekly' AND period_start = '2020-12-28'`,
    );
    expect(weeks).toEqual([{ end: '2021-01-03' }]);
    const { rows: months } = await database.pool.query<{ end: string }>(
      `SELECT DISTINCT period_end AS end FROM database_size_aggregations
       WHERE period_type = 'monthly' AND period_start = '2020-02-01'`,
    );
    expect(months).toEqual([{ end: '2020-02-29' }]);
  });

  test('daily totals are the sums of the rows', async () => {
    const { rows: differences } = await database.pool.query(
      `SELECT instance_id, collected_date, sum(size_bytes)::bigint AS size_bytes, count(*)::int AS database_count
       FROM database_size_stats GROUP BY 1, 2
       EXCEPT
       SELECT instance_id, collected_date, size_bytes, database_count FROM instance_daily_totals`,
    );
    expect(differences).toEqual([]);
  });

  test('do not change when computed again, whatever is repeated', async () => {
    for (let time = 0; time < 3; time += 1) {
      const again = await aggregate(database.pool, today);
      expect(again).toMatchObject({ changed: 0, failures: [] });
    }
    await importAll(database.pool, rows.slice(0, 20_000));
    expect(await aggregate(database.pool, today)).toMatchObject({ changed: 0, failures: [] });
    expect(await checksum(database.pool)).toBe(reference);
  }, 300_000);

  test('are the same for rows in any order, late ones too, with runs in between', async () => {
    const other = await createTestDatabase();
    try {
      const random = randomNumbers(seed + 1);
      await addInstances(other.pool, names);
      const mixed = shuffled(rows, random);
      for (let first = 0; first < mixed.length; first += 70_000) {
        await importAll(other.pool, mixed.slice(first, first + 70_000));
        if (random() < 0.5) await aggregate(other.pool, dayName(dayNumber(today) - Math.floor(random() * 40)));
      }
      await aggregate(other.pool, today);
      expect(await checksum(other.pool)).toBe(reference);
    } finally {
      await other.close();
    }
  }, 300_000);
});

describe('a run of the aggregation', () => {
  let database: TestDatabase;
  let instances: number[];
  beforeAll(async () => {
    database = await createTestDatabase();
    instances = await addInstances(database.pool, ['healthy', 'sick', 'removed']);
    await ensurePartitionsOf(database.pool, ['2026-05-01', '2026-06-01']);
  });
  afterAll(() => database.close());

  const save = async (instanceId: number, day: string, sizes: Record<string, number>, unmeasured: string[] = []) => {
    await saveMeasurements(database.pool, [
      {
        instanceId,
        collectedDate: day,
        collectedAt: new Date(`${day}T03:00:00Z`),
        databases: Object.entries(sizes).map(([name, size]) => measurement(instanceId, name, day, size)),
        unmeasured,
      },
    ]);
  };
  const statistics = async (instanceId: number, type: string) => {
    const { rows } = await database.pool.query<Record<string, unknown>>(
      `SELECT database_name AS name, period_start AS start, avg_size_bytes AS average, appeared_date AS appeared,
         vanished_date AS vanished, is_complete AS complete
       FROM database_size_aggregations WHERE instance_id = $1 AND period_type = $2 ORDER BY start, name`,
      [instanceId, type],
    );
    return rows;
  };

  test('says what appeared and vanished; what returns continues; what could not be measured is not gone', async () => {
    const [id = 0] = instances;
    await save(id, '2026-05-30', { old: 10, leaves: 20, denied: 5 });
    await save(id, '2026-05-31', { old: 10, leaves: 20, denied: 5 });
    await save(id, '2026-06-01', { old: 30, fresh: 1 }, ['denied']);
    await aggregate(database.pool, '2026-06-01');
    expect(await statistics(id, 'monthly')).toEqual([
      { name: 'denied', start: '2026-05-01', average: 5, appeared: null, vanished: null, complete: true },
      { name: 'leaves', start: '2026-05-01', average: 20, appeared: null, vanished: '2026-06-01', complete: true },
      { name: 'old', start: '2026-05-01', average: 10, appeared: null, vanished: null, complete: true },
      { name: 'fresh', start: '2026-06-01', average: 1, appeared: '2026-06-01', vanished: null, complete: false },
      { name: 'old', start: '2026-06-01', average: 30, appeared: null, vanished: null, complete: false },
    ]);
    await save(id, '2026-06-02', { old: 30, fresh: 1, leaves: 21 }, ['denied']);
    await aggregate(database.pool, '2026-07-01');
    expect((await statistics(id, 'monthly')).filter((row) => row.name === 'leaves')).toEqual([
      { name: 'leaves', start: '2026-05-01', average: 20, appeared: null, vanished: null, complete: true },
      { name: 'leaves', start: '2026-06-01', average: 21, appeared: null, vanished: null, complete: true },
    ]);
  });

  test('an instance that fails is recorded, everything else is finished, and it is made up for later', async () => {
    const [healthy = 0, sick = 0] = instances;
    await database.pool.query(`
      ALTER TABLE database_size_aggregations ADD CONSTRAINT planted CHECK (instance_id <> ${sick} OR period_type <> 'monthly')`);
    await save(sick, '2026-06-03', { ill: 7 });
    await save(healthy, '2026-06-03', { old: 90 });
    const report = await aggregate(database.pool, '2026-06-03');
    expect(report.failures).toMatchObject([{ instanceId: sick, period: { type: 'monthly', start: '2026-06-01' } }]);
    expect(report.failures[0]?.message).toContain('planted');
    expect((await statistics(healthy, 'monthly')).at(-1)).toMatchObject({ name: 'old', average: 50 });
    expect(await statistics(sick, 'weekly')).toHaveLength(1);
    // Its quarter would be computed from a month that is not there.
    expect(await statistics(sick, 'quarterly')).toEqual([]);
    const waiting = await database.pool.query('SELECT period_type, error_message FROM aggregation_backlog ORDER BY 1');
    expect(waiting.rows).toMatchObject([
      { period_type: 'monthly', error_message: expect.stringContaining('planted') },
      { period_type: 'quarterly', error_message: null },
    ]);
    await database.pool.query('ALTER TABLE database_size_aggregations DROP CONSTRAINT planted');
    expect(await aggregate(database.pool, '2026-06-03')).toMatchObject({ failures: [] });
    expect(await statistics(sick, 'quarterly')).toHaveLength(1);
    expect((await database.pool.query('SELECT FROM aggregation_backlog')).rowCount).toBe(0);
  });

  test('rows that are taken back take their statistics along', async () => {
    const [, sick = 0] = instances;
    await database.pool.query('DELETE FROM database_size_stats WHERE instance_id = $1', [sick]);
    await database.pool.query("INSERT INTO measurement_changes VALUES ($1, '2026-06-03')", [sick]);
    await aggregate(database.pool, '2026-06-03');
    for (const type of ['weekly', 'monthly', 'quarterly']) expect(await statistics(sick, type)).toEqual([]);
    expect(
      (await database.pool.query('SELECT FROM instance_daily_totals WHERE instance_id = $1', [sick])).rowCount,
    ).toBe(0);
  });

  test('an instance that is removed meanwhile disturbs nothing', async () => {
    const id = instances[2] ?? 0;
    await save(id, '2026-06-03', { any: 7 });
    await database.pool.query('DELETE FROM instances WHERE id = $1', [id]);
    expect(await aggregate(database.pool, '2026-06-03')).toMatchObject({ failures: [] });
    expect((await database.pool.query('SELECT FROM measurement_changes')).rowCount).toBe(0);
  });
});
