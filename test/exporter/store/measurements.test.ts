import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { toBytes } from '../../../exporter/src/engines/bytes.ts';
import type { DatabaseMeasurement } from '../../../exporter/src/engines/engine.ts';
import {
  readHistory,
  readLatest,
  saveMeasurements,
  type HistoryRange,
  type HistoryRow,
} from '../../../exporter/src/store/measurements.ts';
import { addInstance, addMeasurements, hostileNames, measurement } from '../../support/fleet-fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let instanceId: number;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

beforeEach(async () => {
  await database.pool.query('TRUNCATE instances, measurement_changes CASCADE');
  instanceId = await addInstance(database.pool, 'orders');
});

function history(range: Partial<HistoryRange> = {}): Promise<HistoryRow[]> {
  return readHistory(database.pool, { instanceId, startDate: null, endDate: null, databaseName: null, ...range });
}

async function summary(range: Partial<HistoryRange> = {}): Promise<string[]> {
  const rows = await history(range);
  return rows.map((row) => `${row.databaseName} ${row.collectedDate} ${row.sizeBytes}`);
}

interface StateRow {
  readonly name: string;
  readonly bytes: number;
  readonly first: string;
  readonly last: string;
  readonly gone: string | null;
}

async function states(): Promise<StateRow[]> {
  const { rows } = await database.pool.query<StateRow>(
    `SELECT database_name AS name, size_bytes AS bytes, first_seen_date AS first, collected_date AS last, gone_since AS gone
     FROM database_latest WHERE instance_id = $1 ORDER BY database_name`,
    [instanceId],
  );
  return rows;
}

const save = (
  day: string,
  databases: readonly DatabaseMeasurement[],
  options: { time?: string; unmeasured?: string[] } = {},
) => addMeasurements(database.pool, instanceId, day, databases, options);

