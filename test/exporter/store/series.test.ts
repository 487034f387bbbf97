import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshDailyTotals } from '../../../exporter/src/statistics/aggregate.ts';
import { importMeasurements, type ImportedMeasurement } from '../../../exporter/src/store/import.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import type { Series, SeriesQuery } from '../../../exporter/src/store/series-query.ts';
import { readSeries } from '../../../exporter/src/store/series.ts';
import { addInstances, daysBetween, measurement, randomNumbers, testSeed } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const today = '2026-11-22';
const first = addDays(today, -80);
const all = { visibleTo: null };
const seed = testSeed();
const isAny: (row: ImportedMeasurement) => boolean = () => true;

describe(`series over a fleet with failed collections (TEST_SEED=${seed})`, () => {
  let database: TestDatabase;
  let rows: ImportedMeasurement[];
  let names: Map<number, string>;
  const ownerOf = (id: number) => (id % 3 === 0 ? null : id % 3 === 1 ? 'team-a' : 'team-b');
  const labelOf = (id: number) => (id % 4 === 0 ? null : id % 2 === 0 ? 'test' : 'production');

  beforeAll(async () => {
    database = await createTestDatabase();
    const random = randomNumbers(seed);
    const wanted = Array.from({ length: 9 }, (_, number) => `instance-${number}`);
    const ids = await addInstances(database.pool, wanted);
    names = new Map(ids.map((id, index) => [id, wanted[index] ?? '']));
    for (const id of ids) {
      const label = labelOf(id);
      await database.pool.query('UPDATE instances SET owner = $2, labels = $3, engine = $4 WHERE id = $1', [
        ...[id, ownerOf(id), label === null ? {} : { environment: label }, id % 2 === 0 ? 'mysql' : 'postgresql'],
      ]);
    }
    rows = daysBetween(first, today).flatMap((day, index) =>
      ids.flatMap((id, number) => {
        // One night in four fails, and now and then a whole fortnight; one instance has been away for a month.
        const away = number === 3 ? index > 50 : number === 4 && index > 20 && index < 35;
        if (away || random() < 0.25) return [];
        return ['common', 'postgres', `only-${number}`, ...(number === 5 && index < 40 ? ['dropped'] : [])].map(
          (name, database) =>
            measurement(id, name, day, Math.round(1000 * (number + 1) * (database + 1) + random() * 500 + index), {
              dataBytes: database === 1 ? null : 7 * index,
            }),
        );
      }),
    );
    await importMeasurements(database.pool, rows);
    await refreshDailyTotals(database.pool);
  });
  afterAll(() => database.close());

  const read = (query: Partial<SeriesQuery>) =>
    readSeries(database.pool, {
      ...{ fleet: all, startDate: addDays(today, -29), endDate: today, measure: 'size' },
      ...{ groupBy: 'fleet', labelKey: null, top: 20, ...query },
    });

  /** The same in another way: unit by unit and day by day. */
  function expectedSums(
    unitOf: (row: ImportedMeasurement) => string,
    groupOf: (row: ImportedMeasurement) => string | null,
    { from = addDays(today, -29), to = today, wanted = isAny } = {},
  ): Map<string | null, Map<string, number>> {
    const chosen = rows.filter(wanted);
    const days = daysBetween(from, to).filter((day) => chosen.some((row) => row.collectedDate === day));
    const sums = new Map<string | null, Map<string, number>>();
    for (const unit of new Set(chosen.map(unitOf))) {
      const own = chosen.filter((row) => unitOf(row) === unit);
      const isDatabase = unit.includes('/');
      const end = own.at(-1)?.collectedDate ?? '';
      const goneSince = rows.find((row) => row.instanceId === own[0]?.instanceId && row.collectedDate > end);
      for (const day of days) {
        const last = own.findLast((row) => row.collectedDate <= day);
        if (last === undefined || last.collectedDate < addDays(day, -6)) continue;
        if (isDatabase && goneSince !== undefined && day >= goneSince.collectedDate) continue;
        const bytes = own
          .filter((row) => row.collectedDate === last.collectedDate)
          .reduce((sum, row) => sum + row.sizeBytes, 0);
        const sum = sums.get(groupOf(last)) ?? new Map<string, number>();
        sums.set(groupOf(last), sum.set(day, (sum.get(day) ?? 0) + bytes));
      }
    }
    return sums;
  }

  const asMap = (series: Series) => new Map(series.days.map((day, index) => [day, series.values[index]]));
  const byInstance = (row: ImportedMeasurement) => String(row.instanceId);
  const byDatabase = (row: ImportedMeasurement) => `${row.instanceId}/${row.databaseName}`;

  test.each([
    ['fleet', () => null],
    ['owner', (row: ImportedMeasurement) => ownerOf(row.instanceId)],
    ['label', (row: ImportedMeasurement) => labelOf(row.instanceId)],
    ['engine', (row: ImportedMeasurement) => (row.instanceId % 2 === 0 ? 'mysql' : 'postgresql')],
  ] as const)('sums by %s fill up to six days of each instance', async (groupBy, groupOf) => {
    const series = await read({ groupBy, labelKey: groupBy === 'label' ? 'environment' : null });
    const expected = expectedSums(byInstance, groupOf);
    expect(new Map(series.map((one) => [one.group, asMap(one)]))).toEqual(expected);
    const lasts = series.map((one) => one.values.at(-1) ?? 0);
    expect(lasts).toEqual([...lasts].sort((one, other) => other - one));
    expect(series.every((one) => !one.isOther && one.instanceId === null && one.databaseName === null)).toBe(true);
  });

  test('instances have no value on days that failed; those beyond the top are summed up', async () => {
    const series = await read({ groupBy: 'instance', top: 3 });
    expect(series.map((one) => [one.group, one.isOther])).toEqual([
      ['instance-8', false],
      ['instance-7', false],
      ['instance-6', false],
      [null, true],
    ]);
    const [largest, , , other] = series;
    const own = rows.filter((row) => names.get(row.instanceId) === 'instance-8');
    expect(largest).toMatchObject({ instanceName: 'instance-8', instanceId: own[0]?.instanceId });
    expect(largest?.days).toEqual(
      [...new Set(own.map((row) => row.collectedDate))].filter((day) => day >= addDays(today, -29)),
    );
    const top = new Set(['instance-8', 'instance-7', 'instance-6']);
    const rest = expectedSums(byInstance, () => null, { wanted: (row) => !top.has(names.get(row.instanceId) ?? '') });
    const days = expectedSums(byInstance, () => null).get(null) ?? new Map<string, number>();
    // The days are those on which anything was measured.
    expect([...asMap(other as Series).keys()].every((day) => days.has(day))).toBe(true);
    for (const [day, bytes] of rest.get(null) ?? []) expect(asMap(other as Series).get(day)).toBe(bytes);
  });

  test('named databases are summed up from the history, and are gone from the day on which they were', async () => {
    const chosen = new Set(['common', 'dropped']);
    const range = { from: addDays(today, -60), to: addDays(today, -10) };
    const series = await read({
      ...{ databaseNames: [...chosen], groupBy: 'owner', startDate: range.from, endDate: range.to },
    });
    const expected = expectedSums(byDatabase, (row) => ownerOf(row.instanceId), {
      ...range,
      wanted: (row) => chosen.has(row.databaseName),
    });
    expect(new Map(series.map((one) => [one.group, asMap(one)]))).toEqual(expected);
    const count = await read({ databaseNames: ['common'], measure: 'database_count', startDate: today });
    expect(count[0]?.values).toEqual([8]);
  });

  test('databases: the largest by their latest size, the others as what they leave of the total', async () => {
    const series = await read({ groupBy: 'database', top: 2 });
    expect(series.map((one) => [one.instanceName, one.databaseName, one.isOther])).toEqual([
      ['instance-8', 'only-8', false],
      ['instance-7', 'only-7', false],
      [null, null, true],
    ]);
    const own = rows.filter((row) => row.databaseName === 'only-8' && row.collectedDate >= addDays(today, -29));
    expect(series[0]).toMatchObject({
      days: own.map((row) => row.collectedDate),
      values: own.map((row) => row.sizeBytes),
    });
    const total = expectedSums(byInstance, () => null).get(null) ?? new Map<string, number>();
    const tops = expectedSums(byDatabase, () => null, { wanted: (row) => /^only-[78]$/.test(row.databaseName) });
    const other = asMap(series[2] as Series);
    for (const [day, bytes] of total) {
      const known = tops.get(null)?.get(day);
      if (known !== undefined) expect(other.get(day)).toBe(bytes - known);
    }
    expect(await read({ groupBy: 'database', databaseNames: ['only-1'] })).toMatchObject([
      { databaseName: 'only-1', isOther: false },
    ]);
  });

  test('what is not known is null: no data size, no log size', async () => {
    const [data] = await read({ groupBy: 'database', databaseNames: ['postgres'], measure: 'data', top: 1 });
    expect(data?.values.every((value) => value === null)).toBe(true);
    const [log] = await read({ measure: 'log' });
    expect(log?.values.every((value) => value === null)).toBe(true);
    expect(log?.days.length).toBeGreaterThan(20);
  });

  test('filters by engine, owner, label, instance, and the owner whose instances there are', async () => {
    const ids = [...names.keys()];
    const sumOf = async (fleet: SeriesQuery['fleet']) =>
      (await read({ fleet, groupBy: 'instance', startDate: first })).map((one) => one.instanceId ?? 0).sort();
    const sorted = (chosen: number[]) => chosen.sort();
    expect(await sumOf({ ...all, engines: ['mysql'] })).toEqual(sorted(ids.filter((id) => id % 2 === 0)));
    expect(await sumOf({ ...all, owners: ['team-a', null] })).toEqual(
      sorted(ids.filter((id) => ownerOf(id) !== 'team-b')),
    );
    const labels = [
      { key: 'environment', value: 'test' },
      { key: 'environment', value: 'production' },
    ];
    expect(await sumOf({ ...all, labels })).toEqual(sorted(ids.filter((id) => labelOf(id) !== null)));
    expect(await sumOf({ ...all, labels: [...labels, { key: 'tier', value: '1' }] })).toEqual([]);
    expect(await sumOf({ visibleTo: 'team-a' })).toEqual(sorted(ids.filter((id) => ownerOf(id) === 'team-a')));
    const foreign = ids.find((id) => ownerOf(id) === 'team-b') ?? 0;
    expect(await sumOf({ visibleTo: 'team-a', instanceIds: [foreign] })).toEqual([]);
    expect(await sumOf({ visibleTo: 'team-a', owners: ['team-b'] })).toEqual([]);
    const [fleet] = await read({ fleet: { visibleTo: 'team-a' }, groupBy: 'database', top: 200 });
    expect(ownerOf(fleet?.instanceId ?? 0)).toBe('team-a');
  });

  test('a day without any measurement, and a range before the first one, are empty', async () => {
    expect(await read({ startDate: '2020-01-01', endDate: '2020-02-01' })).toEqual([]);
    expect(await read({ startDate: '2020-01-01', endDate: '2020-02-01', groupBy: 'database' })).toEqual([]);
  });
});
