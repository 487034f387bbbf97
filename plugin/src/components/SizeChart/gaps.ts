import type { Day } from '../../data/common';
import { addDays, dayToTime } from '../../format/days';

const millisecondsPerDay = 86_400_000;

/** What the API gives a line at most unless a page says more; a longer one it thins out. */
const mostPoints = 1000;

/** Into how many stretches it then cuts the days between the first and the last; two days of each are kept. */
const stretches = (mostPoints - 2) / 2;

const distance = (from: Day, to: Day): number => (dayToTime(to) - dayToTime(from)) / millisecondsPerDay;

/**
 * How many days two neighbours of a line are apart at most, where nothing is missing between them.
 * @param t the days of the line, in the order of time
 * @param stepDays from one measurement to the next
 */
export function reachOf(t: readonly Day[], stepDays: number): number {
  const [first, last] = [t[0], t.at(-1)];
  if (first === undefined || last === undefined) return stepDays;
  const days = distance(first, last);
  // Of a line that is not thinned out every measured day is there, and one that is has a day of each stretch at least.
  const isThinned = days >= mostPoints && t.length > stretches;
  return isThinned ? Math.max(stepDays, 2 * Math.ceil(days / stretches)) : stepDays;
}

/**
 * The days of a chart, and in each gap the first day that was missed: a line ends there and does not lead across days that
 * nobody measured. It is a whole step away, because bars are as wide as the smallest distance leaves room for.
 * @param days in the order of time
 * @param reach days that neighbours are apart at most
 * @param stepDays from one measurement to the next
 */
export function withGaps(days: readonly Day[], reach: number, stepDays: number): Day[] {
  return days.flatMap((day, index) => {
    const next = days[index + 1];
    return next === undefined || distance(day, next) <= reach ? [day] : [day, addDays(day, stepDays)];
  });
}

/**
 * The values of a line on the days of its chart: null where it has none, and undefined, which a line goes on across, on
 * days of other lines between two neighbours of its own.
 */
export function alignValues(
  days: readonly Day[],
  { t, values }: { readonly t: readonly Day[]; readonly values: readonly (number | null)[] },
  reach: number,
): (number | null | undefined)[] {
  let at = 0;
  return days.map((day) => {
    while (at < t.length && (t[at] ?? '') < day) at += 1;
    if (t[at] === day) return values[at] ?? null;
    const [before, after] = [t[at - 1], t[at]];
    return before !== undefined && after !== undefined && distance(before, after) <= reach ? undefined : null;
  });
}
