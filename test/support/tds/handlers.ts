/**
 * What a statement is: one that only sets options, a change of database, or one for the test's handlers to answer.
 */
import type { Answer, AnswerPart, Handler, StatementContext } from './answers.ts';
import { matches, TdsError } from './answers.ts';

/** The number that RAISERROR gives to messages without one: no test takes it for an error of SQL Server's own. */
const TEST_SERVER_ERROR = 50000;

const SET_OPTION = /^SET [\w ]+(?: |$)(?:-?\d+|'[^']*')?$/i;

const USE = /^USE (?:\[((?:[^\]]|\]\])+)\]|"((?:[^"]|"")+)"|([\w@$#]+))[ ;]*(.*)$/is;

/** Whether a batch only sets options of the session, as drivers do by themselves after the login. */
export function setsOptionsOnly(text: string): boolean {
  const lines = text.split(/[;\r\n]/).map((line) => line.trim().replace(/\s+/g, ' '));
  return lines.every((line) => line === '' || SET_OPTION.test(line));
}

/** The database that a statement beginning with USE names, unquoted, and the statement behind it. */
export function leadingUse(sql: string): { database: string; rest: string } | undefined {
  const [found, bracketed, quoted, plain, rest = ''] = USE.exec(sql) ?? [];
  if (found === undefined) return undefined;
  return { database: bracketed?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? plain ?? '', rest };
}

/** The answer of the first handler that matches. Without one, or when it fails, an error that `unexpected` tells too. */
export async function answerTo(
  handlers: readonly Handler[],
  statement: StatementContext,
  unexpected: string[],
): Promise<readonly AnswerPart[]> {
  const handler = handlers.find((candidate) => matches(candidate, statement.sql));
  if (!handler) {
    unexpected.push(`statement in ${statement.database}: ${statement.sql}`);
    return [testServerError(`no handler for the statement: ${statement.sql}`)];
  }
  try {
    return partsOf(typeof handler.answer === 'function' ? await handler.answer(statement) : handler.answer);
  } catch (error) {
    if (error instanceof TdsError) return [error];
    unexpected.push(`handler of ${statement.sql}: ${String(error)}`);
    return [testServerError(`the handler failed: ${String(error)}`)];
  }
}

/** An error that is the test's fault, not part of what it tests. */
export function testServerError(message: string): TdsError {
  return new TdsError(TEST_SERVER_ERROR, `test server: ${message}`);
}

function partsOf(answer: Answer): readonly AnswerPart[] {
  // Array.isArray() does not tell readonly arrays apart from the other members of the union.
  return Array.isArray(answer) ? (answer as readonly AnswerPart[]) : [answer as AnswerPart];
}
