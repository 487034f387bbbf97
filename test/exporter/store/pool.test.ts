import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createPool, inTransaction, isRepositoryOutage, lockInTransaction } from '../../../exporter/src/store/pool.ts';
import { createCuttableWay, type CuttableWay } from '../../support/repository-outage.ts';
import { createTestDatabase, postgresqlUrl, testDeadlines, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

/** What the query throws. */
async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error,
  );
}

describe('values from the repository', () => {
  const one = async (expression: string): Promise<unknown> => {
    const { rows } = await database.pool.query<{ value: unknown }>(`SELECT ${expression} AS value`);
    return rows[0]?.value;
  };

  test.each([
    ['9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
    ['(-9007199254740991)::bigint', -Number.MAX_SAFE_INTEGER],
    ['0::bigint', 0],
    ['NULL::bigint', null],
    ["'2024-02-29'::date", '2024-02-29'],
    ["'infinity'::date", 'infinity'],
    ["'2024-02-29 12:00:00+02'::timestamptz", new Date('2024-02-29T10:00:00Z')],
    ["'{a,b}'::text[]", ['a', 'b']],
    ["'{}'::jsonb", {}],
  ])('%s', async (expression, value) => {
    expect(await one(expression)).toEqual(value);
  });

  test.each(['9007199254740992', '9223372036854775807', '-9007199254740992'])(
    'a number that JSON would round (%s) is refused',
    async (number) => {
      await expect(one(`(${number})::bigint`)).rejects.toMatchObject({
        code: 'size_out_of_range',
        message: expect.stringContaining(number),
      });
    },
  );

  test('can be had after such a refusal, by the same connections', async () => {
    const results = Array.from({ length: 20 }, (_, index) => one(index % 2 === 0 ? '1::bigint' : '(2^60)::bigint'));
    const settled = await Promise.allSettled(results);
    expect(settled.filter((result) => result.status === 'fulfilled')).toHaveLength(10);
    expect(await one('1::bigint')).toBe(1);
  });
});

describe('a transaction', () => {
  beforeAll(() => database.pool.query('CREATE TABLE notes (note text PRIMARY KEY)'));

  const notes = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ note: string }>('SELECT note FROM notes ORDER BY note');
    return rows.map((row) => row.note);
  };

  test('commits and hands over the result', async () => {
    const result = await inTransaction(database.pool, async (client) => {
      await client.query("INSERT INTO notes VALUES ('kept')");
      return 42;
    });
    expect(result).toBe(42);
    expect(await notes()).toContain('kept');
  });

  test('rolls back when the work throws, and throws what it threw', async () => {
    const failure = new Error('changed my mind');
    const work = inTransaction(database.pool, async (client) => {
      await client.query("INSERT INTO notes VALUES ('dropped')");
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await notes()).not.toContain('dropped');
  });

  test('throws what the server said, and gives its connection back', async () => {
    for (let round = 0; round < 20; round += 1) {
      await expect(inTransaction(database.pool, (client) => client.query('SELECT 1 / 0'))).rejects.toMatchObject({
        code: '22012',
      });
    }
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
    expect(database.pool.waitingCount).toBe(0);
  });

  test('whose connection is cut throws, and the next one has a connection that works', async () => {
    const work = inTransaction(database.pool, (client) =>
      client.query('SELECT pg_terminate_backend(pg_backend_pid())'),
    );
    expect(isRepositoryOutage(await errorOf(work))).toBe(true);
    expect(await inTransaction(database.pool, () => Promise.resolve('works'))).toBe('works');
  });

  test('with a lock keeps out the others of that purpose, until its end', async () => {
    const order: string[] = [];
    const enter = (name: string, purpose: string) => async (client: pg.PoolClient) => {
      await lockInTransaction(client, purpose);
      order.push(`${name} in`);
      await client.query('SELECT pg_sleep(0.05)');
      order.push(`${name} out`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => inTransaction(database.pool, enter(name, 'one'))));
    expect(order).toHaveLength(6);
    for (let index = 0; index < 6; index += 2) {
      const [name = ''] = order[index]?.split(' ') ?? [];
      expect(order.slice(index, index + 2)).toEqual([`${name} in`, `${name} out`]);
    }
  });

  test('with a lock lets in those of another purpose', async () => {
    await inTransaction(database.pool, async (client) => {
      await lockInTransaction(client, 'one');
      await inTransaction(database.pool, (other) => lockInTransaction(other, 'two'));
      const { rows } = await client.query(
        `SELECT count(*) AS locks
         FROM pg_locks AS l
         JOIN pg_database AS d ON d.oid = l.database
         WHERE l.locktype = 'advisory' AND d.datname = current_database()`,
      );
      expect(rows).toEqual([{ locks: 1 }]);
    });
  });
});

