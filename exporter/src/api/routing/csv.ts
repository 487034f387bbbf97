import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import { z } from 'zod';

/** A table as CSV: its columns, and the lines of one of its items. */
export interface CsvTable {
  readonly columns: readonly string[];
  lines(item: unknown): Iterable<Readonly<Record<string, unknown>>>;
}

/** The columns of an object's schema; those of an object within it have its name in front. */
export function columnsOf(schema: z.ZodType, prefix = ''): string[] {
  const inner = withoutNull(schema);
  if (!(inner instanceof z.ZodObject)) throw new Error('a line of CSV is made of an object');
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
    withoutNull(field) instanceof z.ZodObject ? columnsOf(field, `${prefix}${name}_`) : [`${prefix}${name}`],
  );
}

function withoutNull(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return withoutNull(schema.unwrap() as z.ZodType);
  return schema;
}

/** An object as a line, by the names of `columnsOf`. What is a list or has no fixed names stays for one cell, as JSON. */
export function flatten(item: unknown, prefix = '', line: Record<string, unknown> = {}): Record<string, unknown> {
  for (const [name, value] of Object.entries(item as Record<string, unknown>)) {
    line[`${prefix}${name}`] = value;
    if (isPlainObject(value)) flatten(value, `${prefix}${name}_`, line);
  }
  return line;
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * Streams a table, RFC 4180, in UTF-8, with a header. A text that a spreadsheet program would take for a formula gets an
 * apostrophe in front.
 * @param name of the file that a browser saves
 */
export async function sendCsv(
  response: Response,
  name: string,
  table: CsvTable,
  items: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<void> {
  const lines = async function* () {
    for await (const item of items) yield* table.lines(item);
  };
  response.status(200).type('text/csv; charset=utf-8; header=present');
  response.set('content-disposition', `attachment; filename="${name}.csv"`);
  const writer = stringify({
    columns: [...table.columns],
    header: true,
    record_delimiter: 'windows',
    escape_formulas: true,
    // Of itself it quotes only what holds both, one after the other; a spreadsheet program ends a line at either.
    quoted_match: /[\r\n]/,
    cast: {
      boolean: String,
      date: (moment) => moment.toISOString(),
      object: (value) => JSON.stringify(value),
    },
  });
  await pipeline(Readable.from(lines()), writer, response);
}
