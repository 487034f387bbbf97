import { z } from 'zod';

/** What no text of a repository can hold: the character 0, and halves of surrogate pairs. */
const unstorable = /[\0\p{Surrogate}]/gu;

/** A text that a repository can hold. */
export function storable(text: z.ZodString) {
  return text
    .refine((value) => !value.includes('\0'), 'expected a text without the character 0')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'expected whole characters, no halves of surrogate pairs');
}

/** A text that somebody else wrote, as a repository can hold it. */
export function madeStorable(text: string): string {
  return text.replace(unstorable, '\uFFFD');
}

/** The same, and not empty. */
export function filled(longest: number, expected = 'expected a text') {
  const text = z.string(expected).min(1, `${expected} that is not empty`);
  return storable(text.max(longest, `expected at most ${longest} characters`));
}
