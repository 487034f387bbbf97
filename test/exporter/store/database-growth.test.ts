import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aggregate } from '../../../exporter/src/statistics/aggregate.ts';
import { readGrowth, type GrowthQuery } from '../../../exporter/src/store/growth.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { applyRetention } from '../../../exporter/src/store/retention.ts';
import { addInstances, daysBetween, measurement, randomNumbers, testSeed } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = '2026-11-22';
const firstDay = addDays(today, -150);

const everything = { visibleTo: null };

interface Expected {
  readonly key: string;
  readonly previous: number | null;
  readonly change: number | null;
  readonly rate: number | null;
}

describe('growth of databases, against a computation over all rows', () => {
  const seed = testSeed();
  const days = daysBetween(firstDay, today);
  let database: TestDatabase;
  let ids: number[];
  let rows: ImportedMeasurement[];

  beforeAll(async () => {
    database = await createTestDatabase();
    const random = randomNumbers(seed);
    ids = await addInstances(
      database.pool,
      Array.from({ length: 12 }, (_, number) => `instance-${String(number).padStart(2, '0')}`),
    );
    rows = ids.flatMap((id, number) => {
      // Some instances are not measured on some days, one has come late.
      const measured = days.filter(
        (day) => random() > (number % 3 === 0 ? 0.4 : 0.02) && (number !== 5 || day > addDays(today, -20)),
      );
      return Array.from({ length: 15 }, (_, index) => {
        const begin = random() < 0.2 ? Math.floor(random() * measured.length) : 0;
        const end = random() < 0.2 ? Math.floor(random() * measured.length) : measured.length;
        let size = Math.floor(random() ** 3 * 1e9);
        return measured.slice(begin, Math.max(begin + 1, end)).map((day) => {
          size = Math.max(0, size + Math.floor((random() - 0.4) * 1e6));
          return measurement(id, `database-${index}`, day, random() < 0.01 ? 0 : size);
        });
      }).flat();
    });
    await importMeasurements(database.pool, rows);
    await database.pool.query('UPDATE instances SET is_active = false WHERE id = $1', [ids[2]]);
    await aggregate(database.pool, today);
  });
  afterAll(() => database.close());

  /** From the rows, database by database. */
  function expectedGrowth(past: string): Expected[] {
    const result: Expected[] = [];
    for (const id of ids.filter((candidate) => candidate !== ids[2])) {
      const own = rows.filter((row) => row.instanceId === id);
      const lastDay =
        own
          .map((row) => row.collectedDate)
          .sort()
          .at(-1) ?? '';
      const watchedSince = own.map((row) => row.collectedDate).sort()[0] ?? '';
      const compared = own
        .map((row) => row.collectedDate)
        .filter((day) => day <= past && day >= addDays(past, -6))
        .sort()
        .at(-1);
      for (const name of new Set(own.map((row) => row.databaseName))) {
        const series = own.filter((row) => row.databaseName === name);
        const last = series.at(-1);
        const before = series.find((row) => row.collectedDate === compared);
        const isThere = last?.collectedDate === lastDay;
        if (!isThere && before === undefined) continue;
        const isNew = before === undefined && (series[0]?.collectedDate ?? '') > past && watchedSince <= past;
        const size = isThere ? last.sizeBytes : 0;
        const change = before !== undefined ? size - before.sizeBytes : isNew ? size : null;
        const rate =
          before !== undefined && before.sizeBytes > 0 && change !== null ? (change * 100) / before.sizeBytes : null;
        result.push({ key: `${id} ${name}`, previous: before?.sizeBytes ?? null, change, rate });
      }
    }
    return result;
  }

  const descending = (value: (row: Expected) => number | null) => (one: Expected, other: Expected) => {
    const [a, b] = [value(one), value(other)];
    if (a === b) return tie(one, other);
    return a === null ? 1 : b === null ? -1 : b - a;
  };
  const tie = (one: Expected, other: Expected) => {
    const [id = '', name = ''] = one.key.split(' ');
    const [otherId = '', otherName = ''] = other.key.split(' ');
    return Number(id) - Number(otherId) || new Intl.Collator('en').compare(name, otherName);
  };

  const ask = async (query: Partial<GrowthQuery>) =>
    readGrowth(database.pool, {
      ...{ today, days: 30, groupBy: 'database', labelKey: null, fleet: everything, databaseName: null },
      ...{ order: 'growth', limit: 1000, offset: 0 },
      ...query,
    });
  const asExpected = ({ growth }: Awaited<ReturnType<typeof ask>>): Expected[] =>
    growth.map((row) => ({
      key: `${row.instanceId} ${row.databaseName}`,
      previous: row.previousSizeBytes,
      change: row.changeBytes,
      rate: row.growthRate,
    }));

  test.each([7, 29, 30, 31, 90])(`over %i days: every database, in order (seed ${seed})`, async (window) => {
    const expected = expectedGrowth(addDays(today, -window));
    const answer = await ask({ days: window });
    expect(answer.total).toBe(expected.length);
    expect(asExpected(answer).sort(tie)).toEqual([...expected].sort(tie));
    const changes = expected.sort(descending((row) => row.change)).map((row) => row.change);
    expect(asExpected(answer).map((row) => row.change)).toEqual(changes);
  });

  test(`pages are parts of the whole, in each order (seed ${seed})`, async () => {
    for (const order of ['growth', 'shrink', 'rate'] as const) {
      const whole = await ask({ order });
      const page = await ask({ order, limit: 7, offset: 11 });
      expect(page.growth).toEqual(whole.growth.slice(11, 18));
      expect(page.total).toBe(whole.growth.length);
      const values = asExpected(whole).map((row) => (order === 'rate' ? row.rate : row.change));
      const known = values.filter((value) => value !== null);
      expect(known).toEqual([...known].sort((one, other) => (order === 'shrink' ? one - other : other - one)));
      expect(values.slice(known.length)).toEqual(values.slice(known.length).map(() => null));
    }
    expect((await ask({ limit: 5, offset: 100_000 })).total).toBe((await ask({})).total);
  });

  test('the sums of an instance are those of its databases', async () => {
    const { growth: instances } = await ask({ groupBy: 'instance' });
    expect(instances).toHaveLength(11);
    for (const instance of instances) {
      const { growth } = await ask({ fleet: { visibleTo: null, instanceIds: [instance.instanceId ?? 0] } });
      const sum = (value: (row: (typeof growth)[number]) => number | null) =>
        growth.reduce((total, row) => total + (value(row) ?? 0), 0);
      expect(instance).toMatchObject({
        sizeBytes: sum((row) => row.sizeBytes),
        newBytes: sum((row) => row.newBytes),
        newCount: sum((row) => row.newCount),
        vanishedBytes: sum((row) => row.vanishedBytes),
        vanishedCount: sum((row) => row.vanishedCount),
        incomparableBytes: sum((row) => row.incomparableBytes),
        databaseCount: sum((row) => row.databaseCount),
      });
      expect(instance.changeBytes ?? 0).toBe(sum((row) => row.changeBytes));
    }
  });

  test('where the retention has removed the day, the end of the week before stands for it', async () => {
    const past = addDays(today, -100);
    await applyRetention(database.pool, today, { days: 60, months: 0 });
    const answer = await ask({ days: 100 });
    // The Sunday before.
    const sunday = addDays(past, -(new Date(`${past}T00:00:00Z`).getUTCDay() || 7));
    for (const row of answer.growth) {
      const series = rows.filter((one) => one.instanceId === row.instanceId && one.databaseName === row.databaseName);
      const week = series.filter((one) => one.collectedDate <= sunday && one.collectedDate > addDays(sunday, -7));
      expect(row.previousSizeBytes).toBe(week.at(-1)?.sizeBytes ?? null);
    }
    expect(answer.total).toBe(answer.growth.length);
  });
});
