import { DateTime } from 'luxon';

/** ISO weeks (Monday to Sunday), calendar months and quarters. */
export type PeriodType = 'weekly' | 'monthly' | 'quarterly';

export const periodTypes: readonly PeriodType[] = ['weekly', 'monthly', 'quarterly'];

const units = { weekly: 'week', monthly: 'month', quarterly: 'quarter' } as const;

/** One period; days are YYYY-MM-DD, both included. */
export interface Period {
  readonly type: PeriodType;
  readonly start: string;
  readonly end: string;
}

/** The period that a day is in, or one some periods earlier or later. */
export function periodOf(type: PeriodType, day: string, offset = 0): Period {
  const unit = units[type];
  const start = DateTime.fromISO(day, { zone: 'UTC' })
    .startOf(unit)
    .plus({ [`${unit}s`]: offset });
  return { type, start: isoDay(start), end: isoDay(start.endOf(unit)) };
}

/** What PostgreSQL calls the period in date_trunc; its week is the ISO week too. */
export function truncationOf(type: PeriodType): string {
  return units[type];
}

/** The day that a moment falls on in a time zone, YYYY-MM-DD. */
export function dayIn(timezone: string, moment: Date): string {
  return isoDay(DateTime.fromJSDate(moment, { zone: timezone }));
}

/** The moment at which a day begins in a time zone. */
export function startOfDay(timezone: string, day: string): Date {
  return DateTime.fromISO(day, { zone: timezone }).startOf('day').toJSDate();
}

/** A day some days later, or earlier, but not before the year 1: the repository knows no year 0. */
export function addDays(day: string, days: number): string {
  const moved = DateTime.fromISO(day, { zone: 'UTC' }).plus({ days });
  return moved.year < 1 ? '0001-01-01' : isoDay(moved);
}

function isoDay(moment: DateTime): string {
  return moment.toFormat('yyyy-MM-dd');
}
