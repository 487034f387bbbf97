import { dateTime, type TimeRange } from '@grafana/data';

import type { Day } from '../data/common';

const millisecondsPerDay = 86_400_000;

/**
 * Days have no time zone: the exporter has decided what a day is. Charts place them at midnight UTC and are drawn in
 * UTC, so that a day reads the same wherever the reader sits.
 */
export const chartTimeZone = 'utc';

export function dayToTime(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function timeToDay(time: number): Day {
  return new Date(time).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return timeToDay(dayToTime(day) + days * millisecondsPerDay);
}

/** The days whose midnight, where they are drawn, lies within a part of a chart; at least one. */
export function daysBetween(from: number, to: number): { start: Day; end: Day } {
  const start = timeToDay(from + millisecondsPerDay - 1);
  const end = timeToDay(to);
  return start <= end ? { start, end } : { start: end, end };
}

/** The reader's calendar days that a picked range touches, both included. */
export function daysOf(range: TimeRange): { start_date: Day; end_date: Day } {
  return { start_date: range.from.format('YYYY-MM-DD'), end_date: range.to.format('YYYY-MM-DD') };
}

/**
 * For a chart that spans these days. A day is drawn around its midnight, so half a day is left at both edges: bars and the
 * labels of the axis are whole there.
 */
export function chartRange(start: Day, end: Day): TimeRange {
  const from = dateTime(dayToTime(start) - millisecondsPerDay / 2).utc();
  const to = dateTime(dayToTime(end) + millisecondsPerDay / 2).utc();
  return { from, to, raw: { from, to } };
}
