import type { SizePoint } from '../store/forecast.ts';
import { median } from './median.ts';
import { leastBytes, leastShare } from './steps.ts';

/** The straight line through the sizes of a database, without its steps. */
export interface Line {
  readonly points: number;
  readonly bytesPerDay: number;
  /** The share of the spread that the line explains, 0 to 1; 1 where there is no spread. */
  readonly rSquared: number;
  /** Of the slope: beyond it with 95 % probability. */
  readonly bytesPerDayMargin: number;
  /** Changes that were left out: bulk loads, purges. */
  readonly steps: number;
  /** How far the size may be from the line on a day, with 95 % probability. */
  margin(day: number): number;
}

/** With fewer there is no telling a trend from chance. */
const leastPoints = 4;

/** How many times as large as any other change in its direction a step is. */
const beyondOthers = 3;

/**
 * Least squares over the points from which the steps are taken out: what comes before a step is moved by its height, so that
 * it counts for the trend and its height does not. A step is a change (or two in a row, when it lies on the turn of a week) that
 * is three times as large as any other one in its direction, each held against the median change: what comes again, like a
 * purge every month, is a part of the trend. Sizes are a running sum, in which a step moves all that follows: estimates that
 * withstand outliers, such as the median of all slopes (Theil and Sen), do not withstand that.
 *
 * Margins: the prediction interval of simple regression, R. Hyndman and G. Athanasopoulos, "Forecasting: Principles and
 * Practice", 3rd edition, 7.6, with Student's t, as points are few.
 */
export function fitLine(series: readonly SizePoint[]): Line | null {
  if (series.length < leastPoints) return null;
  const { points, steps } = withoutSteps(series);
  const count = points.length;
  const { meanDay, meanSize, daySquares, sizeSquares, products } = momentsOf(points);
  const bytesPerDay = products / daySquares;
  const residuals = points.reduce(
    (sum, { day, sizeBytes }) => sum + (sizeBytes - meanSize - bytesPerDay * (day - meanDay)) ** 2,
    0,
  );
  const freedom = count - 2;
  const deviation = Math.sqrt(residuals / freedom);
  const quantile = studentQuantile(freedom);
  return {
    points: count,
    bytesPerDay,
    rSquared: sizeSquares === 0 ? 1 : Math.max(0, 1 - residuals / sizeSquares),
    bytesPerDayMargin: (quantile * deviation) / Math.sqrt(daySquares),
    steps,
    margin: (day) => quantile * deviation * Math.sqrt(1 + 1 / count + (day - meanDay) ** 2 / daySquares),
  };
}

/** Sums of squares and products of what the points are away from their means: as exact as two passes are. */
function momentsOf(points: readonly SizePoint[]) {
  let [meanDay, meanSize] = [0, 0];
  for (const { day, sizeBytes } of points) {
    meanDay += day / points.length;
    meanSize += sizeBytes / points.length;
  }
  let [daySquares, sizeSquares, products] = [0, 0, 0];
  for (const point of points) {
    const [day, size] = [point.day - meanDay, point.sizeBytes - meanSize];
    daySquares += day * day;
    sizeSquares += size * size;
    products += day * size;
  }
  return { meanDay, meanSize, daySquares, sizeSquares, products };
}

interface Change {
  readonly days: number;
  readonly sizeBefore: number;
  /** Beyond the median change, in bytes. */
  readonly excess: number;
}

function withoutSteps(series: readonly SizePoint[]): { points: readonly SizePoint[]; steps: number } {
  const changes = changesOf(series);
  if (!changes.some(isWorthwhile)) return { points: series, steps: 0 };
  const steps = new Set<number>();
  for (let found = findStep(changes, steps); found.length > 0; found = findStep(changes, steps)) {
    // When many changes are unusual, being unusual is what is usual here.
    if (steps.size + found.length > changes.length / 3) break;
    found.forEach((index) => steps.add(index));
  }
  if (steps.size === 0) return { points: series, steps: 0 };
  let height = 0;
  const points = series.map((point) => ({ ...point }));
  for (let index = changes.length - 1; index >= 0; index -= 1) {
    if (steps.has(index)) height += changes[index]?.excess ?? 0;
    const before = points[index];
    if (before !== undefined) points[index] = { ...before, sizeBytes: before.sizeBytes + height };
  }
  return { points, steps: steps.size };
}

function changesOf(series: readonly SizePoint[]): Change[] {
  const steps = series.slice(1).map((point, index) => {
    const before = series[index] ?? point;
    return { days: point.day - before.day, sizeBefore: before.sizeBytes, change: point.sizeBytes - before.sizeBytes };
  });
  const usual = median(steps.map(({ days, change }) => change / days));
  return steps.map(({ days, sizeBefore, change }) => ({ days, sizeBefore, excess: change - usual * days }));
}

/** The indexes of the largest change that is a step, or of the two it consists of; none when there is none. */
function findStep(changes: readonly Change[], known: ReadonlySet<number>): number[] {
  const left = changes.map((change, index) => ({ ...change, index })).filter(({ index }) => !known.has(index));
  const usual = median(left.map(({ excess }) => Math.abs(excess)));
  for (const direction of [1, -1]) {
    const [largest, second, third] = left
      .filter(({ excess }) => Math.sign(excess) === direction)
      .sort((one, other) => Math.abs(other.excess) - Math.abs(one.excess));
    if (largest === undefined || !isWorthwhile(largest)) continue;
    const beyond = (change: Change, other: Change | undefined): boolean =>
      Math.abs(change.excess) >= beyondOthers * Math.max(usual, Math.abs(other?.excess ?? 0));
    if (beyond(largest, second)) return [largest.index];
    if (second !== undefined && Math.abs(largest.index - second.index) === 1 && beyond(second, third)) {
      return [largest.index, second.index];
    }
  }
  return [];
}

function isWorthwhile({ excess, sizeBefore }: Change): boolean {
  return Math.abs(excess) >= Math.max(leastBytes, leastShare * sizeBefore);
}

/**
 * The 97.5 % quantile of Student's t: the expansion of Cornish and Fisher, M. Abramowitz and I. Stegun, "Handbook of
 * Mathematical Functions", 26.7.5; 3 % too small with 2 degrees of freedom, better with more.
 */
function studentQuantile(freedom: number): number {
  const z = 1.959963984540054;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}
