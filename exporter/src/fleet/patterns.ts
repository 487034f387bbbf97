/** Patterns of database names: exact, or with the wildcards `*`, `?`, `[a-z]`, `[!a-z]` and `{a,b}`; `\*` is a star. */
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
  const expressions = patterns.map((pattern) => new RegExp(`^${sourceOf(pattern)}$`, 'su'));
  return (name) => patterns.includes(name) || expressions.some((expression) => expression.test(name));
}

const parts =
  /\\(?<escaped>.)|(?<any>\*+)|(?<one>\?)|\[(?<except>[!^])?(?<set>[^\]]+)\]|\{(?<choices>[^{}]*,[^{}]*)\}|./gsu;

/**
 * The pattern as a regular expression. The libraries for this match paths: to them `.`, `./a` and a name with a line break
 * are no match for `*`, and such a database would never be measured.
 */
function sourceOf(pattern: string): string {
  return Array.from(pattern.matchAll(parts), ([part, ...captured]) => {
    const [escaped, any, one, except, set, choices] = captured;
    if (escaped !== undefined) return literal(escaped);
    if (any !== undefined) return '.*';
    if (one !== undefined) return '.';
    if (set !== undefined) return `(?${except === undefined ? '=' : '!'}${characters(set)}).`;
    if (choices !== undefined) return `(?:${choices.split(',').map(sourceOf).join('|')})`;
    return literal(part);
  }).join('');
}

/** The characters and ranges between square brackets as alternatives; a range backwards holds nothing. */
function characters(set: string): string {
  const ranges = Array.from(set.matchAll(/(?<first>.)-(?<last>.)|./gsu), ([part, first, last]) => {
    if (first === undefined || last === undefined) return literal(part);
    const backwards = (first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0);
    return backwards ? '[]' : `[${inSet(first)}-${inSet(last)}]`;
  });
  return `(?:${ranges.join('|')})`;
}

function inSet(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&');
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
