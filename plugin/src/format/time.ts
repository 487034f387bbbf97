import {
  dateTimeFormat,
  dateTimeFormatTimeAgo,
  formattedValueToString,
  getTimeZone,
  getValueFormat,
} from '@grafana/data';

import { unknownValue } from './bytes';

const duration = getValueFormat('s');

/** In the reader's time zone and Grafana's date format. */
export function formatMoment(moment: string | null | undefined): string {
  return moment === null || moment === undefined ? unknownValue : dateTimeFormat(moment);
}

/** The name of the reader's time zone, in which `formatMoment` writes: `Europe/Berlin`. */
export function readerZone(): string {
  const zone = getTimeZone();
  if (zone === 'utc') return 'UTC';
  return zone === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
}

/** `3 hours ago` */
export function formatAgo(moment: string | null | undefined): string {
  return moment === null || moment === undefined ? unknownValue : dateTimeFormatTimeAgo(moment);
}

/** `107 ms`, `2.5 s`, `3 min` */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return unknownValue;
  return formattedValueToString(duration(seconds, seconds >= 1 && seconds < 10 ? 1 : 0));
}