describe('measurements of an instance', () => {
  test('are stored as they were measured', async () => {
    const shop = measurement('shop', 10_000, {
      dataBytes: 8_000,
      logBytes: 2_000,
      indexBytes: 1_000,
      tempBytes: 500,
      usedBytes: 7_000,
      limitBytes: Number.MAX_SAFE_INTEGER,
      method: 'estimate',
    });
    await save('2024-02-29', [shop]);
    const { rows } = await database.pool.query('SELECT * FROM database_size_stats');
    const stored = {
      instance_id: instanceId,
      database_name: 'shop',
      collected_date: '2024-02-29',
      collected_at: new Date('2024-02-29T10:00:00Z'),
      size_bytes: 10_000,
      data_bytes: 8_000,
      log_bytes: 2_000,
      index_bytes: 1_000,
      temp_bytes: 500,
      used_bytes: 7_000,
      limit_bytes: Number.MAX_SAFE_INTEGER,
      method: 'estimate',
    };
    expect(rows).toEqual([{ ...stored, created_at: expect.any(Date) }]);
    const latest = await database.pool.query('SELECT * FROM database_latest');
    expect(latest.rows).toEqual([{ ...stored, first_seen_date: '2024-02-29', gone_since: null }]);
  });

  test('that are not known stay null, and 0 stays 0', async () => {
    await save('2024-02-29', [measurement('empty', 0, { logBytes: 0 }), measurement('unknown', 0)]);
    const rows = await history();
    expect(rows.map(({ databaseName, dataBytes, logBytes }) => ({ databaseName, dataBytes, logBytes }))).toEqual([
      { databaseName: 'empty', dataBytes: null, logBytes: 0 },
      { databaseName: 'unknown', dataBytes: null, logBytes: null },
    ]);
    const { rows: all } = await database.pool.query(`
      SELECT count(*) AS rows, count(index_bytes) + count(temp_bytes) + count(used_bytes) + count(limit_bytes) AS known
      FROM database_size_stats`);
    expect(all).toEqual([{ rows: 2, known: 0 }]);
  });

  test('are one statement, however many databases there are', async () => {
    await save('2024-02-29', []);
    const others = [await addInstance(database.pool, 'second'), await addInstance(database.pool, 'third')];
    const query = jest.spyOn(database.pool, 'query');
    try {
      await saveMeasurements(
        database.pool,
        [instanceId, others[0] ?? 0, others[1] ?? 0].map((id) => ({
          instanceId: id,
          collectedDate: '2024-02-29',
          collectedAt: new Date('2024-02-29T10:00:00Z'),
          databases: Array.from({ length: 2_000 }, (_, index) => measurement(`db${index}`, index)),
          unmeasured: [],
        })),
      );
      expect(query).toHaveBeenCalledTimes(1);
    } finally {
      query.mockRestore();
    }
    expect(await history()).toHaveLength(2_000);
    expect(await states()).toHaveLength(2_000);
    expect(await history({ instanceId: others[1] ?? 0 })).toHaveLength(2_000);
  });

  test('of several instances on different days: each says of itself alone what is there and what is gone', async () => {
    const second = await addInstance(database.pool, 'second');
    const third = await addInstance(database.pool, 'third');
    const run = (id: number, day: string, names: readonly string[], unmeasured: readonly string[] = []) => ({
      instanceId: id,
      collectedDate: day,
      collectedAt: new Date(`${day}T10:00:00Z`),
      databases: names.map((name) => measurement(name, 1)),
      unmeasured,
    });
    await saveMeasurements(database.pool, [
      run(third, '2024-02-29', ['shop', 'goes']),
      run(instanceId, '2024-02-29', ['shop', 'goes']),
      run(second, '2024-02-29', ['shop', 'goes']),
      // The same instance again, in the same batch.
      run(instanceId, '2024-03-01', ['shop']),
    ]);
    await saveMeasurements(database.pool, [
      run(second, '2024-03-01', ['shop'], ['goes']),
      run(third, '2024-03-02', ['goes', 'new']),
    ]);
    const { rows } = await database.pool.query<{ text: string }>(
      `SELECT concat_ws(' ', i.name, l.database_name, l.first_seen_date, l.collected_date, l.gone_since) AS text
       FROM database_latest AS l JOIN instances AS i ON i.id = l.instance_id ORDER BY i.id, l.database_name`,
    );
    expect(rows.map((row) => row.text)).toEqual([
      'orders goes 2024-02-29 2024-02-29 2024-03-01',
      'orders shop 2024-02-29 2024-03-01',
      'second goes 2024-02-29 2024-02-29',
      'second shop 2024-02-29 2024-03-01',
      'third goes 2024-02-29 2024-03-02',
      'third new 2024-03-02 2024-03-02',
      'third shop 2024-02-29 2024-02-29 2024-03-02',
    ]);
    const changes = await database.pool.query(
      'SELECT DISTINCT instance_id, collected_date FROM measurement_changes ORDER BY 1, 2',
    );
    expect(changes.rows).toEqual([
      { instance_id: instanceId, collected_date: '2024-02-29' },
      { instance_id: instanceId, collected_date: '2024-03-01' },
      { instance_id: second, collected_date: '2024-02-29' },
      { instance_id: second, collected_date: '2024-03-01' },
      { instance_id: third, collected_date: '2024-02-29' },
      { instance_id: third, collected_date: '2024-03-02' },
    ]);
  });

  test('that arrive after later ones of the same day change nothing', async () => {
    await save('2024-02-29', [measurement('shop', 200)], { time: '15:00:00' });
    await save('2024-02-29', [measurement('shop', 100)], { time: '03:00:00' });
    expect(await summary()).toEqual(['shop 2024-02-29 200']);
    expect(await states()).toMatchObject([{ name: 'shop', bytes: 200 }]);
  });

  test('of a second run on the same day take the place of the first', async () => {
    await save('2024-02-29', [measurement('shop', 100, { logBytes: 5 }), measurement('other', 7)], {
      time: '03:00:00',
    });
    await save('2024-02-29', [measurement('shop', 200), measurement('other', 7)], { time: '15:00:00' });
    const rows = await history({ databaseName: 'shop' });
    expect(rows).toEqual([
      {
        databaseName: 'shop',
        collectedDate: '2024-02-29',
        collectedAt: new Date('2024-02-29T15:00:00Z'),
        sizeBytes: 200,
        dataBytes: null,
        logBytes: null,
        method: 'exact',
      },
    ]);
    expect(await states()).toEqual([
      { name: 'other', bytes: 7, first: '2024-02-29', last: '2024-02-29', gone: null },
      { name: 'shop', bytes: 200, first: '2024-02-29', last: '2024-02-29', gone: null },
    ]);
  });

  test('twice the same leave the same', async () => {
    const databases = [measurement('a', 1), measurement('b', 2)];
    await save('2024-02-29', databases);
    const before = [await history(), await states()];
    await save('2024-02-29', databases);
    expect([await history(), await states()]).toEqual(before);
  });

  test('of the next day are rows of their own', async () => {
    await save('2024-02-29', [measurement('shop', 100)]);
    await save('2024-03-01', [measurement('shop', 110)]);
    expect(await summary()).toEqual(['shop 2024-02-29 100', 'shop 2024-03-01 110']);
    expect(await states()).toEqual([{ name: 'shop', bytes: 110, first: '2024-02-29', last: '2024-03-01', gone: null }]);
  });

  test('that arrive late go to the history and leave the latest state', async () => {
    await save('2024-03-01', [measurement('shop', 110)]);
    await save('2024-02-29', [measurement('shop', 100)]);
    expect(await summary()).toEqual(['shop 2024-02-29 100', 'shop 2024-03-01 110']);
    expect(await states()).toMatchObject([{ name: 'shop', bytes: 110, last: '2024-03-01' }]);
  });

  test('of two instances do not touch each other', async () => {
    const other = await addInstance(database.pool, 'other');
    await save('2024-02-29', [measurement('shop', 100)]);
    await addMeasurements(database.pool, other, '2024-02-29', [measurement('shop', 5), measurement('only', 6)]);
    await save('2024-03-01', [measurement('shop', 110)]);
    expect(await summary()).toEqual(['shop 2024-02-29 100', 'shop 2024-03-01 110']);
    const latest = await readLatest(database.pool);
    expect(latest.map((row) => `${row.instanceName}.${row.databaseName} ${row.sizeBytes}`)).toEqual([
      'orders.shop 110',
      'other.only 6',
      'other.shop 5',
    ]);
  });
});

