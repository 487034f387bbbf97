import { DateTime } from 'luxon';
import { z } from 'zod';

/** A day, YYYY-MM-DD, that exists; the repository knows no year 0. */
const day = z
  .string('expected a day, YYYY-MM-DD')
  .refine(
    (text) => /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text).isValid,
    'expected a day, YYYY-MM-DD',
  );

/** A whole number in a query string. */
export function wholeNumber(least: number, most: number) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

export const instanceId = z.strictObject({ instanceId: wholeNumber(1, 2_147_483_647) });

export const page = {
  limit: wholeNumber(1, 1000).default(100),
  offset: wholeNumber(0, 999_999_999).default(0),
};

export const periodType = z.enum(['weekly', 'monthly', 'quarterly'], 'expected weekly, monthly or quarterly');

/** Days in order. */
export const dateRange = {
  start_date: day.optional(),
  end_date: day.optional(),
};

export const databaseName = z
  .string('expected one database name')
  .min(1, 'expected a database name')
  .max(255, 'expected at most 255 characters')
  .refine((name) => !name.includes('\0'), 'expected a name without the character 0, which no database has')
  .optional();

export const labelKey = z.string('expected the key of one label').min(1, 'expected the key of a label').max(255);

export function inOrder(range: { start_date?: string | undefined; end_date?: string | undefined }): boolean {
  return range.start_date === undefined || range.end_date === undefined || range.start_date <= range.end_date;
}

export const outOfOrder = { path: ['end_date'], message: 'expected a day that is not before start_date' };
