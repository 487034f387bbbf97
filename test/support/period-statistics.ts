/** One day of one database, as the tests know it. */
export interface Day {
  readonly databaseName: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly sizeBytes: number;
  readonly dataBytes: number | null;
  readonly logBytes: number | null;
}

export type Period = 'weekly' | 'monthly' | 'quarterly';

const dayLength = 86_400_000;
const millisecondsOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const dateOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** First and last day of the period that holds a day: Monday to Sunday, or whole months. */
export function boundsOf(date: string, period: Period): { start: string; end: string } {
  const moment = millisecondsOf(date);
  if (period === 'weekly') {
    const monday = moment - ((new Date(moment).getUTCDay() + 6) % 7) * dayLength;
    return { start: dateOf(monday), end: dateOf(monday + 6 * dayLength) };
  }
  const [year = 0, month = 0] = date.split('-').map(Number);
  const length = period === 'monthly' ? 1 : 3;
  const first = month - 1 - ((month - 1) % length);
  return { start: dateOf(Date.UTC(year, first, 1)), end: dateOf(Date.UTC(year, first + length, 1) - dayLength) };
}

/** The mean of whole numbers, rounded half up, without the rounding of floating point. */
function exactMean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  const count = BigInt(values.length);
  return Number((2n * sum + count) / (2n * count));
}

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const largest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
const smallest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values));

/** The statistics of the days, newest period first: the slow and plain way. */
export function statisticsOf(days: readonly Day[], period: Period) {
  const groups = new Map<string, Day[]>();
  for (const day of days) {
    const key = JSON.stringify([boundsOf(day.date, period).start, day.databaseName]);
    groups.set(key, [...(groups.get(key) ?? []), day]);
  }
  return [...groups.entries()].map(([key, group]) => {
    const [start = '', databaseName = ''] = JSON.parse(key) as string[];
    const sizes = group.map((day) => day.sizeBytes);
    const data = known(group.map((day) => day.dataBytes));
    const logs = known(group.map((day) => day.logBytes));
    return {
      databaseName,
      periodStart: start,
      periodEnd: boundsOf(start, period).end,
      averageSizeBytes: exactMean(sizes) ?? 0,
      maximumSizeBytes: Math.max(...sizes),
      minimumSizeBytes: Math.min(...sizes),
      dataCount: group.length,
      averageDataBytes: exactMean(data),
      maximumDataBytes: largest(data),
      minimumDataBytes: smallest(data),
      averageLogBytes: exactMean(logs),
      maximumLogBytes: largest(logs),
      minimumLogBytes: smallest(logs),
    };
  });
}
