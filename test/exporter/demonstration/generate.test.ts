import { expect, test } from '@jest/globals';
import { lastCollectedDay } from '../../../exporter/src/demonstration/calendar.ts';
import { generateHistory, type DemonstrationHistory } from '../../../exporter/src/demonstration/generate.ts';
import { darkNights } from '../../../exporter/src/demonstration/stories.ts';
import { engineNames } from '../../../exporter/src/engines/registry.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { testSeed } from '../../support/history.ts';

const firstDay = '2024-01-15';
const whole = { firstDay, fromDay: firstDay, toDay: addDays(firstDay, 399), timezone: 'UTC' };
const fleet = [...generateHistory({ seed: 1, ...whole })];

function sizesOf(server: string, database: string, histories: readonly DemonstrationHistory[] = fleet) {
  const history = histories.find((candidate) => candidate.server.name === server);
  return (history?.nights ?? []).flatMap(({ day, databases }) => {
    const measured = databases.find((candidate) => candidate.databaseName === database);
    return measured === undefined ? [] : [{ day: day.index, ...measured }];
  });
}

test('is about 40 servers of the four engines with about 600 databases', () => {
  expect(fleet).toHaveLength(40);
  expect(new Set(fleet.map(({ server }) => server.engine))).toEqual(new Set(engineNames));
  const databases = fleet.flatMap(({ server }) => server.databases.map(({ name }) => `${server.name}/${name}`));
  expect(databases.length).toBeGreaterThan(570);
  expect(databases.length).toBeLessThan(630);
  expect(new Set(databases).size).toBe(databases.length);
});

test('has parts that fit together, in whole bytes that every reader keeps exact', () => {
  const seed = testSeed();
  const wrong: unknown[] = [];
  for (const { server, nights } of generateHistory({ seed, ...whole, fromDay: addDays(firstDay, 370) })) {
    for (const measured of nights.flatMap(({ databases }) => databases)) {
      const { sizeBytes, dataBytes, logBytes, indexBytes, tempBytes, usedBytes, limitBytes } = measured;
      const parts = [dataBytes, logBytes, indexBytes, tempBytes];
      const sum = parts.reduce((total: number, part) => total + (part ?? 0), 0);
      const whole = [sizeBytes, ...parts, usedBytes, limitBytes].every(
        (bytes) => bytes === null || (Number.isSafeInteger(bytes) && bytes > 0),
      );
      const fits = sum <= sizeBytes && (usedBytes ?? 0) <= sizeBytes && (limitBytes ?? Infinity) >= sizeBytes;
      if (!whole || !fits) wrong.push({ seed, server: server.name, ...measured });
    }
    for (const row of nights.flatMap(({ storage }) => storage)) {
      const bytes = [row.allocatedBytes, row.usedBytes, row.limitBytes, row.freeBytes];
      const whole = bytes.every((value) => value === null || (Number.isSafeInteger(value) && value >= 0));
      if (!whole || (row.usedBytes ?? 0) + (row.freeBytes ?? 0) > (row.limitBytes ?? Infinity)) {
        wrong.push({ seed, server: server.name, ...row });
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('is the same each time, and another one for another seed', () => {
  const days = { ...whole, toDay: addDays(firstDay, 20) };
  expect([...generateHistory({ seed: 1, ...days })]).toEqual([...generateHistory({ seed: 1, ...days })]);
  expect([...generateHistory({ seed: 2, ...days })]).not.toEqual([...generateHistory({ seed: 1, ...days })]);
});

test('does not change what is past when it goes on', () => {
  const toDay = addDays(firstDay, 200);
  const shorter = [...generateHistory({ seed: 1, ...whole, toDay })];
  const past = fleet.map(({ server, nights }) => ({ server, nights: nights.filter(({ day }) => day.date <= toDay) }));
  // As text: Jest takes its time to compare a hundred thousand objects.
  const changed = past.filter((history, index) => JSON.stringify(history) !== JSON.stringify(shorter[index]));
  expect(changed.map(({ server }) => server.name)).toEqual([]);
  expect(past).toHaveLength(shorter.length);
});

test('tells of a tenant that appears and one that leaves, and of nights without an exporter', () => {
  expect(sizesOf('tenants-eu-pg', 'tenant_quince')[0]?.day).toBe(248);
  expect(sizesOf('tenants-eu-pg', 'tenant_elder').at(-1)?.day).toBe(331);
  const nights = fleet.flatMap(({ nights }) => nights.map(({ day }) => day.index));
  expect(darkNights.filter((night) => nights.includes(night))).toEqual([]);
  expect(new Set(nights).size).toBe(400 - darkNights.length);
});

test('tells of a log that ran away and was cut, and of one that runs away now', () => {
  const past = sizesOf('erp-sql', 'ERP_Reporting');
  const logOn = (day: number): number => past.find((row) => row.day === day)?.logBytes ?? 0;
  expect(logOn(162) / logOn(149)).toBeGreaterThan(5);
  expect(logOn(164) / logOn(149)).toBeLessThan(1.5);
  const now = sizesOf('warehouse-sql', 'WMS_Site_03');
  expect((now.at(-1)?.logBytes ?? 0) / (now.find((row) => row.day === 385)?.logBytes ?? 1)).toBeGreaterThan(5);
});

test('has databases that are about to be full, loads at the end of a month that go again, and weekends', () => {
  const reports = sizesOf('reporting-sql', 'Reports').at(-1);
  expect((reports?.usedBytes ?? 0) / (reports?.limitBytes ?? 1)).toBeGreaterThan(0.9);
  const invoices = sizesOf('billing-pg', 'invoices');
  // 1 July 2024 and a week later.
  const before = invoices.find((row) => row.day === 164)?.sizeBytes ?? 0;
  const loaded = invoices.find((row) => row.day === 168)?.sizeBytes ?? 0;
  const cleaned = invoices.find((row) => row.day === 174)?.sizeBytes ?? 0;
  expect(loaded).toBeGreaterThan(before * 1.05);
  expect(cleaned).toBeLessThan(loaded);
  const orders = sizesOf('orders-pg', 'orders');
  const change = (weekday: number): number =>
    orders.reduce((sum, { day, sizeBytes }) => {
      const before = orders.find((row) => row.day === day - 1);
      return before !== undefined && day % 7 === weekday ? sum + sizeBytes - before.sizeBytes : sum;
    }, 0);
  // The first day is a Monday.
  expect(change(1)).toBeGreaterThan(change(6) * 2);
});

test('says of each failed night what to do, and has none of its databases then', () => {
  const failed = fleet.flatMap(({ nights }) => nights.filter(({ night }) => night.status === 'failed'));
  expect(failed.length).toBeGreaterThan(40);
  for (const { night, databases } of failed) {
    expect(databases).toEqual([]);
    expect(night.error?.message).toMatch(/\.demonstration\.invalid:\d+/);
  }
  expect(new Set(failed.map(({ night }) => night.error?.code)).size).toBeGreaterThanOrEqual(5);
});

test('counts a night when the collection of the fleet is over, in the time zone of the days', () => {
  expect(lastCollectedDay(new Date('2026-03-10T02:00:00Z'), 'UTC')).toBe('2026-03-09');
  expect(lastCollectedDay(new Date('2026-03-10T04:00:00Z'), 'UTC')).toBe('2026-03-10');
  expect(lastCollectedDay(new Date('2026-03-10T04:00:00Z'), 'America/New_York')).toBe('2026-03-09');
});
