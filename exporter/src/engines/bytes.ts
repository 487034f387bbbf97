import { TidemarkError } from '../errors.ts';

/**
 * A size as a driver delivers it (int8 and NUMERIC arrive as text), as a number of whole bytes.
 * @throws TidemarkError `size_out_of_range` below 0, above 2^53 - 1, with a fraction, or not a number: sizes are refused, not
 *   rounded
 */
export function toBytes(value: string | number | bigint, what: string): number {
  const text = String(value).replace(/\.0+$/, '');
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new TidemarkError(
      'size_out_of_range',
      `${what}: the server reports ${text.slice(0, 60)} bytes, which is outside 0 to ${Number.MAX_SAFE_INTEGER}`,
    );
  }
  return bytes;
}

/** The same where the server may have said nothing. */
export function toBytesOrNull(value: string | number | bigint | null | undefined, what: string): number | null {
  return value === null || value === undefined ? null : toBytes(value, what);
}
