import { isAnyoneMeasuring } from '../store/exporters.ts';
import type { WorkerContext } from './context.ts';
import { Worker } from './worker.ts';

/** Milliseconds between two looks whether somebody measures. */
const pause = 2_000;

/** Measures in this process, once nobody else does. */
export class StandIn {
  readonly #context: WorkerContext;
  #worker: Worker | null = null;
  #lookedAt = -Infinity;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** Begins to measure where nobody has given a sign of life for as long as a lease. */
  async lookAround(): Promise<void> {
    const { pool, deadlines } = this.#context;
    if (this.#worker !== null || Date.now() - this.#lookedAt < pause) return;
    this.#lookedAt = Date.now();
    if (await isAnyoneMeasuring(pool, deadlines.lease)) return;
    this.#worker = new Worker(this.#context);
    await this.#worker.start();
  }

  cancel(sessionId: number): void {
    this.#worker?.cancel(sessionId);
  }

  /** @param patience milliseconds for what is being measured; the rest is given back */
  async leave(patience: number): Promise<void> {
    await this.#worker?.stop(patience);
    this.#worker = null;
  }
}
