import { describe, expect, test } from '@jest/globals';
import { findSteps } from '../../../exporter/src/statistics/steps.ts';
import { daysBetween, randomNumbers, testSeed } from '../../support/history.ts';

const days = daysBetween('2026-01-01', '2026-06-30');
const mebibyte = 1_048_576;

/** A series from its daily changes. */
function seriesOf(changes: readonly number[], start = 10_000 * mebibyte) {
  let size = start;
  return changes.map((change, index) => ({ collectedDate: days[index] ?? '', sizeBytes: (size += change) }));
}

describe('step changes', () => {
  const seed = testSeed();
  const noise = () => {
    const random = randomNumbers(seed);
    return Array.from({ length: 120 }, () => Math.round((4 + 2 * random()) * mebibyte));
  };

  test(`steady growth with noise has none (seed ${seed})`, () => {
    expect(findSteps(seriesOf(noise()))).toEqual([]);
  });

  test(`a bulk load and a purge are found on their day, with what was expected (seed ${seed})`, () => {
    const changes = noise();
    changes[60] = 500 * mebibyte;
    changes[90] = -3000 * mebibyte;
    const steps = findSteps(seriesOf(changes));
    expect(steps.map((step) => [step.date, step.changeBytes])).toEqual([
      [days[60], 500 * mebibyte],
      [days[90], -3000 * mebibyte],
    ]);
    expect(steps[0]?.expectedBytes).toBeGreaterThan(4 * mebibyte);
    expect(steps[0]?.expectedBytes).toBeLessThan(6 * mebibyte);
    expect(steps[0]?.score).toBeGreaterThan(3.5);
    expect(steps[1]?.score).toBeLessThan(-3.5);
    expect((steps[1]?.afterBytes ?? 0) - (steps[1]?.beforeBytes ?? 0)).toBe(-3000 * mebibyte);
  });

  test('what comes every week is explained by the week before', () => {
    const changes = Array.from({ length: 100 }, (_, index) => (index % 7 === 6 ? 300 * mebibyte : mebibyte));
    // The first one comes before there is a history to hold it against.
    expect(findSteps(seriesOf(changes)).map((step) => step.date)).toEqual([]);
    changes[97] = 900 * mebibyte;
    expect(findSteps(seriesOf(changes)).map((step) => step.date)).toEqual([days[97]]);
  });

  test('a constant database that jumps is found without any spread to compare with', () => {
    const changes = Array.from({ length: 30 }, () => 0);
    changes[20] = 200 * mebibyte;
    expect(findSteps(seriesOf(changes))).toMatchObject([{ date: days[20], score: null, expectedBytes: 0 }]);
  });

  test('a gap explains as much growth as it has days', () => {
    const series = seriesOf(
      Array.from({ length: 60 }, (_, index) => (5 + (index % 3)) * mebibyte),
      1000 * mebibyte,
    );
    const withGap = series.filter((_, index) => index < 25 || index > 50);
    expect(findSteps(withGap)).toEqual([]);
    const purged = withGap.map((day, index) =>
      index < 25 ? day : { ...day, sizeBytes: day.sizeBytes - 500 * mebibyte },
    );
    expect(findSteps(purged).map((step) => step.date)).toEqual([days[51]]);
  });

  test('small changes and short histories are left alone; a later day never takes a mark away', () => {
    const tiny = Array.from({ length: 40 }, () => 0);
    tiny[30] = 1000;
    expect(findSteps(seriesOf(tiny))).toEqual([]);
    expect(findSteps(seriesOf([0, 0, 0, 0, 900 * mebibyte]))).toEqual([]);
    const changes = noise();
    changes[60] = 500 * mebibyte;
    const series = seriesOf(changes);
    const marks = findSteps(series);
    for (const length of [61, 75, 100]) expect(findSteps(series.slice(0, length))).toEqual(marks);
  });
});
