import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Alarm } from '../alarm.ts';
import { madeStorable } from '../config/text.ts';
import { messageOf, TidemarkError, type ErrorCode } from '../errors.ts';
import { claimInstances, isNamedBySomebody, releaseClaims, type Claim } from '../store/claims.ts';
import { removeExporter } from '../store/exporters.ts';
import type { RecordOutcome } from '../store/records.ts';
import { findSession, isSessionRunning } from '../store/sessions.ts';
import { reasonToSkip, type Budget } from './budget.ts';
import type { WorkerContext } from './context.ts';
import { Keeper } from './keeper.ts';
import { measureInstance, type MeasuredServer } from './measure.ts';
import { logOutcome } from './progress.ts';
import { Writer, type Result } from './writer.ts';

/** Faults that may be over in a moment. A mute server is none: it has cost a whole deadline already. */
const passingFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'connection_refused',
  'connection_lost',
  'too_many_connections',
]);

/** A claim that is held, and what ends its measuring. */
interface Held {
  readonly claim: Claim;
  readonly ending: AbortController;
  state: 'waiting' | 'connecting' | 'measuring' | 'measured';
}

/** Results that wait to be written, as a multiple of what is measured at the same time: more, and nothing new is begun. */
const mostUnwritten = 8;

/** Instances that wait within an exporter, as a multiple of what is measured at the same time. The others could have them. */
const waitingShare = 1;

/** Free room that is worth a look into the queue, as a share of what is measured at the same time: each look has a price. */
const worthwhileShare = 5 / 8;

