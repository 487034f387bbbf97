import { z } from 'zod';
import type { CsvTable } from './csv.ts';
import { columnsOf, flatten } from './csv.ts';

/** JSON that is text already, `{"data": …}` as a whole, piece by piece: for answers that the server makes faster than we could. */
export class JsonText {
  /** Changes with the content: what a conditional request is held against. */
  readonly version: string;
  readonly pieces: AsyncGenerator<string>;

  constructor(version: string, pieces: AsyncGenerator<string>) {
    this.version = version;
    this.pieces = pieces;
  }
}

/** A value that is only read. */
type Immutable<Value> = Value extends Date
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Immutable<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
      : Value;

/** What a handler returns for a schema: moments may be a Date, lists may be read-only. */
export type AnswerOf<Schema extends z.ZodType> = Immutable<z.input<Schema>>;

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

/** The form of an answer, and the type of what a handler returns for it. */
export interface ResponseDeclaration<Result> {
  /**
   * - `data`: `{"data": …}`
   * - `table`: `{"data": […]}`, all rows; also CSV
   * - `page`: `{"data": […], "page": {…}}`, a page of rows; also CSV, then all rows
   * - `empty`: no body
   */
  readonly kind: 'data' | 'table' | 'page' | 'empty';
  readonly status: number;
  /** Of the whole answer; null where there is no body. */
  readonly schema: z.ZodType | null;
  readonly csv: CsvTable | null;
  /** Only in the type. */
  readonly result?: Result;
}

/** How the items of a table become lines of CSV where an item is not a line. */
export interface CsvLines<Item> {
  /** Names of the columns, in order. */
  readonly columns: readonly string[];
  lines(item: Item): Iterable<Readonly<Record<string, unknown>>>;
}

/**
 * One object.
 * @param options.status 200 where nothing is said
 * @param options.csv for one that holds a table
 */
export function data<Schema extends z.ZodType>(
  schema: Schema,
  options: { readonly status?: 200 | 201 | 202; readonly csv?: CsvLines<AnswerOf<Schema>> } = {},
): ResponseDeclaration<AnswerOf<Schema>> {
  const { status = 200, csv } = options;
  return {
    kind: 'data',
    status,
    schema: z.object({ data: schema }),
    csv: csv === undefined ? null : csvOf(schema, csv),
  };
}

/** All rows at once. The handler may return the text of the whole answer instead, where the format is JSON. */
export function table<Row extends z.ZodType>(
  row: Row,
  csv?: CsvLines<AnswerOf<Row>>,
): ResponseDeclaration<readonly AnswerOf<Row>[] | JsonText> {
  return { kind: 'table', status: 200, schema: z.object({ data: z.array(row) }), csv: csvOf(row, csv) };
}

/** What `page` says of itself. */
export const pageInfo = z
  .object({
    limit: z.int().meta({ description: 'How many rows were asked for.' }),
    offset: z.int().meta({ description: 'How many rows come before these.' }),
    total: z.int().meta({ description: 'How many rows there are in all.' }),
  })
  .meta({ id: 'Page' });

/** A page of rows, as `request.page` asks for. */
export function page<Row extends z.ZodType>(
  row: Row,
  csv?: CsvLines<AnswerOf<Row>>,
): ResponseDeclaration<{ readonly rows: readonly AnswerOf<Row>[]; readonly total: number }> {
  return {
    kind: 'page',
    status: 200,
    schema: z.object({ data: z.array(row), page: pageInfo }),
    csv: csvOf(row, csv),
  };
}

/** Done, and nothing to say. */
export function empty(): ResponseDeclaration<undefined> {
  return { kind: 'empty', status: 204, schema: null, csv: null };
}

function csvOf<Row extends z.ZodType>(row: Row, csv: CsvLines<AnswerOf<Row>> | undefined): CsvTable {
  if (csv === undefined) return { columns: columnsOf(row), lines: (item) => [flatten(item)] };
  return { columns: csv.columns, lines: (item) => csv.lines(item as AnswerOf<Row>) };
}
