import { expect, test } from '@jest/globals';

import {
  addDays,
  daysBetween,
  dayToTime,
  formatBytes,
  formatBytesChange,
  formatCount,
  formatRate,
  formatSeconds,
  formatShare,
} from '../../plugin/src/format';

const noon = 43_200_000;

test.each([
  [null, '–'],
  [undefined, '–'],
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [1_610_612_736, '1.50 GiB'],
])('%s bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [null, '–'],
  [0, '0 B'],
  [1_610_612_736, '+1.50 GiB'],
  [-300, '−300 B'],
])('a change of %s bytes is %s', (bytes, text) => {
  expect(formatBytesChange(bytes)).toBe(text);
});

test.each([
  [null, '–'],
  [0, '0 %'],
  [12.34, '+12.3 %'],
  [-5, '−5 %'],
])('a rate of %s is %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('shares and counts', () => {
  expect(formatShare(0.345)).toBe('34.5 %');
  expect(formatShare(null)).toBe('–');
  expect(formatCount(1234567)).toBe('1,234,567');
});

test.each([
  [0.107, '107 ms'],
  [2.5, '2.5 s'],
  [30, '30 s'],
  [null, '–'],
])('%s seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('days across a change of the month and of daylight saving time', () => {
  expect(addDays('2026-10-31', 1)).toBe('2026-11-01');
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
});

test('a zoom takes the days that are drawn in it, and at least one', () => {
  // The whole of a chart, which is half a day wider than its days.
  expect(daysBetween(dayToTime('2026-11-01') - noon, dayToTime('2026-11-30') + noon)).toEqual({
    start: '2026-11-01',
    end: '2026-11-30',
  });
  expect(daysBetween(dayToTime('2026-11-01') + 1, dayToTime('2026-11-03') - 1)).toEqual({
    start: '2026-11-02',
    end: '2026-11-02',
  });
  expect(daysBetween(dayToTime('2026-11-01') + 1, dayToTime('2026-11-02') - 1)).toEqual({
    start: '2026-11-01',
    end: '2026-11-01',
  });
});
