import { messageOf } from '../errors.ts';
import { renewClaims, requeueAbandonedClaims, type Claim } from '../store/claims.ts';
import { saveSignOfLife } from '../store/exporters.ts';
import { finishEmptySessions } from '../store/sessions.ts';
import { version } from '../version.ts';
import type { WorkerContext } from './context.ts';

/** What the keeper needs of the worker. */
interface KeptWork {
  /** Those that are held. */
  claims(): readonly Claim[];
  /** Ends the measuring of one. @returns false where that was done before */
  end(queueJobId: string): boolean;
}

/** Keeps the leases of what an exporter measures, learns what was cancelled, and takes over from exporters that died. */
export class Keeper {
  readonly #context: WorkerContext;
  readonly #name: string;
  readonly #work: KeptWork;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;

  constructor(context: WorkerContext, name: string, work: KeptWork) {
    this.#context = context;
    this.#name = name;
    this.#work = work;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#begin(), this.#context.deadlines.lease / 6);
    this.#begin();
    await this.#round;
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#round;
  }

  #begin(): void {
    this.#round ??= this.#keep().finally(() => {
      this.#round = null;
    });
  }

  async #keep(): Promise<void> {
    const { pool, queue, watch, deadlines, role, log } = this.#context;
    if (watch.reason !== null) return;
    try {
      await saveSignOfLife(pool, { name: this.#name, role, version });
      const claims = this.#work.claims();
      const renewed = await renewClaims(pool, claims, deadlines.lease);
      const ours = new Set(renewed.map((claim) => claim.queueJobId));
      const held = new Set(this.#work.claims().map((claim) => claim.queueJobId));
      for (const { queueJobId, sessionId, instance } of claims) {
        if (ours.has(queueJobId) || !held.has(queueJobId)) continue;
        if (!this.#work.end(queueJobId)) continue;
        const message = 'no longer ours to measure: another exporter has taken it over, or it was removed';
        log.warn({ session: sessionId, instance: instance.name }, message);
      }
      for (const { queueJobId, cancelled } of renewed) if (cancelled) this.#work.end(queueJobId);
      // After an outage every lease has run out: first those that live get the time to say so.
      if (watch.availableFor() >= deadlines.lease / 2) {
        const abandoned = await requeueAbandonedClaims(pool, queue);
        if (abandoned > 0) log.warn({ instances: abandoned }, 'instances of an exporter that died are taken over');
      }
      for (const session of await finishEmptySessions(pool)) log.info({ session }, 'collection finished');
    } catch (error) {
      if (!watch.saw(error)) log.error(`leases could not be kept: ${messageOf(error)}`);
    }
  }
}
