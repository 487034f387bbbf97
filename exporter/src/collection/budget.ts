import { DateTime } from 'luxon';
import type { Claim } from '../store/claims.ts';

/** How much of a server's time may go into being measured. */
export interface Budget {
  /** Most of the time between two scheduled measurements that measuring may take, in percent; 100: no pause. */
  readonly loadPercent: number;
  /** IANA zone of the quiet hours. */
  readonly timezone: string;
}

/** Why an instance is not to be measured now, in words for its record; null when it is. */
export function reasonToSkip(claim: Claim, budget: Budget, now: Date): string | null {
  if (!claim.instance.active) return 'it was deactivated after the run had begun';
  // Who names the instance knows what they do.
  if (claim.isNamed) return null;
  const quiet = claim.instance.quietHours.find((hours) => isWithin(hours, timeOfDay(now, budget.timezone)));
  if (quiet !== undefined)
    return `it has quiet hours (${quiet}): measured by the next run outside of them, or when it is named`;
  const scheduled = claim.trigger === 'schedule' || claim.trigger === 'startup';
  return scheduled ? reasonToPause(claim, budget, now) : null;
}

/** A server that took long to measure is left alone until the measuring is a small part of its time. */
function reasonToPause({ lastCost }: Claim, { loadPercent }: Budget, now: Date): string | null {
  if (lastCost === null) return null;
  const pause = lastCost.milliseconds * (100 / loadPercent - 1);
  const over = new Date(lastCost.finishedAt.getTime() + pause);
  if (over <= now) return null;
  const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
  return (
    `measuring took ${seconds(lastCost.milliseconds)}, so it is left alone for ${seconds(pause)} ` +
    `(at most ${loadPercent} % of its time), until ${over.toISOString()}`
  );
}

function timeOfDay(moment: Date, timezone: string): string {
  return DateTime.fromJSDate(moment, { zone: timezone }).toFormat('HH:mm');
}

/** `22:00-06:00` goes over midnight. */
function isWithin(hours: string, time: string): boolean {
  const [start = '', end = ''] = hours.split('-');
  return start <= end ? time >= start && time < end : time >= start || time < end;
}
