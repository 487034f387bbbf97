import { expect, test } from '@jest/globals';
import { addDays, dayIn, periodOf, periodTypes } from '../../../exporter/src/store/periods.ts';
import { randomNumbers, testSeed } from '../../support/history.ts';

const zones = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'],
  ...['America/Sao_Paulo', 'Asia/Tehran', 'Africa/Casablanca', 'Pacific/Chatham', 'Pacific/Kiritimati'],
];

test('10 000 moments around changes of the clocks fall on the day that the calendar of the platform says', () => {
  const seed = testSeed();
  const random = randomNumbers(seed);
  for (let count = 0; count < 10_000; count += 1) {
    const zone = zones[count % zones.length] ?? 'UTC';
    // Near midnight UTC of any day from 2000 to 2040, a few hours to either side.
    const midnight = Date.UTC(2000, 0, 1 + Math.floor(random() * 14_600));
    const moment = new Date(midnight + Math.round((random() - 0.5) * 30 * 3_600_000));
    const expected = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(moment);
    const day = dayIn(zone, moment);
    if (day !== expected)
      throw new Error(`${moment.toISOString()} in ${zone}: ${day}, expected ${expected} (seed ${seed})`);
  }
});

test('every day of 40 years is in the periods that arithmetic says, and periods follow each other without a gap', () => {
  for (let number = 0; number < 14_610; number += 1) {
    const date = new Date(Date.UTC(2000, 0, 1 + number));
    const day = date.toISOString().slice(0, 10);
    const weekday = (date.getUTCDay() + 6) % 7;
    const iso = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    const quarter = month - (month % 3);
    const week = date.getTime() - weekday * 86_400_000;
    const expected = [
      { type: 'weekly', start: iso(week), end: iso(week + 6 * 86_400_000) },
      { type: 'monthly', start: iso(Date.UTC(year, month, 1)), end: iso(Date.UTC(year, month + 1, 0)) },
      { type: 'quarterly', start: iso(Date.UTC(year, quarter, 1)), end: iso(Date.UTC(year, quarter + 3, 0)) },
    ];
    const periods = periodTypes.map((type) => periodOf(type, day));
    if (JSON.stringify(periods) !== JSON.stringify(expected))
      expect({ day, periods }).toEqual({ day, periods: expected });
    for (const period of periods) {
      const next = periodOf(period.type, day, 1).start;
      if (Date.parse(next) - Date.parse(period.end) !== 86_400_000) throw new Error(`${day}: a gap before ${next}`);
    }
  }
});

test('days are counted over the ends of months and years, and end at the first one that the repository knows', () => {
  expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  expect(addDays('0001-01-30', -29)).toBe('0001-01-01');
  expect(addDays('0001-01-29', -29)).toBe('0001-01-01');
});
