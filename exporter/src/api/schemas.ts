import { z } from 'zod';

/** Schemas of what answers hold. Null always means that it is not known, or that there is none. */

/** A moment: a Date where we make it, ISO 8601 in UTC where it is read. */
export const moment = z.iso
  .datetime()
  .meta({ description: 'ISO 8601, UTC', example: '2026-11-20T03:00:07.211Z' }) as unknown as z.ZodType<
  string,
  string | Date
>;

/** A day in the configured time zone. */
export const calendarDay = z.iso.date().meta({ example: '2026-11-20' });

/** A size: a whole number of bytes that every reader of JSON keeps exact. */
export const bytes = z.int().min(0).meta({ description: 'bytes', example: 1_073_741_824 });

/** A difference of sizes. */
export const changeBytes = z.int().meta({ description: 'bytes', example: -1_048_576 });

/** Bytes / 1 048 576, rounded. */
export const megabytes = z.int().min(0).meta({ description: 'MB: bytes / 1 048 576, rounded', example: 1024 });

/** Percent, with one decimal. */
export const percent = z.number().meta({ description: 'percent', example: 2.5 });

export const count = z.int().min(0).meta({ example: 12 });

export const identifier = z.int().min(1).meta({ example: 1 });

/** Rounded as `percent` says. */
export function oneDecimal(rate: number): number;
export function oneDecimal(rate: number | null): number | null;
export function oneDecimal(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate * 10) / 10;
}
