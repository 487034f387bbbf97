import cronParser from 'cron-parser';
import { IANAZone } from 'luxon';

const hour = 3_600_000;
const day = 24 * hour;

/** The rarest expression is 29 February, which comes after eight years around 1900 and 2100. */
const mostDays = 8 * 366;

/** How much a clock may be moved: a whole day where a country changed the side of the date line. */
const mostMoved = day;

/**
 * When a cron expression is due, in a time zone. The expression names local times; each of them is due exactly once: one that
 * the clock skips (spring) as much later as the clock was moved, one that the clock shows twice (autumn) the first time.
 * The arithmetic on the calendar is done on local times as if they were UTC, where no hour is missing or doubled.
 */
export class DueTimes {
  readonly #zone: IANAZone;
  readonly #isDueOn: (localDay: Date) => boolean;
  /** Milliseconds after midnight, in order. */
  readonly #timesOfDay: readonly number[];

  /** @throws Error for an expression that is none */
  constructor(expression: string, timezone: string) {
    const { second, minute, hour: hours, dayOfMonth, month, dayOfWeek } = fieldsOf(expression);
    this.#zone = IANAZone.create(timezone);
    // As in every cron: where both kinds of day are given, one of them is enough.
    const eitherDay = dayOfMonth.length < 31 && dayOfWeek.length < 7;
    this.#isDueOn = (localDay) => {
      const inMonth = dayOfMonth.includes(localDay.getUTCDate());
      const inWeek = dayOfWeek.includes(localDay.getUTCDay());
      return month.includes(localDay.getUTCMonth() + 1) && (eitherDay ? inMonth || inWeek : inMonth && inWeek);
    };
    this.#timesOfDay = hours.flatMap((h) => minute.flatMap((m) => second.map((s) => h * hour + m * 60_000 + s * 1000)));
  }

  /** The newest so many due times after one moment, up to and including another; in order. */
  between(after: Date, until: Date, most = 1000): Date[] {
    const moved = this.#movedAround(after.getTime(), until.getTime());
    const first = this.#localOf(after.getTime()) - moved;
    const due = new Set<number>();
    // Where the clock was moved, they do not come in order.
    let enough = -Infinity;
    for (const local of this.#backFrom(this.#localOf(until.getTime()) + moved)) {
      if (local < first || local < enough) break;
      const moment = this.#momentOf(local);
      if (moment > after.getTime() && moment <= until.getTime()) due.add(moment);
      if (due.size === most && enough === -Infinity) enough = local - moved;
    }
    return [...due]
      .sort((one, other) => one - other)
      .slice(-most)
      .map((moment) => new Date(moment));
  }

  /** The last due time up to and including a moment; null for an expression that has none. */
  last(until: Date): Date | null {
    for (const days of [2, 40, 400, mostDays]) {
      const found = this.between(new Date(until.getTime() - days * day), until, 1).at(-1);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The first due time after a moment; null where none comes within eight years. */
  next(after: Date): Date | null {
    const interval = this.intervalAfter(after);
    return interval === Infinity ? null : new Date(after.getTime() + interval);
  }

  /** Milliseconds from a moment to the next due time. */
  intervalAfter(due: Date): number {
    const from = this.#localOf(due.getTime()) - this.#movedAround(due.getTime());
    for (let localDay = midnight(from), days = 0; days <= mostDays; localDay += day, days += 1) {
      if (!this.#isDueOn(new Date(localDay))) continue;
      for (const time of this.#timesOfDay) {
        if (localDay + time < from) continue;
        const moment = this.#momentOf(localDay + time);
        if (moment > due.getTime()) return moment - due.getTime();
      }
    }
    return Infinity;
  }

  /** Local times that are due, from one on into the past. */
  *#backFrom(local: number): Generator<number> {
    for (let localDay = midnight(local), days = 0; days <= mostDays; localDay -= day, days += 1) {
      if (!this.#isDueOn(new Date(localDay))) continue;
      for (let index = this.#timesOfDay.length - 1; index >= 0; index -= 1) {
        const time = localDay + (this.#timesOfDay[index] ?? 0);
        if (time <= local) yield time;
      }
    }
  }

  /** How far the zone's clock was moved around two moments; 0 on most days. */
  #movedAround(...moments: readonly number[]): number {
    const moved = moments.map((moment) => this.#offset(moment + mostMoved) - this.#offset(moment - mostMoved));
    return Math.max(...moved.map(Math.abs));
  }

  #offset(moment: number): number {
    return this.#zone.offset(moment) * 60_000;
  }

  /** What the zone's clock shows, as if it were UTC. */
  #localOf(moment: number): number {
    return moment + this.#offset(moment);
  }

  /** The moment at which the zone's clock shows this. */
  #momentOf(local: number): number {
    const before = this.#offset(local - mostMoved);
    const after = this.#offset(local + mostMoved);
    if (before === after) return local - before;
    const candidates = [local - before, local - after].filter((moment) => this.#localOf(moment) === local);
    return candidates.length === 0 ? local - before : Math.min(...candidates);
  }
}

function midnight(local: number): number {
  return Math.floor(local / day) * day;
}

/** The values of each field. @throws Error where they are not plain numbers, as with L */
function fieldsOf(expression: string): Record<keyof cronParser.CronFields, number[]> {
  const { fields } = cronParser.parseExpression(expression, { utc: true });
  const numbers = (name: keyof cronParser.CronFields): number[] =>
    fields[name].map((value) => {
      if (typeof value === 'number') return value;
      throw new Error(`${name}: only numbers, names, ranges and steps are understood`);
    });
  return {
    second: numbers('second'),
    minute: numbers('minute'),
    hour: numbers('hour'),
    dayOfMonth: numbers('dayOfMonth'),
    month: numbers('month'),
    // Sunday is 0 and 7.
    dayOfWeek: [...new Set(numbers('dayOfWeek').map((weekday) => weekday % 7))],
  };
}
