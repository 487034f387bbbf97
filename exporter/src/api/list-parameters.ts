import type { z } from 'zod';
import { addDays, dayIn } from '../store/periods.ts';
import type { DayRange, Line } from '../store/lines.ts';
import { wholeNumber } from './parameters.ts';
import type { sparkline } from './schemas.ts';

/** What lists say beside the latest state. */
export const listParameters = {
  growth_days: wholeNumber(1, 3660).default(30).meta({ description: 'Over how many days the growth is.' }),
  sparkline_days: wholeNumber(0, 366)
    .default(0)
    .meta({ description: 'Of how many days the sparkline is; 0: there is none.' }),
};

/** The days of a sparkline, the current one included; null for none. */
export function sparklineRange(days: number, timezone: string): DayRange | null {
  const today = dayIn(timezone, new Date());
  return days === 0 ? null : { startDate: addDays(today, 1 - days), endDate: today };
}

/** Of sizes, of which every one is known. */
export function describeSparkline(line: Line | null): z.input<typeof sparkline> | null {
  if (line === null) return null;
  return { t: [...line.days], size_bytes: line.values.filter((value) => value !== null) };
}
