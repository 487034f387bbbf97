import { z } from 'zod';

/** An object of these keys and no others; one too many is named, with those that there are. */
export function knownKeys<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `there is no ${issue.keys.join(', ')} here; expected ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}
