import { describe, expect, test } from '@jest/globals';
import { downsample, type Samples } from '../../../exporter/src/statistics/downsample.ts';
import { addDays } from '../../../exporter/src/store/periods.ts';
import { withSeeds } from '../../support/seeded-random.ts';

const samplesOf = (values: (number | null)[]): Samples => ({
  days: values.map((_value, index) => addDays('2020-01-01', index)),
  values,
});

describe('downsampling', () => {
  test('keeps what is short enough as it is', () => {
    const samples = samplesOf([3, null, 1]);
    expect(downsample(samples, 4)).toEqual(samples);
    expect(downsample(samplesOf([]), 4)).toEqual({ days: [], values: [] });
  });

  test('keeps a peak of one day, a hole of one day, and both ends', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 100 + index);
    values[333] = 1_000_000;
    values[777] = 0;
    const { days, values: kept } = downsample(samplesOf(values), 20);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(kept).toContain(1_000_000);
    expect(kept).toContain(0);
    expect([kept[0], kept.at(-1)]).toEqual([100, 1099]);
    expect(days[kept.indexOf(1_000_000)]).toBe(addDays('2020-01-01', 333));
  });

  test('of any samples: in order, none invented, smallest and largest kept, never too many', () =>
    withSeeds(100, (random) => {
      const length = random.integer(1, 400);
      const values = Array.from({ length }, () => (random.chance(0.1) ? null : random.integer(-1000, 1000)));
      const samples = samplesOf(values);
      const points = random.integer(4, 60);
      const { days, values: kept } = downsample(samples, points);
      expect(days.length).toBe(kept.length);
      expect(kept.length).toBeLessThanOrEqual(Math.max(points, 1));
      expect(days).toEqual([...new Set(days)].sort());
      expect(days.map((day) => values[samples.days.indexOf(day)])).toEqual(kept);
      const known = (list: readonly (number | null)[]) => list.filter((value) => value !== null);
      if (known(values).length > 0) {
        expect(Math.max(...known(kept))).toBe(Math.max(...known(values)));
        expect(Math.min(...known(kept))).toBe(Math.min(...known(values)));
      }
    }));

  test('says where nothing is known', () => {
    const { values } = downsample(samplesOf(Array.from({ length: 100 }, () => null)), 10);
    expect(values.length).toBeLessThanOrEqual(10);
    expect(new Set(values)).toEqual(new Set([null]));
  });
});
