import { type Answer, answerOf, type AskedStatement, type QueryResult, varchar2 } from './answers.ts';
import type { ExecuteCall } from './calls.ts';
import type { Stage } from './faults.ts';
import { OracleError } from './oracle-error.ts';
import { describeMessage, errorMessage, type ReplyDialect, rowsMessage } from './replies.ts';
import type { ReplyChannel, ServerState } from './state.ts';

/** A statement that the client may run and fetch from again. */
interface Cursor {
  readonly id: number;
  readonly sql: string;
  readonly bindTypes: readonly number[];
  result: QueryResult | null;
  /** Rows sent so far. */
  sent: number;
}

/**
 * What oracledb asks on its own at connect, where the negotiation carried no time zone. It is answered here, recorded
 * nowhere and struck by the faults of the logon, so that a test does not hang on the version of the driver.
 */
const timeZoneQuery = /^select dbtimezone from dual$/i;
const timeZone: QueryResult = { columns: [varchar2('DBTIMEZONE', 6)], rows: [['+00:00']] };

/** The open cursors of a session: runs statements through the handlers and pages through their rows. */
export class Cursors {
  private readonly channel: ReplyChannel;
  private readonly state: ServerState;
  private readonly dialect: ReplyDialect;
  private readonly open = new Map<number, Cursor>();
  private nextId = 1;
  private running: AbortController | null = null;

  constructor(channel: ReplyChannel, state: ServerState, dialect: ReplyDialect) {
    this.channel = channel;
    this.state = state;
    this.dialect = dialect;
  }

  bindTypesOf(id: number): readonly number[] {
    return this.open.get(id)?.bindTypes ?? [];
  }

  close(id: number): void {
    this.open.delete(id);
  }

  /** Stops the running statement: its answer is not sent any more. */
  cancel(): void {
    this.running?.abort();
    this.running = null;
  }

  /** Runs a statement and answers with its first rows, or with how it ended. */
  async execute(
    call: ExecuteCall,
    describe: (sql: string, binds: ExecuteCall['binds']) => AskedStatement,
  ): Promise<void> {
    const known = this.open.get(call.cursor);
    const sql = call.sql ?? known?.sql;
    if (sql === undefined) {
      this.invalidCursor('execute');
      return;
    }
    const cursor: Cursor = { id: known?.id ?? this.nextId++, sql, bindTypes: call.bindTypes, result: null, sent: 0 };
    const controller = new AbortController();
    this.running = controller;
    const answer = await this.answerTo(describe(sql, call.binds), controller.signal);
    if (controller.signal.aborted) return;
    this.running = null;
    if (answer instanceof OracleError) {
      this.open.delete(cursor.id);
      this.channel.fail('execute', errorMessage(this.dialect, answer), sql);
      return;
    }
    this.open.set(cursor.id, cursor);
    this.respond(answer === timeZone ? 'logon' : 'execute', cursor, () => {
      if (!('columns' in answer)) {
        return errorMessage(this.dialect, null, { cursor: cursor.id, rows: answer.rowsAffected ?? 0 });
      }
      cursor.result = answer;
      // A client that runs its cursor again knows the columns: servers do not repeat them.
      const repeated = call.sql === null && sameColumns(known?.result, answer);
      const head = repeated ? Buffer.alloc(0) : describeMessage(this.dialect, answer.columns);
      const end = { cursor: cursor.id };
      return Buffer.concat([
        head,
        call.prefetch > 0 ? this.page(cursor, answer, call.prefetch) : errorMessage(this.dialect, null, end),
      ]);
    });
  }

  /** Sends the next rows. */
  fetch(id: number, count: number): void {
    const cursor = this.open.get(id);
    const result = cursor?.result;
    if (cursor === undefined || result == null) {
      this.invalidCursor('fetch');
      return;
    }
    this.respond('fetch', cursor, () => this.page(cursor, result, count));
  }

  private page(cursor: Cursor, result: QueryResult, count: number): Buffer {
    const rows = result.rows.slice(cursor.sent, cursor.sent + count);
    cursor.sent += rows.length;
    const end = rows.length < count ? (result.endsWith ?? 'no-more-rows') : null;
    return rowsMessage(this.dialect, { columns: result.columns, rows, cursor: cursor.id, sent: cursor.sent, end });
  }

  /** Sends what `encode` makes; an answer that cannot be encoded is a mistake in the test's data. */
  private respond(stage: Stage, cursor: Cursor, encode: () => Buffer): void {
    let message: Buffer;
    try {
      message = encode();
    } catch (error) {
      this.channel.fail(stage, errorMessage(this.dialect, this.mistake(cursor.sql, error)), cursor.sql);
      return;
    }
    this.channel.reply(stage, message, { sql: cursor.sql });
  }

  private async answerTo(asked: AskedStatement, signal: AbortSignal): Promise<Answer> {
    if (timeZoneQuery.test(asked.sql)) return timeZone;
    this.state.statements.push(asked);
    try {
      const answer = await answerOf(this.state.handlers, { ...asked, signal });
      if (answer !== undefined) return answer;
      this.state.unexpected.push(`statement: ${asked.sql}`);
      return new OracleError(900, `invalid SQL statement: the test server has no answer to: ${asked.sql}`);
    } catch (error) {
      return error instanceof OracleError ? error : this.mistake(asked.sql, error);
    }
  }

  private mistake(sql: string, error: unknown): OracleError {
    const message = error instanceof Error ? error.message : String(error);
    this.state.unexpected.push(`answer to ${sql}: ${message}`);
    return new OracleError(20999, `the test server's answer failed: ${message}`);
  }

  private invalidCursor(stage: Stage): void {
    this.channel.fail(stage, errorMessage(this.dialect, new OracleError(1001, 'invalid cursor')));
  }
}

function sameColumns(before: QueryResult | null | undefined, now: QueryResult): boolean {
  return before != null && JSON.stringify(before.columns) === JSON.stringify(now.columns);
}
