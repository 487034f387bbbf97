import type { Socket } from 'node:net';

/** Often enough to look like a slow line, seldom enough to cost nothing. */
const TICK_MS = 20;

/** Bytes that may wait for their turn before the sender is made to wait, too. */
const WAITING_LIMIT = 65_536;

/** One direction of a connection: passes bytes on in order, at a limited rate when there is one. */
export class Lane {
  readonly #source: Socket;
  readonly #destination: Socket;
  #bytesPerTick = Number.POSITIVE_INFINITY;
  #allowance = 0;
  #waiting: Buffer = Buffer.alloc(0);
  #endsAfterwards = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, destination: Socket) {
    this.#source = source;
    this.#destination = destination;
    destination.on('drain', () => this.#holdBackSource());
    destination.once('close', () => this.stop());
  }

  /** From now on, for what is waiting as well; infinity sends all at once. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerTick = (bytesPerSecond * TICK_MS) / 1000;
    this.#schedule();
  }

  write(bytes: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    this.#schedule();
  }

  /** Ends the destination after the last byte. */
  end(): void {
    this.#endsAfterwards = true;
    this.#schedule();
  }

  /** Drops what is waiting, and lets the source run free. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting = Buffer.alloc(0);
    this.#source.resume();
  }

  #schedule(): void {
    if (!Number.isFinite(this.#bytesPerTick) || this.#waiting.length === 0) this.#send(this.#waiting.length);
    else this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#holdBackSource();
  }

  #tick(): void {
    // A fraction of a byte is kept for the next tick: less than a byte per tick is a rate, too.
    this.#allowance += this.#bytesPerTick;
    const due = Math.floor(this.#allowance);
    this.#allowance -= due;
    this.#send(due);
    this.#holdBackSource();
  }

  #send(count: number): void {
    const due = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(count);
    if (due.length > 0 && this.#destination.writable) this.#destination.write(due);
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#endsAfterwards) this.#destination.end();
  }

  #holdBackSource(): void {
    if (this.#waiting.length > WAITING_LIMIT || this.#destination.writableNeedDrain) this.#source.pause();
    else this.#source.resume();
  }
}
