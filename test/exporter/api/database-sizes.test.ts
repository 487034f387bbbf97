import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { addInstance, addMeasurements, hostileNames, measurement, megabyte } from '../../support/fleet-fixtures.ts';
import { startHttpApi, type HttpApi } from '../../support/http-api.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let api: HttpApi;
let id: number;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startHttpApi(database.pool);
});

afterAll(async () => {
  await api.close();
  await database.close();
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE instances CASCADE');
  id = await addInstance(database.pool, 'orders');
});

afterEach(() => {
  jest.useRealTimers();
});

/** Sets the clock of this process and leaves its timers alone. */
function setClock(moment: string): void {
  jest.useFakeTimers({
    now: new Date(moment),
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}

async function dataOf(path: string, server: HttpApi = api): Promise<unknown> {
  const answer = await server.get(`/api/v1/instances/${id}/database-sizes${path}`);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const body = answer.json() as { data: unknown };
  expect(Object.keys(body)).toEqual(['data']);
  return body.data;
}

const rows = async (path: string): Promise<Record<string, unknown>[]> =>
  (await dataOf(path)) as Record<string, unknown>[];

/** Of an answer, the fields that an example has; moments as moments, whatever their notation. */
function asIn(example: unknown, actual: unknown): unknown {
  if (Array.isArray(example)) {
    return (actual as unknown[]).map((item, index) => asIn(example[index] ?? example[0], item));
  }
  if (typeof example === 'string' && example.endsWith('Z'))
    return new Date(actual as string).toISOString().replace('.000Z', 'Z');
  if (typeof example !== 'object' || example === null) return actual;
  return Object.fromEntries(
    Object.entries(example).map(([key, value]) => [key, asIn(value, (actual as Record<string, unknown>)[key])]),
  );
}

describe('GET /instances/{id}/database-sizes', () => {
  test('answers as the example of the specification', async () => {
    const example = [
      {
        database_name: 'marketing_db',
        stats: [
          { collected_at: '2023-10-26T10:00:00Z', size_mb: 512 },
          { collected_at: '2023-10-27T10:00:00Z', size_mb: 520 },
        ],
      },
      {
        database_name: 'sales_db',
        stats: [
          { collected_at: '2023-10-26T10:00:00Z', size_mb: 1024 },
          { collected_at: '2023-10-27T10:00:00Z', size_mb: 1050 },
        ],
      },
    ];
    for (const [index, day] of ['2023-10-26', '2023-10-27'].entries()) {
      await addMeasurements(
        database.pool,
        id,
        day,
        example.map(({ database_name: name, stats }) => measurement(name, (stats[index]?.size_mb ?? 0) * megabyte)),
      );
    }
    expect(asIn(example, await dataOf(''))).toEqual(example);
  });

  test('adds the exact bytes, the day and the method; what is not known is null', async () => {
    await addMeasurements(database.pool, id, '2024-02-29', [
      measurement('a', 1.5 * megabyte, { dataBytes: megabyte, logBytes: 0, method: 'estimate' }),
      measurement('b', 1),
    ]);
    expect(await dataOf('')).toEqual([
      {
        database_name: 'a',
        stats: [
          {
            collected_at: '2024-02-29T10:00:00.000Z',
            collected_date: '2024-02-29',
            size_mb: 2,
            data_size_mb: 1,
            log_size_mb: 0,
            size_bytes: 1_572_864,
            data_bytes: 1_048_576,
            log_bytes: 0,
            method: 'estimate',
          },
        ],
      },
      {
        database_name: 'b',
        stats: [
          {
            collected_at: '2024-02-29T10:00:00.000Z',
            collected_date: '2024-02-29',
            size_mb: 0,
            data_size_mb: null,
            log_size_mb: null,
            size_bytes: 1,
            data_bytes: null,
            log_bytes: null,
            method: 'exact',
          },
        ],
      },
    ]);
  });

  test('is empty for an instance that was never measured', async () => {
    expect(await dataOf('')).toEqual([]);
  });

  test.each([
    ['', ['2023-12-31', '2024-01-01', '2024-01-02']],
    ['?start_date=2024-01-01', ['2024-01-01', '2024-01-02']],
    ['?end_date=2024-01-01', ['2023-12-31', '2024-01-01']],
    ['?start_date=2024-01-01&end_date=2024-01-01', ['2024-01-01']],
    ['?start_date=2024-01-03', []],
    ['?end_date=0001-01-01', []],
    ['?start_date=9999-12-31', []],
  ])('%s answers with the days %j', async (query, days) => {
    for (const day of ['2024-01-02', '2023-12-31', '2024-01-01']) {
      await addMeasurements(database.pool, id, day, [measurement('shop', 1)]);
    }
    const data = (await dataOf(query)) as { stats: { collected_date: string }[] }[];
    expect(data.flatMap(({ stats }) => stats.map((stat) => stat.collected_date))).toEqual(days);
    expect(data).toHaveLength(days.length === 0 ? 0 : 1);
  });

  test('finds databases of any name, and serves the name verbatim', async () => {
    await addMeasurements(
      database.pool,
      id,
      '2024-01-01',
      hostileNames.map((name) => measurement(name, 1)),
    );
    expect((await rows('')).map((row) => row.database_name).sort()).toEqual([...hostileNames].sort());
    for (const name of hostileNames) {
      expect(await dataOf(`?database_name=${encodeURIComponent(name)}`)).toMatchObject([{ database_name: name }]);
    }
    expect(await dataOf('?database_name=absent')).toEqual([]);
  });

  test('is of that instance alone', async () => {
    const other = await addInstance(database.pool, 'other');
    await addMeasurements(database.pool, other, '2024-01-01', [measurement('theirs', 1)]);
    await addMeasurements(database.pool, id, '2024-01-01', [measurement('ours', 1)]);
    expect((await rows('')).map((row) => row.database_name)).toEqual(['ours']);
  });

  test('goes over the wire compressed where the client can read that', async () => {
    const many = Array.from({ length: 200 }, (_, index) => measurement(`database_${index}`, index));
    await addMeasurements(database.pool, id, '2024-01-01', many);
    const path = `/api/v1/instances/${id}/database-sizes`;
    const plain = await api.get(path);
    const compressed = await api.get(path, { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(compressed.body.length).toBeLessThan(plain.body.length / 4);
    expect(gunzipSync(compressed.body)).toEqual(plain.body);
  });

  test('is not sent again to a client that has it, until something is written', async () => {
    await addMeasurements(database.pool, id, '2024-01-01', [measurement('shop', 1)]);
    const path = `/api/v1/instances/${id}/database-sizes`;
    const { headers } = await api.get(path);
    const conditional = { headers: { 'if-none-match': headers.etag ?? '' } };
    expect(await api.get(path, conditional)).toMatchObject({ status: 304, text: '' });
    await addMeasurements(database.pool, id, '2024-01-02', [measurement('shop', 2)]);
    const changed = await api.get(path, conditional);
    expect(changed).toMatchObject({ status: 200 });
    expect(changed.headers.etag).not.toBe(headers.etag);
    expect(changed.text).toContain('2024-01-02');
  });

  test('ends a client that leaves in the middle without harm', async () => {
    const days = Array.from({ length: 3000 }, (_, index) => measurement(`database_${index}`, index));
    await addMeasurements(database.pool, id, '2024-01-01', days);
    await api.getAndLeave(`/api/v1/instances/${id}/database-sizes`);
    await expect(dataOf('?database_name=database_7')).resolves.toHaveLength(1);
    expect(api.log()).not.toContain('"level":"error"');
  });
});

describe('GET /instances/{id}/database-sizes/aggregations', () => {
  test('answers as the example of the specification', async () => {
    const example = [
      {
        database_name: 'sales_db',
        period_type: 'monthly',
        period_start: '2024-01-01',
        period_end: '2024-01-31',
        statistics: {
          avg_size_mb: 1024,
          max_size_mb: 1200,
          min_size_mb: 900,
          data_count: 31,
          avg_data_size_mb: 800,
          max_data_size_mb: 950,
          min_data_size_mb: 700,
        },
      },
    ];
    // 900 + 1200 + 28 × 1022 + 1028 = 31 × 1024, and 700 + 950 + 28 × 798 + 806 = 31 × 800.
    for (let day = 1; day <= 31; day += 1) {
      const [size, data] = { 1: [900, 700], 2: [1200, 950], 3: [1028, 806] }[day] ?? [1022, 798];
      await addMeasurements(database.pool, id, `2024-01-${String(day).padStart(2, '0')}`, [
        measurement('sales_db', (size ?? 0) * megabyte, { dataBytes: (data ?? 0) * megabyte }),
      ]);
    }
    expect(asIn(example, await dataOf('/aggregations?period_type=monthly'))).toEqual(example);
  });

  test('adds log sizes and the exact bytes; what is not known is null', async () => {
    await addMeasurements(database.pool, id, '2024-01-01', [measurement('shop', 3 * megabyte, { logBytes: megabyte })]);
    await addMeasurements(database.pool, id, '2024-01-02', [measurement('shop', 3 * megabyte + 1)]);
    expect(await rows('/aggregations?period_type=weekly')).toMatchObject([
      {
        database_name: 'shop',
        period_type: 'weekly',
        period_start: '2024-01-01',
        period_end: '2024-01-07',
        statistics: {
          avg_size_mb: 3,
          max_size_mb: 3,
          min_size_mb: 3,
          data_count: 2,
          avg_data_size_mb: null,
          max_data_size_mb: null,
          min_data_size_mb: null,
          avg_log_size_mb: 1,
          max_log_size_mb: 1,
          min_log_size_mb: 1,
          avg_size_bytes: 3 * megabyte + 1,
          max_size_bytes: 3 * megabyte + 1,
          min_size_bytes: 3 * megabyte,
          avg_data_bytes: null,
          max_data_bytes: null,
          min_data_bytes: null,
          avg_log_bytes: megabyte,
          max_log_bytes: megabyte,
          min_log_bytes: megabyte,
        },
      },
    ]);
  });

  test.each([
    ['weekly', ['2024-01-01', '2023-12-25']],
    ['monthly', ['2024-01-01', '2023-12-01']],
    ['quarterly', ['2024-01-01', '2023-10-01']],
  ])('%s periods come newest first', async (periodType, starts) => {
    for (const day of ['2023-12-31', '2024-01-01']) {
      await addMeasurements(database.pool, id, day, [measurement('shop', 1)]);
    }
    const data = await rows(`/aggregations?period_type=${periodType}`);
    expect(data.map((row) => [row.period_type, row.period_start])).toEqual(starts.map((start) => [periodType, start]));
  });

  test('takes whole periods by date, and one database by name', async () => {
    for (const month of ['01', '02', '03']) {
      for (const day of ['01', '28']) {
        await addMeasurements(database.pool, id, `2024-${month}-${day}`, [
          measurement('shop', 1),
          measurement('app', 2),
        ]);
      }
    }
    const starts = async (query: string): Promise<unknown[]> =>
      (await rows(`/aggregations?period_type=monthly&database_name=shop${query}`)).map((row) => row.period_start);
    expect(await starts('')).toEqual(['2024-03-01', '2024-02-01', '2024-01-01']);
    expect(await starts('&start_date=2024-02-01')).toEqual(['2024-03-01', '2024-02-01']);
    expect(await starts('&end_date=2024-02-29')).toEqual(['2024-02-01', '2024-01-01']);
    expect(await starts('&start_date=2024-02-01&end_date=2024-02-29')).toEqual(['2024-02-01']);
    expect(await rows('/aggregations?period_type=monthly')).toHaveLength(6);
  });

  test('is empty for an instance that was never measured', async () => {
    expect(await dataOf('/aggregations?period_type=weekly')).toEqual([]);
  });
});

describe('GET /instances/{id}/database-sizes/trends', () => {
  test('answers as the example of the specification', async () => {
    setClock('2024-01-20T12:00:00Z');
    const example = {
      trends: [
        {
          period: '2024-01',
          total_size_mb: 5120,
          databases: [{ database_name: 'sales_db', avg_size_mb: 1024, growth_rate: 5.2 }],
        },
      ],
      summary: { total_growth_rate: 8.5, largest_database: 'sales_db', fastest_growing: 'marketing_db' },
    };
    const sizes: Record<string, readonly [number, number]> = {
      sales_db: [1024 / 1.052, 1024],
      marketing_db: [600, 1000],
      others_a: [1020, 1000],
      others_b: [1030, 1010],
      others_c: [5120 / 1.085 - 1024 / 1.052 - 600 - 1020 - 1030, 1086 - 64],
      others_d: [0, 64],
    };
    for (const [index, day] of ['2023-12-15', '2024-01-15'].entries()) {
      const databases = Object.entries(sizes).map(([name, megabytes]) =>
        measurement(name, Math.round((megabytes[index] ?? 0) * megabyte)),
      );
      await addMeasurements(database.pool, id, day, databases);
    }
    const data = (await dataOf('/trends?period_type=monthly')) as {
      trends: { period: string; databases: { database_name: string }[] }[];
    };
    expect(data.trends.map((trend) => trend.period)).toEqual(['2023-12', '2024-01']);
    // The example shows the last period and the first database of several.
    const databases = data.trends[1]?.databases.filter((one) => one.database_name === 'sales_db');
    expect(asIn(example, { ...data, trends: [{ ...data.trends[1], databases }] })).toEqual(example);
  });

  test.each([
    ['monthly', '', ['2023-03', '2023-12', '2024-01', '2024-02']],
    ['monthly', '&months=1', ['2024-02']],
    ['monthly', '&months=2', ['2024-01', '2024-02']],
    ['monthly', '&months=13', ['2023-02', '2023-03', '2023-12', '2024-01', '2024-02']],
    ['quarterly', '&months=1', ['2024-Q1']],
    ['quarterly', '&months=3', ['2023-Q4', '2024-Q1']],
    ['weekly', '&months=1', ['2024-W05', '2024-W09']],
    ['weekly', '&months=2', ['2024-W01', '2024-W05', '2024-W09']],
  ])('of %s periods%s are %j on 29 February 2024', async (periodType, query, periods) => {
    setClock('2024-02-29T12:00:00Z');
    // 1 February is in the week of 29 January; the first of the last two months, 1 January, is a Monday.
    for (const day of ['2023-02-15', '2023-03-01', '2023-12-31', '2024-01-01', '2024-01-29', '2024-02-29']) {
      await addMeasurements(database.pool, id, day, [measurement('shop', 1)]);
    }
    const { trends } = (await dataOf(`/trends?period_type=${periodType}${query}`)) as { trends: { period: string }[] };
    expect(trends.map((trend) => trend.period)).toEqual(periods);
  });

  test('begin with the month of the configured time zone', async () => {
    setClock('2024-03-31T20:00:00Z');
    for (const day of ['2024-03-31', '2024-04-01']) {
      await addMeasurements(database.pool, id, day, [measurement('shop', 1)]);
    }
    const auckland = await startHttpApi(database.pool, 'Pacific/Auckland');
    try {
      const periods = async (server: HttpApi): Promise<string[]> => {
        const data = (await dataOf('/trends?period_type=monthly&months=1', server)) as { trends: { period: string }[] };
        return data.trends.map((trend) => trend.period);
      };
      expect(await periods(auckland)).toEqual(['2024-04']);
      expect(await periods(api)).toEqual(['2024-03', '2024-04']);
    } finally {
      await auckland.close();
    }
  });

  test('of an instance that was never measured are empty', async () => {
    expect(await dataOf('/trends?period_type=weekly')).toEqual({
      trends: [],
      summary: { total_growth_rate: null, largest_database: null, fastest_growing: null },
    });
  });
});
