import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fitLine } from '../../../exporter/src/statistics/line.ts';
import { randomNumbers, testSeed } from '../../support/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const gibibyte = 2 ** 30;

/** A size at the end of each week, from what it changed in the week. */
function weekly(changes: readonly number[], start = 500 * gibibyte) {
  let sizeBytes = start;
  return [0, ...changes].map((change, week) => ({ day: week * 7, sizeBytes: (sizeBytes += change) }));
}

describe('the line through the sizes of a database', () => {
  let database: TestDatabase;
  const seed = testSeed();

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  /** What PostgreSQL makes of the same points. */
  async function regression(points: readonly { day: number; sizeBytes: number }[]) {
    const { rows } = await database.pool.query<{ slope: number; r2: number; error: number }>(
      `SELECT regr_slope(y, x) AS slope, regr_r2(y, x) AS r2,
         sqrt((regr_syy(y, x) - regr_sxy(y, x) ^ 2 / regr_sxx(y, x)) / (count(*) - 2) / regr_sxx(y, x)) AS error
       FROM unnest($1::float8[], $2::float8[]) AS point (x, y)`,
      [points.map((point) => point.day), points.map((point) => point.sizeBytes)],
    );
    return rows[0] ?? { slope: NaN, r2: NaN, error: NaN };
  }

  const noisy = (weeks: number, growth: number) => {
    const random = randomNumbers(seed);
    return Array.from({ length: weeks }, () => Math.round(growth * (0.6 + 0.8 * random())));
  };

  test(`is what PostgreSQL's regression says where there is no step (seed ${seed})`, async () => {
    for (const weeks of [4, 13, 52]) {
      const points = weekly(noisy(weeks, 3 * gibibyte));
      const expected = await regression(points);
      const line = fitLine(points);
      expect(line).toMatchObject({ points: weeks + 1, steps: 0 });
      expect(line?.bytesPerDay).toBeCloseTo(expected.slope, 0);
      expect(line?.rSquared).toBeCloseTo(expected.r2, 9);
      // Student's t for 3, 12 and 51 degrees of freedom, from a table.
      const quantile = { 4: 3.182, 13: 2.179, 52: 2.008 }[weeks] ?? NaN;
      expect((line?.bytesPerDayMargin ?? 0) / expected.error / quantile).toBeCloseTo(1, 1.5);
    }
  });

  test(`a purge and a bulk load change it little, wherever they are (seed ${seed})`, () => {
    const changes = noisy(13, 3 * gibibyte);
    const undisturbed = fitLine(weekly(changes))?.bytesPerDay ?? 0;
    for (const height of [-200, 200]) {
      for (let week = 0; week < 13; week += 1) {
        const disturbed = changes.map((change, index) => (index === week ? change + height * gibibyte : change));
        const line = fitLine(weekly(disturbed));
        expect(line?.steps).toBe(1);
        expect(Math.abs((line?.bytesPerDay ?? 0) / undisturbed - 1)).toBeLessThan(0.25);
      }
    }
  });

  test('a load over the turn of a week is one step, of two points; a purge after it another', () => {
    const changes = Array.from({ length: 13 }, () => gibibyte);
    changes[4] = 40 * gibibyte;
    changes[5] = 60 * gibibyte;
    changes[9] = -90 * gibibyte;
    const line = fitLine(weekly(changes));
    expect(line?.steps).toBe(3);
    expect(line?.bytesPerDay).toBeCloseTo(gibibyte / 7, 3);
    expect(line?.rSquared).toBeCloseTo(1, 9);
  });

  test('what comes again is a part of the trend', () => {
    const sawtooth = Array.from({ length: 16 }, (_, week) => (week % 4 === 3 ? -21 * gibibyte : 7 * gibibyte));
    const line = fitLine(weekly(sawtooth));
    expect(line?.steps).toBe(0);
    expect(Math.abs(line?.bytesPerDay ?? Infinity)).toBeLessThan(line?.bytesPerDayMargin ?? 0);
  });

  test('growth that sets in stays growth', async () => {
    const points = weekly([
      ...Array.from({ length: 6 }, () => gibibyte),
      ...Array.from({ length: 7 }, () => 9 * gibibyte),
    ]);
    const line = fitLine(points);
    expect(line?.steps).toBe(0);
    expect(line?.bytesPerDay).toBeCloseTo((await regression(points)).slope, 0);
  });

  test('a constant size has a line without growth; three points have none', () => {
    expect(fitLine(weekly([0, 0, 0, 0]))).toMatchObject({ bytesPerDay: 0, rSquared: 1, bytesPerDayMargin: 0 });
    expect(fitLine(weekly([1, 1]))).toBeNull();
  });
});