describe('a database that is gone', () => {
  beforeEach(() => save('2024-03-01', [measurement('stays', 1), measurement('goes', 2)]));

  test('is marked with the first day on which it was not there, its history kept', async () => {
    await save('2024-03-02', [measurement('stays', 1)]);
    await save('2024-03-03', [measurement('stays', 1)]);
    expect(await states()).toMatchObject([
      { name: 'goes', bytes: 2, last: '2024-03-01', gone: '2024-03-02' },
      { name: 'stays', gone: null },
    ]);
    expect(await summary({ databaseName: 'goes' })).toEqual(['goes 2024-03-01 2']);
    expect((await readLatest(database.pool)).map((row) => row.databaseName)).toEqual(['stays']);
  });

  test('and comes back is there again, since the first day it was seen', async () => {
    await save('2024-03-02', [measurement('stays', 1)]);
    await save('2024-03-05', [measurement('stays', 1), measurement('goes', 9)]);
    expect(await states()).toMatchObject([
      { name: 'goes', bytes: 9, first: '2024-03-01', last: '2024-03-05', gone: null },
      { name: 'stays' },
    ]);
    expect(await summary({ databaseName: 'goes' })).toEqual(['goes 2024-03-01 2', 'goes 2024-03-05 9']);
  });

  test('is another thing than one that could not be measured', async () => {
    await save('2024-03-02', [measurement('stays', 1)], { unmeasured: ['goes'] });
    expect(await states()).toMatchObject([
      { name: 'goes', bytes: 2, last: '2024-03-01', gone: null },
      { name: 'stays' },
    ]);
  });

  test('may be all of them', async () => {
    await save('2024-03-02', []);
    expect((await states()).map((row) => row.gone)).toEqual(['2024-03-02', '2024-03-02']);
    expect(await readLatest(database.pool)).toEqual([]);
  });
});

