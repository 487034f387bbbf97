import { z } from 'zod';

/** A text that a repository can hold. */
export function storable(text: z.ZodString) {
  return text
    .refine((value) => !value.includes('\0'), 'expected a text without the character 0')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'expected whole characters, no halves of surrogate pairs');
}

/** The same, and not empty. */
export function filled(longest: number, expected = 'expected a text') {
  const text = z.string(expected).min(1, `${expected} that is not empty`);
  return storable(text.max(longest, `expected at most ${longest} characters`));
}
