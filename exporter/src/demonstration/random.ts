/** Numbers that look random and are the same for the same keys, in every process and on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  between(least: number, most: number): number;
  /** A whole number, both ends included. */
  integer(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True that often, 0 to 1. */
  chance(probability: number): boolean;
  /** Around 0 with a spread of about 1, never beyond 3. */
  spread(): number;
}

/** FNV-1a of the keys: each thing has numbers of its own, whatever else the fleet holds. */
function hashOf(keys: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of keys.join('\u0000')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

/** The numbers that belong to the keys (mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export function randomFor(...keys: readonly (string | number)[]): Random {
  let state = hashOf(keys);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + next() * (most - least);
  const integer = (least: number, most: number): number => Math.floor(between(least, most + 1));
  return {
    next,
    between,
    integer,
    pick: <T>(choices: readonly T[]): T => {
      const choice = choices[integer(0, choices.length - 1)];
      if (choice === undefined) throw new Error('there is nothing to pick from');
      return choice;
    },
    chance: (probability) => next() < probability,
    // The sum of six uniform numbers is close to a normal one.
    spread: () => (next() + next() + next() + next() + next() + next() - 3) / Math.sqrt(0.5),
  };
}
