/**
 * Turning an answer into the tokens of a reply (MS-TDS 2.2.7): results, messages, and the end of each.
 */
import type { AnswerPart, Fault, Row } from './answers.ts';
import { TdsError } from './answers.ts';
import type { DoneTokenType } from './tokens.ts';
import { colMetadata, databaseChange, done, DoneStatus, DoneToken, messageToken, returnStatus, row } from './tokens.ts';
import type { Column, Value } from './values.ts';

/** The result of USE. */
export interface DatabaseChange {
  database: string;
  before: string;
}

export type ReplyPart = AnswerPart | DatabaseChange;

export interface Reply {
  tokens: Buffer;
  /** What happens after the tokens instead of the end of the reply. */
  fault?: Fault;
}

/**
 * The reply to a batch or to a procedure call, up to its end or to the first fault in it.
 * @throws RangeError when a value does not fit its column
 */
export function replyOf(parts: readonly ReplyPart[], kind: 'batch' | 'rpc', serverName: string): Reply {
  const isProcedure = kind === 'rpc';
  const statementEnd = isProcedure ? DoneToken.DoneInProc : DoneToken.Done;
  const tokens: Buffer[] = [];
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') return { tokens: Buffer.concat(tokens), fault: part };
    const isLast = index === parts.length - 1 && !isProcedure;
    tokens.push(...partTokens(part, statementEnd, isLast ? DoneStatus.Final : DoneStatus.More, serverName));
  }
  if (isProcedure) {
    const hasFailed = parts.some(isError);
    tokens.push(returnStatus(hasFailed ? 1 : 0));
    tokens.push(done(DoneToken.DoneProc, hasFailed ? DoneStatus.Error : DoneStatus.Final));
  } else if (parts.length === 0) {
    tokens.push(done(DoneToken.Done, DoneStatus.Final));
  }
  return { tokens: Buffer.concat(tokens) };
}

/** The message that goes with every change of the current database. */
export function databaseChanged(database: string, before: string, serverName: string): Buffer {
  const message = new TdsError(5701, `Changed database context to '${database}'.`, { state: 2, class: 0 });
  return Buffer.concat([databaseChange(database, before), messageToken(serverName, message)]);
}

function isError(part: ReplyPart): boolean {
  if (typeof part === 'string') return false;
  return part instanceof TdsError ? part.class > 10 : 'error' in part;
}

function partTokens(
  part: Exclude<ReplyPart, Fault>,
  end: DoneTokenType,
  more: number,
  serverName: string,
): readonly Buffer[] {
  const status = (isError(part) ? DoneStatus.Error : DoneStatus.Final) | more;
  if (part instanceof TdsError) return [messageToken(serverName, part), done(end, status)];
  if ('rowsAffected' in part) return [done(end, DoneStatus.Count | status, part.rowsAffected)];
  if ('database' in part) return [databaseChanged(part.database, part.before, serverName), done(end, status)];
  return [
    colMetadata(part.columns),
    ...part.rows.map((values) => row(part.columns, valuesOf(values, part.columns))),
    ...(part.error ? [messageToken(serverName, part.error)] : []),
    done(end, DoneStatus.Count | status, part.rows.length),
  ];
}

function valuesOf(values: Row, columns: readonly Column[]): readonly Value[] {
  return isArrayRow(values) ? values : columns.map(({ name }) => values[name] ?? null);
}

function isArrayRow(values: Row): values is readonly Value[] {
  return Array.isArray(values);
}
