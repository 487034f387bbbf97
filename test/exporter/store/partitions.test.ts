import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ensurePartitions } from '../../../exporter/src/store/partitions.ts';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { withSeeds } from '../../support/seeded-random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  for (const { name } of await partitions()) await database.pool.query(`DROP TABLE ${name}`);
});

interface Partition {
  readonly name: string;
  readonly bounds: string;
}

async function partitions(): Promise<Partition[]> {
  const { rows } = await database.pool.query<Partition>(`
    SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'database_size_stats'::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
    ORDER BY c.relname`);
  return rows;
}

/** The partitions of the history that were made; those of the other partitioned tables are made with them. */
async function ensure(day: string): Promise<string[]> {
  const created = await ensurePartitions(database.pool, day);
  return created.filter((name) => name.startsWith('database_size_stats_'));
}

const partition = (month: string, next: string): Partition => ({
  name: `database_size_stats_${month.replace('-', '_')}`,
  bounds: `FOR VALUES FROM ('${month}-01') TO ('${next}-01')`,
});

describe('the partitions of a day', () => {
  test.each([
    ['in the middle of a year', '2024-05-17', ['2024-05', '2024-06', '2024-07', '2024-08', '2024-09']],
    ['on the first day of a month', '2024-05-01', ['2024-05', '2024-06', '2024-07', '2024-08', '2024-09']],
    ['on the last day of a month', '2024-05-31', ['2024-05', '2024-06', '2024-07', '2024-08', '2024-09']],
    ['on a leap day', '2024-02-29', ['2024-02', '2024-03', '2024-04', '2024-05', '2024-06']],
    ['at the end of January', '2023-01-31', ['2023-01', '2023-02', '2023-03', '2023-04', '2023-05']],
    ['in November', '2023-11-15', ['2023-11', '2023-12', '2024-01', '2024-02', '2024-03', '2024-04']],
    ['on the last day of a year', '2023-12-31', ['2023-12', '2024-01', '2024-02', '2024-03', '2024-04']],
  ])('%s are its month and the coming three', async (_case, day, months) => {
    const expected = months.slice(0, 4).map((month, index) => partition(month, months[index + 1] ?? ''));
    const created = await ensure(day);
    expect(created).toEqual(expected.map(({ name }) => name));
    expect(await partitions()).toEqual(expected);
  });

  test('are made once', async () => {
    expect(await ensure('2024-05-17')).toHaveLength(4);
    const made = await partitions();
    expect(await ensure('2024-05-17')).toEqual([]);
    expect(await ensure('2024-05-31')).toEqual([]);
    expect(await partitions()).toEqual(made);
  });

  test('a month later are one more', async () => {
    await ensure('2024-05-17');
    expect(await ensure('2024-06-01')).toEqual(['database_size_stats_2024_09']);
  });

  test('fill a hole', async () => {
    await ensure('2024-05-17');
    await database.pool.query('DROP TABLE database_size_stats_2024_06');
    expect(await ensure('2024-05-18')).toEqual(['database_size_stats_2024_06']);
  });

  test('are made once by twenty at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ensure('2024-05-17')));
    expect(outcomes.flat()).toHaveLength(4);
    expect(await partitions()).toHaveLength(4);
  });

  test('are made by exporters of different days at the same time', async () => {
    const days = ['2024-01-31', '2024-02-01', '2024-03-15', '2023-12-31'];
    await Promise.all(days.map((day) => ensure(day)));
    const names = (await partitions()).map(({ name }) => name.slice(-7));
    expect(names).toEqual(['2023_12', '2024_01', '2024_02', '2024_03', '2024_04', '2024_05', '2024_06']);
  });

  test('take the row of every day of theirs', async () => {
    const id = await addInstance(database.pool, 'orders');
    await withSeeds(25, async (random) => {
      const first = Date.UTC(2019, 0, 1);
      const day = new Date(first + random.integer(0, 4_000) * 86_400_000).toISOString().slice(0, 10);
      await addMeasurements(database.pool, id, day, [measurement('shop', 1)]);
      const { rows } = await database.pool.query<{ partition: string }>(
        'SELECT tableoid::regclass::text AS partition FROM database_size_stats WHERE collected_date = $1',
        [day],
      );
      expect(rows).toEqual([{ partition: `database_size_stats_${day.slice(0, 7).replace('-', '_')}` }]);
    });
  });
});
