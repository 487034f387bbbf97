import { DateTime } from 'luxon';

/** A day of a time zone as Prometheus is asked for it. */
export interface DayWindow {
  /** YYYY-MM-DD */
  readonly date: string;
  /** The last millisecond of the day, in milliseconds since 1970. */
  readonly end: number;
  /** 23, 24 or 25 hours, in milliseconds. */
  readonly length: number;
}

const day = 86_400_000;

/** The days from one to another, both included. */
export function windowsOf(fromDay: string, toDay: string, timezone: string): DayWindow[] {
  const windows: DayWindow[] = [];
  const last = DateTime.fromISO(toDay, { zone: timezone });
  for (let start = DateTime.fromISO(fromDay, { zone: timezone }); start <= last;) {
    const next = start.plus({ days: 1 }).startOf('day');
    windows.push({
      date: start.toFormat('yyyy-MM-dd'),
      end: next.toMillis() - 1,
      length: next.toMillis() - start.toMillis(),
    });
    start = next;
  }
  return windows;
}

/**
 * Days that one query with a step of 24 hours answers: of one length, each ending 24 hours after the one before. Where the
 * clock is moved, a new group begins.
 * @param most days in a group
 */
export function groupWindows(windows: readonly DayWindow[], most: number): DayWindow[][] {
  const groups: DayWindow[][] = [];
  for (const window of windows) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const continues = before?.length === window.length && before.end + day === window.end;
    if (group !== undefined && continues && group.length < most) group.push(window);
    else groups.push([window]);
  }
  return groups;
}
