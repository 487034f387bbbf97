import type pg from 'pg';
import type { Logger } from 'pino';
import { Alarm } from '../alarm.ts';
import { messageOf } from '../errors.ts';
import { isRepositoryOutage, type Queryable } from './pool.ts';

/** Milliseconds between two looks at a repository that does not answer: doubled up to the last. */
const firstPause = 1_000;
const longestPause = 15_000;

/** One that goes again before it was there for so long answers, but cannot do its work: the pauses grow on. */
const steady = 60_000;

/**
 * Whether the repository answers. Whoever sees that it does not says so here and waits here; one of them all looks for it
 * and writes one log line a look.
 */
export class RepositoryWatch {
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #alarm = new Alarm();
  #stopped = false;
  #outage: { readonly reason: string; readonly since: number; readonly over: Promise<void> } | null = null;
  #availableSince = Date.now();
  /** Before the next look; where the outage before this one ended long ago, the first. */
  #pause = firstPause;

  constructor(pool: pg.Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  /** Why the repository is not available; null when it is, as far as is known. */
  get reason(): string | null {
    return this.#outage?.reason ?? null;
  }

  /** For how long it has been there, in milliseconds; 0 during an outage. */
  availableFor(): number {
    return this.#outage === null ? Date.now() - this.#availableSince : 0;
  }

  /** @returns whether the error was an outage, which from now on is looked after */
  saw(error: unknown): boolean {
    if (!isRepositoryOutage(error)) return false;
    this.#outage ??= { reason: messageOf(error), since: Date.now(), over: this.#lookForIt(messageOf(error)) };
    return true;
  }

  /** Resolves when the repository is there, or when the watch is stopped. */
  async whenAvailable(): Promise<void> {
    await this.#outage?.over;
  }

  /** Ends all waiting, now and later. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm.ring();
    await this.#outage?.over;
  }

  async #lookForIt(reason: string): Promise<void> {
    const since = Date.now();
    if (since - this.#availableSince > steady) this.#pause = firstPause;
    while (!this.#stopped) {
      const pause = this.#pause;
      this.#pause = Math.min(pause * 2, longestPause);
      this.#log.warn(
        { reason, secondsDown: seconds(since), secondsToNextTry: pause / 1000 },
        'the repository does not answer',
      );
      await this.#alarm.pause(pause);
      try {
        await assertWritable(this.#pool);
        this.#log.info({ secondsDown: seconds(since) }, 'the repository answers again');
        this.#outage = null;
        this.#availableSince = Date.now();
        return;
      } catch (error) {
        reason = messageOf(error);
      }
    }
  }
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

/** @throws Error when the repository is not there, or can only be read: a standby, or a server in maintenance */
async function assertWritable(client: Queryable): Promise<void> {
  const { rows } = await client.query<{ readOnly: boolean }>(
    `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly"`,
  );
  if (rows[0]?.readOnly === true) throw new Error('it can only be read');
}
