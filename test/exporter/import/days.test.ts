import { expect, test } from '@jest/globals';
import { groupWindows, windowsOf } from '../../../exporter/src/import/days.ts';
import { dayIn } from '../../../exporter/src/store/periods.ts';

const hour = 3_600_000;

test('days have their length in the time zone, and end before the next one begins', () => {
  const windows = windowsOf('2026-03-07', '2026-03-09', 'America/New_York');
  expect(windows.map(({ date, length }) => [date, length / hour])).toEqual([
    ['2026-03-07', 24],
    ['2026-03-08', 23],
    ['2026-03-09', 24],
  ]);
  expect(windows.map(({ end }) => new Date(end).toISOString())).toEqual([
    '2026-03-08T04:59:59.999Z',
    '2026-03-09T03:59:59.999Z',
    '2026-03-10T03:59:59.999Z',
  ]);
});

test.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Beirut'])(
  'every moment of 800 days in %s is in the window of its day, and groups are queries with a step of 24 hours',
  (timezone) => {
    const windows = windowsOf('2025-01-01', '2027-03-11', timezone);
    expect(windows).toHaveLength(800);
    const wrong = windows.filter(({ date, end, length }, index) => {
      const moments = [end - length + 1, end].map((moment) => dayIn(timezone, new Date(moment)));
      return moments.some((day) => day !== date) || (index > 0 && windows[index - 1]?.end !== end - length);
    });
    expect(wrong).toEqual([]);
    const groups = groupWindows(windows, 40);
    expect(groups.flat()).toEqual(windows);
    const unequal = groups.filter((group) =>
      group.some(
        ({ end, length }, index) => end !== (group[0]?.end ?? 0) + index * 24 * hour || length !== group[0]?.length,
      ),
    );
    expect(unequal).toEqual([]);
    expect(Math.max(...groups.map((group) => group.length))).toBe(40);
  },
);
