import type { OracleError } from './oracle-error.ts';
import type { BindValue, ColumnType, Value } from './values.ts';

/** A column of a result. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** VARCHAR2: the most bytes a value has, 4000 unless told. */
  readonly size?: number;
  /** NUMBER: digits, and digits after the point; a plain NUMBER unless told. */
  readonly precision?: number;
  readonly scale?: number;
}

/** A row: values in the order of the columns, or by column name. A missing name is NULL. */
export type Row = readonly Value[] | Readonly<Record<string, Value>>;

/** The result of a query. */
export interface QueryResult {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Raised after the last row instead of the normal end: a query that breaks while its rows are fetched. */
  readonly endsWith?: OracleError;
}

/** The result of any other statement. */
export interface StatementResult {
  readonly rowsAffected?: number;
}

export type Answer = QueryResult | StatementResult | OracleError;

/** A statement as a client asked it. */
export interface AskedStatement {
  /** The text with each run of white space made one space. */
  readonly sql: string;
  readonly binds: readonly BindValue[];
  /** The user in upper case, as Oracle keeps it. */
  readonly user: string;
  /** The service name or SID that the client asked the listener for. */
  readonly service: string;
}

export interface AnswerContext extends AskedStatement {
  /** Aborted when the client breaks the call or its connection ends. */
  readonly signal: AbortSignal;
}

/** What to answer to the statements that match: a string is the whole statement, white space aside. */
export interface Handler {
  readonly match: RegExp | string;
  readonly answer: Answer | ((context: AnswerContext) => Answer | Promise<Answer>);
}

/** A column of exact numbers. */
export function number(name: string): Column {
  return { name, type: 'NUMBER' };
}

/** A column of text, its size in bytes. */
export function varchar2(name: string, size = 4000): Column {
  return { name, type: 'VARCHAR2', size };
}

/** A column of dates. */
export function date(name: string): Column {
  return { name, type: 'DATE' };
}

/** Text with each run of white space made one space, so that a match does not hang on the layout of a statement. */
export function normalizeWhiteSpace(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}

/** Whether a pattern means this statement. */
export function matchesStatement(pattern: RegExp | string, sql: string): boolean {
  const text = normalizeWhiteSpace(sql);
  // A fresh search each time: a pattern with the flag g would otherwise remember where it stopped.
  return typeof pattern === 'string' ? normalizeWhiteSpace(pattern) === text : text.search(pattern) >= 0;
}

/** The answer of the first handler that matches; undefined when none does. */
export async function answerOf(handlers: readonly Handler[], context: AnswerContext): Promise<Answer | undefined> {
  const handler = handlers.find((candidate) => matchesStatement(candidate.match, context.sql));
  if (handler === undefined) return undefined;
  return typeof handler.answer === 'function' ? await handler.answer(context) : handler.answer;
}
