import { DateTime } from 'luxon';

/** A day of the demonstration, with what its loads go by. */
export interface DemonstrationDay {
  /** YYYY-MM-DD in the configured time zone. */
  readonly date: string;
  /** Days since the demonstration began. */
  readonly index: number;
  /** 1 is Monday. */
  readonly weekday: number;
  readonly dayOfMonth: number;
  readonly daysInMonth: number;
  /** When the nightly collection began. */
  readonly collectedAt: Date;
}

/** The hour of the nightly collection, as in the default schedule. */
const collectionHour = 3;

/** The days from the first to the last, both included. */
export function daysOf(firstDay: string, lastDay: string, timezone: string): DemonstrationDay[] {
  const days: DemonstrationDay[] = [];
  let day = DateTime.fromISO(firstDay, { zone: timezone });
  const last = DateTime.fromISO(lastDay, { zone: timezone });
  for (let index = 0; day <= last; index += 1, day = day.plus({ days: 1 })) {
    days.push({
      date: day.toFormat('yyyy-MM-dd'),
      index,
      weekday: day.weekday,
      dayOfMonth: day.day,
      daysInMonth: day.daysInMonth ?? 30,
      collectedAt: day.set({ hour: collectionHour }).toJSDate(),
    });
  }
  return days;
}

/** The last day whose nightly collection is over at that moment. */
export function lastCollectedDay(now: Date, timezone: string): string {
  const moment = DateTime.fromJSDate(now, { zone: timezone });
  // The collection of the whole fleet takes some minutes.
  const isOver = moment > moment.startOf('day').set({ hour: collectionHour, minute: 30 });
  return (isOver ? moment : moment.minus({ days: 1 })).toFormat('yyyy-MM-dd');
}

/** The day some days before another, YYYY-MM-DD. */
export function daysBefore(day: string, days: number): string {
  return DateTime.fromISO(day, { zone: 'UTC' }).minus({ days }).toFormat('yyyy-MM-dd');
}
