import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addInstance, addMeasurements, measurement } from '../../support/fleet-fixtures.ts';
import { openRun } from '../../support/session-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(() => database.pool.query('TRUNCATE instances, collection_sessions CASCADE'));

/** What PostgreSQL says of the columns, in order: name, type, and whether a value is needed. */
async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END) AS line
     FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
     ORDER BY attnum`,
    [table],
  );
  return rows.map((row) => row.line);
}

describe('database_size_stats', () => {
  test('has the columns of the contract', async () => {
    expect(await columnsOf('database_size_stats')).toEqual([
      'instance_id integer NOT NULL',
      'database_name text NOT NULL',
      'collected_date date NOT NULL',
      'collected_at timestamp with time zone NOT NULL',
      'created_at timestamp with time zone NOT NULL',
      'size_bytes byte_count NOT NULL',
      'data_bytes byte_count',
      'log_bytes byte_count',
      'index_bytes byte_count',
      'temp_bytes byte_count',
      'used_bytes byte_count',
      'limit_bytes byte_count',
      'method text NOT NULL',
    ]);
  });

  test('is partitioned by the day', async () => {
    const { rows } = await database.pool.query(`
      SELECT pg_get_partkeydef(partrelid) AS key
      FROM pg_partitioned_table WHERE partrelid = 'database_size_stats'::regclass`);
    expect(rows).toEqual([{ key: 'RANGE (collected_date)' }]);
  });

  test('holds one row per instance, database and day', async () => {
    const { rows } = await database.pool.query(`
      SELECT pg_get_constraintdef(oid) AS definition
      FROM pg_constraint WHERE conname = 'uq_daily_database_size' AND conparentid = 0`);
    expect(rows).toEqual([{ definition: 'PRIMARY KEY (instance_id, database_name, collected_date)' }]);
  });

  test('refuses no row: one whose month has no partition lands in the default one', async () => {
    const id = await addInstance(database.pool, 'orders');
    const { rows } = await database.pool.query(
      `INSERT INTO database_size_stats (instance_id, database_name, collected_date, collected_at, size_bytes, method)
       VALUES ($1, 'shop', '1999-01-01', now(), 1, 'exact')
       RETURNING tableoid::regclass::text AS partition`,
      [id],
    );
    expect(rows).toEqual([{ partition: 'database_size_stats_default' }]);
  });

  test('refuses a method that there is not', async () => {
    const id = await addInstance(database.pool, 'orders');
    await addMeasurements(database.pool, id, '2024-01-31', [measurement('shop', 1)]);
    await expect(database.pool.query("UPDATE database_size_stats SET method = 'guess'")).rejects.toThrow('method');
  });
});

describe('byte_count', () => {
  const cast = (value: string) => database.pool.query<{ bytes: number }>('SELECT $1::byte_count AS bytes', [value]);

  test.each(['0', '1', '9007199254740991'])('takes %s', async (value) => {
    expect((await cast(value)).rows).toEqual([{ bytes: Number(value) }]);
  });

  test.each(['-1', '9007199254740992', '9223372036854775807'])('refuses %s', async (value) => {
    await expect(cast(value)).rejects.toMatchObject({ code: '23514' });
  });

  test('takes null: a size that is not known', async () => {
    const { rows } = await database.pool.query('SELECT NULL::byte_count AS bytes');
    expect(rows).toEqual([{ bytes: null }]);
  });
});

describe('removing an instance', () => {
  test('removes its rows everywhere, and those of no other', async () => {
    const [orders, shop] = [await addInstance(database.pool, 'orders'), await addInstance(database.pool, 'shop')];
    for (const id of [orders, shop]) await addMeasurements(database.pool, id, '2024-01-31', [measurement('db', 1)]);
    await openRun(database.pool, [orders, shop]);
    await database.pool.query('DELETE FROM instances WHERE id = $1', [orders]);
    for (const table of ['database_size_stats', 'database_latest', 'collection_records']) {
      const { rows } = await database.pool.query(`SELECT instance_id FROM ${table}`);
      expect({ table, rows }).toEqual({ table, rows: [{ instance_id: shop }] });
    }
  });
});

describe('a running session', () => {
  const insert = (status: string) =>
    database.pool.query("INSERT INTO collection_sessions (trigger, status) VALUES ('command', $1)", [status]);

  test('is the only one, whoever writes', async () => {
    await insert('running');
    await insert('succeeded');
    await insert('succeeded');
    await expect(insert('running')).rejects.toMatchObject({ code: '23505' });
  });
});
