import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Alarm } from '../alarm.ts';
import { messageOf } from '../errors.ts';
import { endClaims, type EndedClaim } from '../store/claims.ts';
import { saveServerVersion } from '../store/instances.ts';
import { saveMeasurements, type MeasuredInstance } from '../store/measurements.ts';
import { ensurePartitions } from '../store/partitions.ts';
import { dayIn } from '../store/periods.ts';
import { inTransaction, isWorthRepeating } from '../store/pool.ts';
import type { Queue } from '../store/queue.ts';
import { saveStorage, type MeasuredStorage } from '../store/storage.ts';
import type { RepositoryWatch } from '../store/watch.ts';
import type { MeasuredServer } from './measure.ts';

/** A claim that has ended, with what was measured. */
export interface Result extends EndedClaim {
  readonly collectedAt: Date;
  /** Null: nothing was. */
  readonly measured: MeasuredServer | null;
}

export interface WriterContext {
  readonly pool: pg.Pool;
  readonly queue: Queue;
  readonly watch: RepositoryWatch;
  readonly timezone: string;
  readonly log: Logger;
  /** Called for each result that is stored. */
  readonly stored: (result: Result) => void;
  /** Called for each result of which not even a failure could be recorded: its lease runs out, and it is measured again. */
  readonly dropped: (result: Result) => void;
  /** Called for each session that ended with what was stored. */
  readonly ended: (sessionId: number) => void;
  /** Whether more results are to come. */
  readonly expectsMore: () => boolean;
}

/** Between two tries while the repository is away, where nobody tells when it is back. */
const outagePause = 250;

/** Most results that are written in one transaction. */
const batchLength = 64;

/** For so many results, or so many milliseconds, a transaction waits: each has a price, whatever it writes. */
const worthwhile = 32;
const gatherTime = 100;

/** How often a result is written that is refused because of what others did at that moment. */
const mostTries = 5;

/**
 * Writes results behind the measuring: what comes while a transaction is under way goes into the next one, and what comes
 * while the repository is away waits for it. Memory is bounded by the claims an exporter may hold.
 */
export class Writer {
  readonly #context: WriterContext;
  readonly #waiting: Result[] = [];
  readonly #gathered = new Alarm();
  #writing: Promise<void> | null = null;
  #stopped = false;
  /** The last day whose partitions are known to exist. */
  #preparedDate = '';

  constructor(context: WriterContext) {
    this.#context = context;
  }

  add(result: Result): void {
    this.#waiting.push(result);
    if (!this.#isGathering()) this.#gathered.ring();
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when everything is written; to be bounded by the caller. */
  async drained(): Promise<void> {
    await this.#writing;
  }

  /** Gives up what is not written: its leases run out, and it is measured again. @returns how many results that are */
  giveUp(): number {
    this.#stopped = true;
    this.#gathered.ring();
    return this.#waiting.length;
  }

  #isGathering(): boolean {
    return this.#waiting.length < worthwhile && this.#context.expectsMore();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) {
      if (this.#isGathering()) await this.#gathered.pause(gatherTime);
      await this.#context.watch.whenAvailable();
      const batch = this.#waiting.slice(0, batchLength);
      if (await this.#write(batch)) this.#waiting.splice(0, batch.length);
      else await delay(outagePause);
    }
  }

  /** @returns false when the repository is away and the batch has to wait */
  async #write(batch: readonly Result[]): Promise<boolean> {
    const refusal = await this.#tryToStore(batch);
    if (refusal === null || refusal === 'away') return refusal === null;
    // One of them is refused: alone, the others are not.
    for (const [index, result] of batch.entries()) {
      if (await this.#writeAlone(result)) continue;
      this.#waiting.splice(0, index);
      return false;
    }
    return true;
  }

  /** What is refused is recorded as a failure. @returns false when the repository is away */
  async #writeAlone(result: Result): Promise<boolean> {
    const { log, dropped } = this.#context;
    const { sessionId, instance } = result.claim;
    let refusal = await this.#tryToStore([result]);
    for (let tries = 1; refusal !== null && isWorthRepeating(refusal) && tries < mostTries; tries += 1) {
      await delay(outagePause * Math.random());
      refusal = await this.#tryToStore([result]);
    }
    if (refusal === null || refusal === 'away') return refusal === null;
    log.error({ err: refusal, session: sessionId, instance: instance.name }, 'a measurement could not be stored');
    const last = await this.#tryToStore([unstorable(result, refusal)]);
    if (last === 'away') return false;
    if (last !== null) {
      log.error({ err: last, session: sessionId, instance: instance.name }, 'a failure could not be recorded');
      dropped(result);
    }
    return true;
  }

  /** @returns null where it is done, 'away' where the repository is, else why it is refused */
  async #tryToStore(batch: readonly Result[]): Promise<null | 'away' | Error> {
    const { watch, stored, ended } = this.#context;
    try {
      for (const sessionId of await this.#store(batch)) ended(sessionId);
    } catch (error) {
      if (watch.saw(error)) return 'away';
      return error instanceof Error ? error : new Error(String(error));
    }
    batch.forEach(stored);
    return null;
  }

  async #store(batch: readonly Result[]): Promise<number[]> {
    const { pool, queue, timezone } = this.#context;
    const measured = batch.flatMap((result) => measuredInstanceOf(result, timezone)).sort(byInstance);
    for (const { collectedDate } of measured) await this.#preparePartitions(collectedDate);
    return inTransaction(pool, async (client) => {
      if (measured.length > 0) {
        await saveMeasurements(client, measured);
        await saveStorage(client, measured);
      }
      for (const { instanceId, serverVersion, knownVersion } of measured) {
        if (serverVersion !== knownVersion) await saveServerVersion(client, instanceId, serverVersion);
      }
      return endClaims(client, queue, batch);
    });
  }

  async #preparePartitions(date: string): Promise<void> {
    if (date === this.#preparedDate) return;
    await ensurePartitions(this.#context.pool, date);
    this.#preparedDate = date;
  }
}

interface WrittenInstance extends MeasuredInstance, MeasuredStorage {
  readonly serverVersion: string;
  readonly knownVersion: string | null;
}

function measuredInstanceOf({ claim, measured, collectedAt }: Result, timezone: string): WrittenInstance[] {
  if (measured === null) return [];
  const { databases, storage, serverVersion, failures } = measured;
  const unmeasured = failures.flatMap((failure) => failure.databaseName ?? []);
  const { id: instanceId, serverVersion: knownVersion } = claim.instance;
  const collectedDate = dayIn(timezone, collectedAt);
  return [{ instanceId, collectedDate, collectedAt, databases, unmeasured, storage, serverVersion, knownVersion }];
}

/** In one order, so that two exporters with the same instances never wait for each other. */
function byInstance(one: WrittenInstance, other: WrittenInstance): number {
  return one.instanceId - other.instanceId;
}

function unstorable(result: Result, error: unknown): Result {
  const what =
    result.measured === null ? 'the repository refused what came of it' : 'measured, but the repository refused it';
  const message = `${what}: ${messageOf(error)}`;
  const outcome = { databasesMeasured: 0, failures: [], warnings: [], error: { code: 'internal', message } };
  return { ...result, measured: null, outcome: { ...outcome, status: 'failed' } };
}
