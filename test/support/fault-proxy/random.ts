/**
 * Mulberry32, a generator of 32 bits of state: the same seed gives the same bytes on every machine.
 * @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md
 */
export class RandomBytes {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#uint32() >>> 24));
  }

  #uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