describe('an outage of the repository', () => {
  test.each([
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'ENETUNREACH',
      'EHOSTUNREACH',
      'EADDRNOTAVAIL',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EPIPE',
    ],
    ...['57P01', '57P03', '08006', '53100', '53300', '28P01', '3D000', '25006', 'CERT_HAS_EXPIRED'],
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('is %s', (code) => {
    expect(isRepositoryOutage(Object.assign(new Error('x'), { code }))).toBe(true);
  });

  test.each(['23505', '22021', '40P01', '42P01', '57014', '53200', '53400', 'ERR_INVALID_ARG_TYPE', 'internal'])(
    'is not %s',
    (code) => {
      expect(isRepositoryOutage(Object.assign(new Error('x'), { code }))).toBe(false);
    },
  );

  let way: CuttableWay;
  let pool: pg.Pool;

  beforeAll(async () => {
    way = await createCuttableWay(database.url);
    pool = createPool(way.url, { ...testDeadlines, repositoryConnect: 300, repositoryStatement: 300 });
  });

  afterAll(async () => {
    await pool.end();
    await way.cut();
    // The server does not notice that nobody waits for its sleep any more.
    await database.pool.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event = 'PgSleep'`);
  });

  test('is known where nothing listens, and over when something does', async () => {
    await pool.query('SELECT 1');
    await way.cut();
    expect(isRepositoryOutage(await errorOf(pool.query('SELECT 1')))).toBe(true);
    await way.restore();
    expect((await pool.query('SELECT 1')).rowCount).toBe(1);
  });

  test('is known where the connection is made and never answered', async () => {
    await way.mute();
    expect(isRepositoryOutage(await errorOf(pool.query('SELECT 1')))).toBe(true);
    await way.restore();
  });

  test('is known where the connection is lost in the middle of a statement', async () => {
    const lost = errorOf(pool.query('SELECT pg_sleep(60)'));
    for (;;) {
      const { rowCount } = await database.pool.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)'",
      );
      if (rowCount === 1) break;
    }
    await way.cut();
    expect(isRepositoryOutage(await lost)).toBe(true);
    await way.restore();
  });

  test('is known where a statement takes longer than its deadline', async () => {
    expect(isRepositoryOutage(await errorOf(pool.query('SELECT pg_sleep(5)')))).toBe(true);
    expect((await pool.query('SELECT 1')).rowCount).toBe(1);
  });

  test('is known where the server shuts the connection', async () => {
    const error = await errorOf(pool.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    expect(isRepositoryOutage(error)).toBe(true);
  });

  test('is known where there are no connections left', async () => {
    const name = new URL(database.url.reveal()).pathname.slice(1);
    await database.pool.query(`CREATE ROLE limited_${name} LOGIN PASSWORD 'word' CONNECTION LIMIT 0`);
    const limited = createPool(postgresqlUrl(name, `limited_${name}`, 'word'), testDeadlines);
    try {
      expect(isRepositoryOutage(await errorOf(limited.query('SELECT 1')))).toBe(true);
    } finally {
      await limited.end();
      await database.pool.query(`DROP ROLE limited_${name}`);
    }
  });

  test.each(['SELECT 1 / 0', 'SELECT * FROM absent', 'SELEC', "SELECT 'x'::integer"])(
    'is not what %s is',
    async (statement) => {
      expect(isRepositoryOutage(await errorOf(pool.query(statement)))).toBe(false);
    },
  );

  test('is not what any other error is', () => {
    expect(isRepositoryOutage(new Error('a fault of ours'))).toBe(false);
    expect(isRepositoryOutage(null)).toBe(false);
    expect(isRepositoryOutage('text')).toBe(false);
  });
});
