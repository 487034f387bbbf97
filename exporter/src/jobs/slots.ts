import cronParser from 'cron-parser';
import { IANAZone } from 'luxon';

const hour = 3_600_000;

/**
 * When a cron expression is due, in a time zone. The expression names local times; each of them is due exactly once: one that
 * the clock skips (spring) as much later as the clock was moved, one that the clock shows twice (autumn) the first time.
 * The arithmetic on the calendar is done on local times as if they were UTC, where no hour is missing or doubled.
 */
export class DueTimes {
  readonly #expression: string;
  readonly #zone: IANAZone;

  /** @throws Error for an expression that is none */
  constructor(expression: string, timezone: string) {
    this.#expression = expression;
    this.#zone = IANAZone.create(timezone);
    cronParser.parseExpression(expression, { utc: true });
  }

  /** The newest so many due times after one moment, up to and including another; in order. */
  between(after: Date, until: Date, most = 1000): Date[] {
    const moved = this.#movedAround(after, until);
    const expression = this.#from(this.#localOf(until.getTime()) + moved + 1000);
    const first = this.#localOf(after.getTime()) - moved;
    const due = new Set<number>();
    for (let seen = 0; seen < most + moved / 1000; seen += 1) {
      const local = step(expression, 'prev');
      if (local === null || local < first) break;
      const moment = this.#momentOf(local);
      if (moment > after.getTime() && moment <= until.getTime()) due.add(moment);
    }
    return [...due]
      .sort((one, other) => one - other)
      .slice(-most)
      .map((moment) => new Date(moment));
  }

  /** The last due time up to and including a moment; null for an expression that has none. */
  last(until: Date): Date | null {
    // The rarest expression is 29 February, eight years apart around 1900 and 2100.
    for (const days of [2, 40, 400, 3000]) {
      const found = this.between(new Date(until.getTime() - days * 24 * hour), until, 1).at(-1);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Milliseconds from a due time to the next one. */
  intervalAfter(due: Date): number {
    const expression = this.#from(this.#localOf(due.getTime()));
    for (;;) {
      const local = step(expression, 'next');
      if (local === null) return Infinity;
      const moment = this.#momentOf(local);
      if (moment > due.getTime()) return moment - due.getTime();
    }
  }

  #from(local: number): cronParser.CronExpression {
    return cronParser.parseExpression(this.#expression, { currentDate: new Date(local), utc: true });
  }

  /** How far the zone's clock was moved around this time; 0 on most days. */
  #movedAround(after: Date, until: Date): number {
    let moved = 0;
    const last = until.getTime() + 26 * hour;
    // A year is longer than any time between two changes that matters for the margin.
    for (let at = Math.max(after.getTime() - 26 * hour, last - 400 * 24 * hour); at < last; at += 24 * hour) {
      moved = Math.max(moved, Math.abs(this.#offset(at + 24 * hour) - this.#offset(at)));
    }
    return moved;
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
    const before = this.#offset(local - 26 * hour);
    const after = this.#offset(local + 26 * hour);
    const candidates = [local - before, local - after].filter((moment) => this.#localOf(moment) === local);
    return candidates.length === 0 ? local - before : Math.min(...candidates);
  }
}

function step(expression: cronParser.CronExpression, direction: 'prev' | 'next'): number | null {
  try {
    return expression[direction]().getTime();
  } catch {
    // The library gives up after ten thousand steps: 30 February and its like.
    return null;
  }
}
