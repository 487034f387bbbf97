import { DateTime } from 'luxon';
import { z } from 'zod';
import { filled } from '../config/text.ts';
import type { DayRange } from '../store/lines.ts';
import { addDays, dayIn } from '../store/periods.ts';

/** A day, YYYY-MM-DD, that exists; the repository knows no year 0. */
const day = z
  .string('expected a day, YYYY-MM-DD')
  .refine(
    (text) => /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text).isValid,
    'expected a day, YYYY-MM-DD',
  )
  .meta({ format: 'date', example: '2026-11-01' });

/** A whole number in a query string. */
export function wholeNumber(least: number, most: number) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected)
    .meta({ type: 'integer', minimum: least, maximum: most });
}

/** true or false in a query string. */
export const truth = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((text) => text === 'true')
  .meta({ type: 'boolean' });

/** A parameter that may be repeated: always a list, undefined where it is not given. */
export function repeatable<Schema extends z.ZodType>(schema: Schema) {
  return z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(schema).max(100, 'expected at most 100 of them').optional(),
    )
    .optional();
}

/** `name` or `-name` of a field to sort by. */
export interface Sort<Field extends string> {
  readonly field: Field;
  readonly descending: boolean;
}

/** The parameter `sort`: one of these fields, with a minus for the largest first. */
export function sortBy<const Field extends string>(fields: readonly Field[], standard: Field | `-${Field}`) {
  const values = fields.flatMap((field) => [field, `-${field}` as const]);
  return z
    .enum(
      values as [Field | `-${Field}`],
      `expected one of ${fields.join(', ')}, with a minus in front for the largest first`,
    )
    .default(standard as never)
    .transform((text): Sort<Field> => ({ field: text.replace(/^-/, '') as Field, descending: text.startsWith('-') }))
    .meta({ description: 'What to sort by; with a minus in front, the largest or last first.', default: standard });
}

export const id = wholeNumber(1, 2_147_483_647);

/** The path parameters of everything that has an id. */
export const idParameter = z.strictObject({ id: id.meta({ description: 'As the list tells it.', example: 1 }) });

export const periodType = z
  .enum(['weekly', 'monthly', 'quarterly'], 'expected weekly, monthly or quarterly')
  .meta({ description: 'ISO weeks, calendar months, or calendar quarters.', example: 'monthly' });

/** Days in order. */
export const dateRange = {
  start_date: day.optional().meta({ description: 'The first day.', example: '2026-10-01' }),
  end_date: day.optional().meta({ description: 'The last day, which is included.', example: '2026-10-31' }),
};

/** The range that `dateRange` asks for: without a begin 30 days, without an end up to today. */
export function rangeOf(
  { start_date: start, end_date: end }: { start_date?: string | undefined; end_date?: string | undefined },
  timezone: string,
): DayRange {
  const today = dayIn(timezone, new Date());
  const endDate = end ?? (start !== undefined && start > today ? start : today);
  return { startDate: start ?? addDays(endDate, -29), endDate };
}

export const databaseName = filled(255, 'expected one database name')
  .optional()
  .meta({ description: 'Only this database.' });

export const labelKey = filled(255, 'expected the key of one label').meta({ description: 'The key of a label.' });

export function inOrder(range: { start_date?: string | undefined; end_date?: string | undefined }): boolean {
  return range.start_date === undefined || range.end_date === undefined || range.start_date <= range.end_date;
}

export const outOfOrder = { path: ['end_date'], message: 'expected a day that is not before start_date' };
