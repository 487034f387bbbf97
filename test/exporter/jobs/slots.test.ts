import { describe, expect, test } from '@jest/globals';
import { DueTimes } from '../../../exporter/src/jobs/slots.ts';
import { withSeeds, type SeededRandom } from '../../support/seeded-random.ts';
import { counts } from '../../support/counts.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Zones with days around which their clocks are moved, and some at which nothing happens. */
const places: readonly (readonly [string, string])[] = [
  ['UTC', '2024-02-29'],
  ['Europe/Berlin', '2024-03-31'],
  ['Europe/Berlin', '2024-10-27'],
  ['Europe/Berlin', '2026-12-31'],
  ['America/New_York', '2024-03-10'],
  ['America/New_York', '2024-11-03'],
  ['America/Santiago', '2024-09-08'],
  ['America/Santiago', '2024-04-07'],
  ['Asia/Beirut', '2024-03-31'],
  ['Australia/Lord_Howe', '2024-10-06'],
  ['Australia/Lord_Howe', '2024-04-07'],
  ['Africa/Casablanca', '2024-04-14'],
  ['Pacific/Apia', '2011-12-30'],
  ['America/St_Johns', '2005-04-03'],
  ['Antarctica/Troll', '2024-03-31'],
  ['Asia/Kathmandu', '2024-12-31'],
];

/** What the clock of a zone shows each minute of five days, by another library: `YYYY-MM-DD HH:mm`. */
class Clock {
  readonly from: number;
  readonly shown: readonly string[];

  constructor(zone: string, around: string) {
    const options = { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' } as const;
    const format = new Intl.DateTimeFormat('sv-SE', options);
    this.from = Date.parse(`${around}T00:00Z`) - 2 * day;
    this.shown = Array.from({ length: 5 * 24 * 60 }, (_, index) => format.format(this.from + index * minute));
  }

  /** When each minute of the calendar is due: the first time it is shown, or, if never, as much later as was skipped. */
  moments(): Map<string, number> {
    const moments = new Map<string, number>();
    this.shown.forEach((text, index) => {
      const before = this.shown[index - 1];
      if (before !== undefined) {
        const skipped = calendarMinutes(before, text);
        skipped.forEach((local, offset) => moments.set(local, this.from + (index + offset) * minute));
      }
      if (!moments.has(text)) moments.set(text, this.from + index * minute);
    });
    return moments;
  }
}

/** The minutes of the calendar between two, both left out; none where the second is not later. */
function calendarMinutes(after: string, before: string): string[] {
  const parse = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
  const minutes: string[] = [];
  for (let at = parse(after) + minute; at < parse(before); at += minute) {
    minutes.push(new Date(at).toISOString().slice(0, 16).replace('T', ' '));
  }
  return minutes;
}

/** A field of an expression with the values that it stands for. */
function field(random: SeededRandom, least: number, most: number): { text: string; values: Set<number> } {
  const all = Array.from({ length: most - least + 1 }, (_, index) => least + index);
  const kind = random.integer(0, 3);
  if (kind === 0) return { text: '*', values: new Set(all) };
  if (kind === 1) {
    const step = random.integer(2, 15);
    return { text: `*/${step}`, values: new Set(all.filter((value) => (value - least) % step === 0)) };
  }
  if (kind === 2) {
    const one = random.integer(least, most);
    const other = random.integer(one, most);
    return { text: `${one}-${other}`, values: new Set(all.filter((value) => value >= one && value <= other)) };
  }
  const values = Array.from({ length: random.integer(1, 3) }, () => random.integer(least, most));
  return { text: [...new Set(values)].join(','), values: new Set(values) };
}

const clocks = places.map(([zone, around]) => ({ zone, moments: new Clock(zone, around).moments() }));

describe('due times', () => {
  test('are those of an independent computation, across changes of the clock, leap days and ends of years', async () => {
    let compared = 0;
    await withSeeds(counts.schedules, (random) => {
      const { zone, moments } = random.pick(clocks);
      const minutes = field(random, 0, 59);
      const hours = field(random, 0, 23);
      const weekdays = random.chance(0.3) ? field(random, 0, 6) : { text: '*', values: new Set([0, 1, 2, 3, 4, 5, 6]) };
      const expression = `${minutes.text} ${hours.text} * * ${weekdays.text}`;
      const expected = new Set<number>();
      for (const [local, moment] of moments) {
        const weekday = new Date(`${local.slice(0, 10)}T00:00Z`).getUTCDay();
        const isDue =
          minutes.values.has(Number(local.slice(14))) &&
          hours.values.has(Number(local.slice(11, 13))) &&
          weekdays.values.has(weekday);
        if (isDue) expected.add(moment);
      }
      const all = [...moments.values()];
      const from = Math.min(...all) + day;
      const until = Math.max(...all) - day;
      const wanted = [...expected].filter((moment) => moment > from && moment <= until).sort((one, two) => one - two);
      const found = new DueTimes(expression, zone).between(new Date(from), new Date(until), 10_000);
      expect({ expression, zone, due: found.map((due) => due.toISOString()) }).toEqual({
        ...{ expression, zone, due: wanted.map((moment) => new Date(moment).toISOString()) },
      });
      compared += wanted.length;
    });
    console.info(`${counts.schedules} schedules, ${compared} due times compared`);
  }, 600_000);

  test('a local time that is skipped is due once, as much later', () => {
    const times = new DueTimes('30 2 * * *', 'Europe/Berlin');
    expect(times.between(new Date('2024-03-30T12:00Z'), new Date('2024-04-01T12:00Z'))).toEqual([
      new Date('2024-03-31T01:30Z'),
      new Date('2024-04-01T00:30Z'),
    ]);
  });

  test('a local time that comes twice is due the first time', () => {
    const times = new DueTimes('30 2 * * *', 'Europe/Berlin');
    expect(times.between(new Date('2024-10-26T12:00Z'), new Date('2024-10-27T12:00Z'))).toEqual([
      new Date('2024-10-27T00:30Z'),
    ]);
  });

  test('the last one is found however rare, and the interval to the next one known', () => {
    const daily = new DueTimes('0 3 * * *', 'UTC');
    expect(daily.last(new Date('2024-05-05T03:00Z'))).toEqual(new Date('2024-05-05T03:00Z'));
    expect(daily.last(new Date('2024-05-05T02:59:59.999Z'))).toEqual(new Date('2024-05-04T03:00Z'));
    expect(daily.intervalAfter(new Date('2024-05-05T03:00Z'))).toBe(day);
    expect(new DueTimes('0 0 29 2 *', 'UTC').last(new Date('2027-01-01T00:00Z'))).toEqual(
      new Date('2024-02-29T00:00Z'),
    );
    expect(new DueTimes('*/5 * * * * *', 'UTC').last(new Date('2024-05-05T03:00:04.200Z'))).toEqual(
      new Date('2024-05-05T03:00:00Z'),
    );
    for (const never of ['0 0 30 2 *', '0 0 L * *', '61 * * * *', 'soon']) {
      expect(() => new DueTimes(never, 'UTC')).toThrow();
    }
  });
});