describe('names', () => {
  test('of any kind are stored and found verbatim', async () => {
    await save(
      '2024-02-29',
      hostileNames.map((name, index) => measurement(name, index)),
    );
    const rows = await history();
    expect(new Map(rows.map((row) => [row.databaseName, row.sizeBytes]))).toEqual(
      new Map(hostileNames.map((name, index) => [name, index])),
    );
    for (const [index, name] of hostileNames.entries()) {
      expect(await history({ databaseName: name })).toMatchObject([{ databaseName: name, sizeBytes: index }]);
    }
  });

  test('of any kind can be gone, or not have been measured', async () => {
    await save(
      '2024-02-29',
      hostileNames.map((name) => measurement(name, 1)),
    );
    const half = hostileNames.filter((_, index) => index % 2 === 0);
    await save('2024-03-01', [], { unmeasured: half });
    const latest = await readLatest(database.pool);
    expect(latest.map((row) => row.databaseName).sort()).toEqual([...half].sort());
  });

  test('that differ in case or form only are different', async () => {
    await save('2024-02-29', [measurement('Shop', 1), measurement('shop', 2), measurement('e\u0301', 3)]);
    await save('2024-03-01', [measurement('shop', 2), measurement('\u00e9', 3)]);
    expect((await states()).filter((row) => row.gone === null).map((row) => row.name)).toEqual(['shop', '\u00e9']);
  });
});

describe('a size above 2^53 - 1', () => {
  const tooLarge = '9007199254740992';

  test('is refused before it gets here', () => {
    expect(() => toBytes(tooLarge, 'shop')).toThrow(expect.objectContaining({ code: 'size_out_of_range' }));
  });

  test.each(['sizeBytes', 'dataBytes', 'logBytes', 'indexBytes', 'tempBytes', 'usedBytes', 'limitBytes'] as const)(
    'is refused by the repository as %s, with everything that came with it',
    async (field) => {
      const databases = [measurement('fine', 1), measurement('shop', 1, { [field]: Number(tooLarge) })];
      await expect(save('2024-02-29', databases)).rejects.toMatchObject({ code: '23514' });
      expect(await history()).toEqual([]);
      expect(await states()).toEqual([]);
    },
  );

  test('is refused below 0 too', async () => {
    await expect(save('2024-02-29', [measurement('shop', -1)])).rejects.toMatchObject({ code: '23514' });
  });
});

describe('the history', () => {
  beforeEach(async () => {
    for (const day of ['2023-12-31', '2024-01-01', '2024-02-29', '2024-03-01']) {
      await save(day, [measurement('b', 2), measurement('a', 1)]);
    }
  });

  test('is ordered by database and day', async () => {
    expect(await summary()).toEqual([
      'a 2023-12-31 1',
      'a 2024-01-01 1',
      'a 2024-02-29 1',
      'a 2024-03-01 1',
      'b 2023-12-31 2',
      'b 2024-01-01 2',
      'b 2024-02-29 2',
      'b 2024-03-01 2',
    ]);
  });

  test.each<[Partial<HistoryRange>, string[]]>([
    [{ startDate: '2024-02-29' }, ['2024-02-29', '2024-03-01']],
    [{ endDate: '2024-01-01' }, ['2023-12-31', '2024-01-01']],
    [{ startDate: '2024-01-01', endDate: '2024-02-29' }, ['2024-01-01', '2024-02-29']],
    [{ startDate: '2024-02-29', endDate: '2024-02-29' }, ['2024-02-29']],
    [{ startDate: '2024-03-02' }, []],
  ])('of %j has both ends in it', async (range, days) => {
    const rows = await history({ ...range, databaseName: 'a' });
    expect(rows.map((row) => row.collectedDate)).toEqual(days);
  });

  test('of a database that is not there is empty', async () => {
    expect(await history({ databaseName: 'c' })).toEqual([]);
    expect(await history({ instanceId: instanceId + 1 })).toEqual([]);
  });
});
