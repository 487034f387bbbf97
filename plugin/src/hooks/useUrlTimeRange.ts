import { makeTimeRange, dateMath, dateTime, type RawTimeRange, type TimeRange } from '@grafana/data';
import { useMemo } from 'react';

import type { Day } from '../data/common';
import { daysOf } from '../format/days';
import { text } from './urlCodecs';
import { useUrlState } from './useUrlState';

/** Names as Grafana's own, so that links between pages and dashboards keep the range. */
const lastThirtyDays = { from: text('now-30d'), to: text('now') };

interface UrlTimeRange {
  /** For `TimeRangePicker`. */
  readonly range: TimeRange;
  /** For the API. */
  readonly days: { readonly start_date: Day; readonly end_date: Day };
  setRange(raw: RawTimeRange): void;
}

/** The range of a page, in the URL: the last 30 days unless said. */
export function useUrlTimeRange(codecs = lastThirtyDays): UrlTimeRange {
  const [{ from, to }, change] = useUrlState(codecs);

  return useMemo(() => {
    const range = resolve(from, to) ?? resolve('now-30d', 'now');
    if (range === null) throw new Error('now-30d and now are a range');
    return {
      range,
      days: daysOf(range),
      setRange: (raw) => change({ from: written(raw.from), to: written(raw.to) }),
    };
  }, [from, to, change]);
}

function resolve(from: string, to: string): TimeRange | null {
  const start = moment(from, false);
  const end = moment(to, true);
  if (start === undefined || end === undefined || end.isBefore(start)) return null;
  const range = makeTimeRange(start, end);
  return { ...range, raw: { from: isRelative(from) ? from : start, to: isRelative(to) ? to : end } };
}

function moment(value: string, roundUp: boolean) {
  const parsed = isRelative(value)
    ? dateMath.toDateTime(value, { roundUp })
    : dateTime(/^\d+$/.test(value) ? Number(value) : value);
  return parsed?.isValid() === true ? parsed : undefined;
}

const isRelative = (value: string) => value.startsWith('now');

const written = (value: RawTimeRange['from']) => (typeof value === 'string' ? value : String(value.valueOf()));
