/**
 * What a test says to the server: which statements are expected, and what each is answered with.
 */
import type { LoginProperties } from './login7.ts';
import type { ParameterValue } from './requests.ts';
import type { ServerMessage } from './tokens.ts';
import type { Column, Value } from './values.ts';

/** A statement that reached the server, with what surrounds it. */
export interface Statement {
  /** The statement with its comments gone and its white space made one blank each; quoted text is left alone. */
  sql: string;
  /** The statement as it was sent. */
  text: string;
  /** By name without the `@`. */
  parameters: Record<string, ParameterValue>;
  /** Sent as a batch, or as a procedure call (`sp_executesql` included). */
  kind: 'batch' | 'rpc';
  /** The current database: of the login, or of the last USE. */
  database: string;
  user: string;
  login: LoginProperties;
}

/** A statement to be answered; `signal` is aborted when the client cancels it or goes away. */
export interface StatementContext extends Statement {
  signal: AbortSignal;
}

/** Rows as arrays in the columns' order, or as objects by column name; what is missing is null. */
export type Row = readonly Value[] | Readonly<Record<string, Value>>;

export interface ResultSet {
  columns: readonly Column[];
  rows: readonly Row[];
  /** Breaks the result off after its rows: the client sees the rows, then this error. */
  error?: TdsError;
}

/** The result of a statement that returns no rows. */
export interface RowsAffected {
  rowsAffected: number;
}

/**
 * What may go wrong where it stands in the answer, after what comes before it was sent: `stall` sends nothing more until
 * the client cancels, `close` and `reset` end the connection with FIN and RST.
 */
export type Fault = 'stall' | 'close' | 'reset';

export type AnswerPart = ResultSet | RowsAffected | TdsError | Fault;

/** Results of one statement, in the order in which they are sent. */
export type Answer = AnswerPart | readonly AnswerPart[];

export interface Handler {
  /** The whole of the normalised statement, or a pattern to be found in it. The first handler that matches answers. */
  match: string | RegExp;
  /** Throwing a {@link TdsError} is the same as answering with it. */
  answer: Answer | ((statement: StatementContext) => Answer | Promise<Answer>);
}

/** A message of the server in the place of a result: an error from class 11 on, a warning or a PRINT below. */
export class TdsError extends Error implements ServerMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly procedure: string;
  readonly line: number;

  constructor(number: number, message: string, details: Partial<Omit<ServerMessage, 'number' | 'message'>> = {}) {
    super(message);
    this.name = 'TdsError';
    this.number = number;
    this.state = details.state ?? 1;
    this.class = details.class ?? 16;
    this.procedure = details.procedure ?? '';
    this.line = details.line ?? 1;
  }
}

/** Error 300, as SQL Server words it for a principal without the permission. */
export function permissionDenied(permission = 'VIEW SERVER STATE', database = 'master'): TdsError {
  const message = `${permission} permission was denied on object 'server', database '${database}'.`;
  return new TdsError(300, message, { class: 14 });
}

/** Whether the answer asked for belongs to this statement. */
export function matches({ match }: Handler, sql: string): boolean {
  // Unlike test(), search() forgets where a global pattern stopped the last time.
  return typeof match === 'string' ? normalise(match) === sql : sql.search(match) >= 0;
}

const QUOTED_OR_LAYOUT = /('(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])|(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)+/g;

/** One form for statements that differ in layout only. Hostile names keep their blanks: quoted text is not touched. */
export function normalise(text: string): string {
  return text.replace(QUOTED_OR_LAYOUT, (_, quoted?: string) => quoted ?? ' ').replace(/^[ ;]+|[ ;]+$/g, '');
}
