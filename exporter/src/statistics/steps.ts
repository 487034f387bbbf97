import { median } from './median.ts';

/** A size on a day; days are YYYY-MM-DD in order. */
export interface DailySize {
  readonly collectedDate: string;
  readonly sizeBytes: number;
}

/** A change of size that the history of the database before it does not explain: a purge, a bulk load. */
export interface StepChange {
  /** The first day with the new size. */
  readonly date: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly changeBytes: number;
  /** What was to be expected from the median daily change. */
  readonly expectedBytes: number;
  /** The modified z-score; null where the history has no spread at all. */
  readonly score: number | null;
}

/** How far back the history reaches that a change is held against, in measured days. */
const historyLength = 90;
/** With fewer changes before it nothing is called unusual. */
const leastHistory = 7;
/** Iglewicz and Hoaglin's limit for an outlier. */
const outlier = 3.5;
/** How many times the largest change seen before it has to be: what comes every week is no surprise. */
const beyondLargest = 1.5;
/** Smaller ones are of no interest to anybody, however regular the rest is. */
export const leastShare = 0.01;
export const leastBytes = 1_048_576;

/**
 * Finds the steps in the history of one database. Each change is held against the changes before it only, so that a later
 * measurement never takes a mark away.
 *
 * The measure is the modified z-score of B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers" (ASQC, 1993):
 * 0.6745 (x - median) / MAD, an outlier beyond 3.5; where more than half of the changes are equal and MAD is 0, the mean
 * absolute deviation takes its place: (x - median) / (1.253314 MeanAD). Median and MAD keep earlier steps from hiding later
 * ones. Over a gap of n days the expected change is n medians, and the spread grows with the root of n.
 *
 * In addition a step is at least 1.5 times the largest change in its direction among those before it (a weekly load is
 * explained by the week before), and at least 1 MiB and 1 % of the size.
 */
export function findSteps(series: readonly DailySize[]): StepChange[] {
  const steps: StepChange[] = [];
  const daily: number[] = [];
  const changes: number[] = [];
  for (const [index, { collectedDate, sizeBytes }] of series.entries()) {
    const before = series[index - 1];
    if (before === undefined) continue;
    const days = (Date.parse(collectedDate) - Date.parse(before.collectedDate)) / 86_400_000;
    const change = sizeBytes - before.sizeBytes;
    const step = judge(change, days, before.sizeBytes, daily, changes);
    if (step !== null) {
      steps.push({
        date: collectedDate,
        beforeBytes: before.sizeBytes,
        afterBytes: sizeBytes,
        changeBytes: change,
        ...step,
      });
    }
    daily.push(change / days);
    changes.push(change);
    if (daily.length > historyLength) {
      daily.shift();
      changes.shift();
    }
  }
  return steps;
}

function judge(
  change: number,
  days: number,
  sizeBefore: number,
  daily: readonly number[],
  changes: readonly number[],
): { expectedBytes: number; score: number | null } | null {
  if (daily.length < leastHistory) return null;
  if (Math.abs(change) < Math.max(leastBytes, leastShare * sizeBefore)) return null;
  const sameDirection = changes.filter((other) => Math.sign(other) === Math.sign(change)).map(Math.abs);
  if (Math.abs(change) < beyondLargest * Math.max(0, ...sameDirection)) return null;
  const middle = median(daily);
  const expectedBytes = Math.round(middle * days);
  const scale = scaleOf(daily, middle) * Math.sqrt(days);
  const score = scale === 0 ? null : (change - expectedBytes) / scale;
  if (score === null ? change === expectedBytes : Math.abs(score) <= outlier) return null;
  return { expectedBytes, score };
}

/** The spread that a z-score divides by. */
function scaleOf(values: readonly number[], middle: number): number {
  const deviations = values.map((value) => Math.abs(value - middle));
  const mad = median(deviations);
  if (mad > 0) return mad / 0.6745;
  return (1.253314 * deviations.reduce((sum, deviation) => sum + deviation, 0)) / deviations.length;
}
