import { dateMath, makeTimeRange, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/** Of the URL: `from` and `to`, the last 30 days unless said. */
export function readRange(): TimeRange {
  const { from = 'now-30d', to = 'now' } = locationService.getSearchObject() as Record<string, string>;
  const start = dateMath.toDateTime(from, { roundUp: false });
  const end = dateMath.toDateTime(to, { roundUp: true });
  if (start === undefined || end === undefined) throw new Error(`${from} to ${to} is no range`);
  return { ...makeTimeRange(start, end), raw: { from, to } };
}
