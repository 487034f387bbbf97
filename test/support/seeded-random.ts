/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** A whole number, both ends included. */
  integer(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True that often, 0 to 1. */
  chance(probability: number): boolean;
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function createRandom(seed: number): SeededRandom {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    integer,
    pick: <T>(choices: readonly T[]): T => {
      const choice = choices[integer(0, choices.length - 1)];
      if (choice === undefined) throw new Error('there is nothing to pick from');
      return choice;
    },
    chance: (probability) => next() < probability,
  };
}

/** Runs the rounds with a new seed (or TIDEMARK_TEST_SEED); a round that fails says which seed repeats it. */
export async function withSeeds(rounds: number, round: (random: SeededRandom) => void | Promise<void>): Promise<void> {
  const given = process.env.TIDEMARK_TEST_SEED;
  const first = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  for (let seed = first; seed < first + (given === undefined ? rounds : 1); seed += 1) {
    try {
      await round(createRandom(seed));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`with TIDEMARK_TEST_SEED=${seed}: ${message}`, { cause: error });
    }
  }
}
