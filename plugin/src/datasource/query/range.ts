import { dateTimeForTimeZone, type TimeRange, type TimeZone } from '@grafana/data';

import type { Day } from '../../data/common';

/** How the days of the exporter and the moments of a dashboard relate: a day begins at midnight as the reader sees it. */
export interface QueryRange {
  readonly start_date: Day;
  readonly end_date: Day;
  /** From the first day until today. */
  readonly daysBack: number;
  timeOf(day: Day): number;
}

const millisecondsPerDay = 86_400_000;

export function queryRange(range: TimeRange, timeZone: TimeZone): QueryRange {
  const dayOf = (time: number) => dateTimeForTimeZone(timeZone, time).format('YYYY-MM-DD');
  const start = dayOf(range.from.valueOf());
  const today = Date.parse(dayOf(Date.now()));
  return {
    start_date: start,
    end_date: dayOf(range.to.valueOf()),
    daysBack: Math.max(1, Math.round((today - Date.parse(start)) / millisecondsPerDay)),
    timeOf: (day) => dateTimeForTimeZone(timeZone, day).valueOf(),
  };
}
