import picomatch from 'picomatch';

/** Patterns of database names: exact, or with the wildcards `*`, `?`, `[…]` and `{a,b}`. */
export interface Patterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** True for names that match an include pattern and no exclude pattern of each of the given sets. */
export function matcherOf(...sets: readonly Patterns[]): (databaseName: string) => boolean {
  const matchers = sets.map(({ include, exclude }) => ({ included: anyOf(include), excluded: anyOf(exclude) }));
  return (name) => matchers.every(({ included, excluded }) => included(name) && !excluded(name));
}

function anyOf(patterns: readonly string[]): (name: string) => boolean {
  // `bash`: a database name is no path, so that `*` matches a slash too.
  const globs = patterns.map((pattern) => picomatch(pattern, { bash: true, dot: true }));
  return (name) => patterns.includes(name) || globs.some((matches) => matches(name));
}
