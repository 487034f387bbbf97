import { readSizePoints, type DatabasePoints, type SizePointsQuery } from '../store/forecast.ts';
import { addDays } from '../store/periods.ts';
import type { Queryable } from '../store/pool.ts';
import { fitLine, type Line } from './line.ts';

/** Where a database is going, if it goes on as it did. */
export interface Forecast extends Omit<DatabasePoints, 'points' | 'fromDate'> {
  /** The days of the first and the last size that it rests on, YYYY-MM-DD. */
  readonly fromDate: string;
  readonly toDate: string;
  readonly points: number;
  /** Bulk loads and purges in between, which are no part of the trend. */
  readonly steps: number;
  readonly changeBytesPerDay: number;
  /** How well a straight line describes it, 0 to 1. */
  readonly rSquared: number;
  /**
   * When the limit is reached; null where there is no limit, the database is not growing beyond doubt (95 %), or it takes longer
   * than ten years.
   */
  readonly fullAt: Date | null;
  /** The last of these days is `toDate`. */
  readonly line: Line;
  readonly lastDay: number;
}

export interface Prediction {
  /** YYYY-MM-DD, in the order of time. */
  readonly days: string[];
  readonly sizeBytes: number[];
  /** The size is between these with 95 % probability. */
  readonly lowBytes: number[];
  readonly highBytes: number[];
}

/** With a shorter history nothing is said. */
const leastDays = 21;
/** Predicted are the last day and every seventh one before it. */
const daysBetweenPredictions = 7;
const millisecondsPerDay = 86_400_000;
const farthest = 10 * 365.25;

/**
 * Forecasts of databases that are there, on active instances, ordered by instance and name within 100 instances each; those
 * with fewer than four weekly sizes or 21 days of history are absent. Instances come in portions: the process stays responsive
 * while a fleet of 50 000 databases is computed.
 */
export async function readForecasts(
  client: Queryable,
  query: Pick<SizePointsQuery, 'today'> & Partial<SizePointsQuery>,
): Promise<Forecast[]> {
  const forecasts: Forecast[] = [];
  // The same hundred days over and over.
  const dates = new Map<number, string>();
  for await (const databases of readSizePoints(client, { days: 90, instanceIds: null, databaseName: null, ...query })) {
    for (const database of databases) {
      const forecast = forecastOf(database, (day) => {
        const date = dates.get(day) ?? addDays(database.fromDate, day);
        dates.set(day, date);
        return date;
      });
      if (forecast !== null) forecasts.push(forecast);
    }
  }
  return forecasts;
}

/** Null when there is too little history. */
function forecastOf(database: DatabasePoints, dateOf: (day: number) => string): Forecast | null {
  const { points, ...rest } = database;
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.day - first.day < leastDays) return null;
  const line = fitLine(points);
  if (line === null) return null;
  return {
    ...rest,
    fromDate: dateOf(first.day),
    toDate: dateOf(last.day),
    points: line.points,
    steps: line.steps,
    changeBytesPerDay: line.bytesPerDay,
    rSquared: line.rSquared,
    fullAt: fullAt(rest, line),
    line,
    lastDay: last.day,
  };
}

function fullAt(
  { sizeBytes, limitBytes, collectedAt }: Pick<DatabasePoints, 'sizeBytes' | 'limitBytes' | 'collectedAt'>,
  { bytesPerDay, bytesPerDayMargin }: Line,
): Date | null {
  if (limitBytes === null || bytesPerDay <= bytesPerDayMargin) return null;
  const days = Math.max(0, limitBytes - sizeBytes) / bytesPerDay;
  return days > farthest ? null : new Date(collectedAt.getTime() + days * millisecondsPerDay);
}

/** The sizes of the coming days: the line, from the size of today on. */
export function predict(forecast: Forecast, horizonDays: number): Prediction {
  const prediction: Prediction = { days: [], sizeBytes: [], lowBytes: [], highBytes: [] };
  const { sizeBytes, line, lastDay, toDate } = forecast;
  for (let ahead = horizonDays % daysBetweenPredictions; ahead <= horizonDays; ahead += daysBetweenPredictions) {
    if (ahead === 0) continue;
    const expected = sizeBytes + line.bytesPerDay * ahead;
    const margin = line.margin(lastDay + ahead);
    prediction.days.push(addDays(toDate, ahead));
    prediction.sizeBytes.push(wholeBytes(expected));
    prediction.lowBytes.push(wholeBytes(expected - margin));
    prediction.highBytes.push(wholeBytes(expected + margin));
  }
  return prediction;
}

/** Within what every reader of JSON keeps exact. */
function wholeBytes(bytes: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(bytes)));
}