/** Measures the instances that are in the queue, this exporter's share of them, and stores what they say. */
export class Worker {
  readonly #context: WorkerContext;
  readonly #budget: Budget;
  /** What this exporter answers for, from the claim until it is stored: the bound of its memory. */
  readonly #held = new Map<string, Held>();
  readonly #slots: ReturnType<typeof pLimit>;
  #concurrency: number;
  readonly #name = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #writer: Writer;
  readonly #keeper: Keeper;
  readonly #alarm = new Alarm();
  #loop: Promise<void> | null = null;
  /** The queue was found empty: nothing is looked for before this moment. */
  #emptyUntil = 0;
  #wakes = 0;
  #stopping = false;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#budget = context;
    this.#concurrency = context.concurrency;
    this.#slots = pLimit(context.concurrency);
    this.#writer = new Writer({
      ...context,
      stored: (result) => this.#stored(result),
      dropped: ({ claim }) => this.#letGo(claim),
      ended: (sessionId) => void this.#logSession(sessionId),
      expectsMore: () => this.#unmeasured() > 0 && Date.now() >= this.#emptyUntil,
    });
    this.#keeper = new Keeper(context, this.#name, {
      claims: () => [...this.#held.values()].map(({ claim }) => claim),
      end: (queueJobId) => this.#end(queueJobId),
    });
  }

  async start(): Promise<void> {
    await this.#keeper.start();
    this.#loop ??= this.#work();
  }

  /** Instances measured at the same time from now on; what is being measured goes on. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#slots.concurrency = concurrency;
    this.wake();
  }

  /** Looks into the queue now. */
  wake(): void {
    this.#wakes += 1;
    this.#emptyUntil = 0;
    this.#alarm.ring();
  }

  /** Ends what is measured for a session that was cancelled, without waiting for the next sign of life. */
  cancel(sessionId: number): void {
    for (const { claim, ending } of this.#held.values()) if (claim.sessionId === sessionId) ending.abort();
  }

  /** @returns whether it was being measured until now */
  #end(queueJobId: string): boolean {
    const held = this.#held.get(queueJobId);
    if (held === undefined || held.ending.signal.aborted) return false;
    held.ending.abort();
    return true;
  }

  /** Takes nothing more, finishes what runs within so many milliseconds, and gives back the rest. */
  async stop(patience = this.#context.deadlines.shutdown): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#loop;
    await this.#giveBack([...this.#held.values()].filter((held) => held.state === 'waiting'));
    const inTime = this.#held.size === 0 || (await within(patience, () => this.#settled()));
    if (!inTime) {
      const unfinished = [...this.#held.values()];
      for (const { ending } of unfinished) ending.abort();
      await this.#giveBack(unfinished);
      const unwritten = this.#writer.giveUp();
      this.#context.log.warn(
        { instances: unfinished.length, unwritten },
        'stopped before all was measured: others take it over',
      );
    }
    await this.#keeper.stop();
    await removeExporter(this.#context.pool, this.#name).catch(() => undefined);
  }

  async #settled(): Promise<void> {
    while (this.#held.size > 0) {
      await this.#alarm.pause(1000);
      await this.#writer.drained();
    }
  }

  async #giveBack(held: readonly Held[]): Promise<void> {
    const { pool, queue, log, watch } = this.#context;
    const claims = held.map(({ claim }) => claim);
    for (const { queueJobId } of claims) this.#held.delete(queueJobId);
    // Without the repository the leases run out by themselves.
    if (watch.reason !== null) return;
    await releaseClaims(pool, queue, claims).catch((error: unknown) => {
      log.warn(`instances could not be given back, their leases run out: ${messageOf(error)}`);
    });
  }

  /** A method, because the answer changes while somebody waits. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  async #work(): Promise<void> {
    const { watch, deadlines, log } = this.#context;
    while (!this.#isStopping()) {
      await watch.whenAvailable();
      let claimed = 0;
      const room = this.#room();
      if (room >= Math.ceil(this.#concurrency * worthwhileShare)) {
        try {
          const wakes = this.#wakes;
          claimed = await this.#claim(room);
          if (claimed === 0 && wakes === this.#wakes) this.#emptyUntil = Date.now() + deadlines.instancePoll;
        } catch (error) {
          if (!watch.saw(error)) {
            log.error({ err: error }, 'the queue of instances could not be read');
            await this.#alarm.pause(deadlines.lease / 3);
          }
        }
      }
      if (claimed === 0 && !this.#isStopping()) await this.#alarm.pause(deadlines.instancePoll);
    }
  }

  /** Instances that are held and not measured yet. */
  #unmeasured(): number {
    let count = 0;
    for (const { state } of this.#held.values()) if (state !== 'measured') count += 1;
    return count;
  }

  /** How many more may be claimed. */
  #room(): number {
    const concurrency = this.#concurrency;
    const unmeasured = this.#unmeasured();
    if (this.#held.size - unmeasured >= concurrency * mostUnwritten || Date.now() < this.#emptyUntil) return 0;
    // Some more than are measured at a time, so that a slot that gets free is not empty while the queue is asked.
    return concurrency + Math.ceil(concurrency * waitingShare) - unmeasured;
  }

  async #claim(count: number): Promise<number> {
    const { pool, queue, deadlines, connectionsPerHost } = this.#context;
    if (this.#held.size === 0 && !(await isSessionRunning(pool))) return 0;
    const options = { count, exporter: this.#name, leaseMilliseconds: deadlines.lease, connectionsPerHost };
    const claims = await claimInstances(pool, queue, options);
    for (const claim of claims) {
      const held: Held = { claim, ending: new AbortController(), state: 'waiting' };
      this.#held.set(claim.queueJobId, held);
      void this.#slots(() => this.#collect(held));
    }
    return claims.length;
  }

  async #collect(held: Held): Promise<void> {
    if (this.#stopping) return;
    held.state = 'connecting';
    const result = await this.#measure(held);
    held.state = 'measured';
    this.#alarm.ring();
    // Given back meanwhile: it belongs to somebody else.
    if (this.#held.has(held.claim.queueJobId)) this.#writer.add(result);
  }

  async #measure(held: Held): Promise<Result> {
    const { claim, ending } = held;
    const { fleet, deadlines, log } = this.#context;
    const begun = Date.now();
    const notMeasured = { claim, again: false, measured: null, measureMilliseconds: null };
    const reason = await this.#reasonToSkip(claim);
    if (reason !== null) {
      return {
        ...notMeasured,
        collectedAt: new Date(),
        outcome: without('skipped', { code: 'skipped', message: reason }),
      };
    }
    try {
      if (ending.signal.aborted) throw new TidemarkError('cancelled', 'cancelled before it was measured');
      const measured = await measureInstance(claim.instance, fleet, deadlines, {
        signal: ending.signal,
        loggedIn: () => {
          held.state = 'measuring';
        },
      });
      const measureMilliseconds = Date.now() - begun;
      // A server that stopped in the middle leaves databases that were not reached; the others are stored in any case.
      const again = measured.failures.some(({ code }) => isWorthRetry(claim, code));
      return {
        claim,
        again,
        measured,
        measureMilliseconds,
        collectedAt: new Date(),
        outcome: outcomeOf(measured),
      };
    } catch (error) {
      const code = error instanceof TidemarkError ? error.code : 'internal';
      if (code === 'internal') {
        log.error({ err: error, session: claim.sessionId, instance: claim.instance.name }, 'measuring failed');
      }
      const message = madeStorable(messageOf(error));
      const outcome = without(code === 'cancelled' ? 'cancelled' : 'failed', { code, message });
      const again = isWorthRetry(claim, code) && !ending.signal.aborted;
      // A server that was busy with it up to the deadline is to be left alone as well as one that answered at last.
      const measureMilliseconds = code === 'timeout' && held.state === 'measuring' ? Date.now() - begun : null;
      return { ...notMeasured, measureMilliseconds, again, collectedAt: new Date(), outcome };
    }
  }

  /** Somebody may have named it while it waited here. An outage is the writer's to find out. */
  async #reasonToSkip(claim: Claim): Promise<string | null> {
    const reason = reasonToSkip(claim, this.#budget, new Date());
    if (reason === null || claim.isNamed) return reason;
    const isNamed = await isNamedBySomebody(this.#context.pool, claim).catch(() => false);
    return reasonToSkip({ ...claim, isNamed }, this.#budget, new Date());
  }

  #stored({ claim, outcome, again, measureMilliseconds }: Result): void {
    this.#letGo(claim);
    const log = this.#context.log.child({ session: claim.sessionId, instance: claim.instance.name });
    logOutcome(log, outcome, { attempt: claim.attempt, again, milliseconds: measureMilliseconds });
  }

  #letGo(claim: Claim): void {
    this.#held.delete(claim.queueJobId);
    this.#alarm.ring();
  }

  async #logSession(id: number): Promise<void> {
    const { pool, log } = this.#context;
    const session = await findSession(pool, id).catch(() => null);
    if (session === null) return;
    const { status, instances, databasesMeasured: databases } = session;
    log.info({ session: id, status, instances, databases }, 'collection finished');
  }
}

function isWorthRetry(claim: Claim, code: ErrorCode): boolean {
  return claim.retriesLeft > 0 && passingFaults.has(code);
}

function outcomeOf({ databases, failures, warnings }: MeasuredServer): RecordOutcome {
  const status = failures.length === 0 ? 'succeeded' : databases.length === 0 ? 'failed' : 'partial';
  const error = status === 'failed' ? (failures[0] ?? null) : null;
  return { status, databasesMeasured: databases.length, failures, warnings, error };
}

function without(status: RecordOutcome['status'], error: NonNullable<RecordOutcome['error']>): RecordOutcome {
  return { status, databasesMeasured: 0, failures: [], warnings: [], error };
}

/** @returns whether the work ended before the deadline */
async function within(milliseconds: number, work: () => Promise<void>): Promise<boolean> {
  const patience = new AbortController();
  const tooLong = delay(milliseconds, false, { signal: patience.signal });
  const inTime = await Promise.race([work().then(() => true), tooLong]);
  patience.abort();
  await tooLong.catch(() => undefined);
  return inTime;
}
