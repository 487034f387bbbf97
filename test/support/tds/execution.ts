/**
 * What happens after a login: statements are answered one at a time, and cancelled by an attention.
 */
import type { Statement } from './answers.ts';
import { normalise } from './answers.ts';
import { answerTo, leadingUse, setsOptionsOnly, testServerError } from './handlers.ts';
import { databaseError, loginDatabase } from './login.ts';
import type { LoginProperties } from './login7.ts';
import type { TdsServerSettings } from './options.ts';
import type { ClientMessage, MessageWriter } from './packets.ts';
import { PacketType } from './packets.ts';
import type { TdsRecord } from './record.ts';
import type { Reply, ReplyPart } from './replies.ts';
import { replyOf } from './replies.ts';
import type { ClientRequest } from './requests.ts';
import { readRpc, readSqlBatch } from './requests.ts';
import { connectionReset, done, DoneStatus, DoneToken } from './tokens.ts';
import type { Transport } from './transport.ts';

/** A request whose reply has not ended. */
interface RunningRequest {
  cancellation: AbortController;
  reply: MessageWriter;
  /** Set for the SET statements of drivers, which have a stage of their own. */
  setsOptions: boolean;
}

export class Execution {
  readonly #transport: Transport;
  readonly #settings: TdsServerSettings;
  readonly #record: TdsRecord;
  readonly #login: LoginProperties;
  #database: string;
  #running: RunningRequest | undefined;

  constructor(transport: Transport, settings: TdsServerSettings, record: TdsRecord, login: LoginProperties) {
    this.#transport = transport;
    this.#settings = settings;
    this.#record = record;
    this.#login = login;
    this.#database = loginDatabase(login);
    transport.onClose(() => this.#running?.cancellation.abort());
  }

  /** @throws Error on a message that has no place here */
  receive(message: ClientMessage): void {
    if (message.type === PacketType.Attention) this.#answerAttention();
    else if (this.#running) throw new Error(`type ${message.type} before the end of the last reply`);
    else void this.#answerRequest(message);
  }

  /**
   * Two messages: the end of the interrupted reply, then the acknowledgement. Drivers wait for both; after a reply that
   * has ended by itself, the acknowledgement alone is due.
   */
  #answerAttention(): void {
    this.#record.attentions += 1;
    if (this.#settings.attention === 'ignore') return;
    if (this.#running) {
      const { cancellation, reply } = this.#running;
      this.#running = undefined;
      cancellation.abort();
      reply.write(done(DoneToken.Done, DoneStatus.Error));
      reply.end();
    }
    const acknowledgement = this.#transport.writer();
    acknowledgement.write(done(DoneToken.Done, DoneStatus.Attention));
    acknowledgement.end();
  }

  async #answerRequest(message: ClientMessage): Promise<void> {
    const reply = this.#transport.writer();
    const running: RunningRequest = { cancellation: new AbortController(), reply, setsOptions: false };
    this.#running = running;
    if (message.resetConnection) {
      this.#database = loginDatabase(this.#login);
      reply.write(connectionReset());
    }
    const content = await this.#replyTo(message, running);
    // When it was cancelled meanwhile, the attention has ended the reply.
    if (this.#running === running && content) this.#send(content, running);
  }

  #send({ tokens, fault }: Reply, { reply, setsOptions }: RunningRequest): void {
    if (fault) {
      reply.write(tokens);
      reply.flush();
      if (fault !== 'stall') this.#transport.fail(fault);
      return;
    }
    if (!setsOptions && this.#transport.failsWithin('reply', tokens, reply)) return;
    this.#running = undefined;
    reply.write(tokens);
    reply.end();
  }

  /** The reply; undefined when a fault of the test takes its place. */
  async #replyTo(message: ClientMessage, running: RunningRequest): Promise<Reply | undefined> {
    const { serverName } = this.#settings;
    if (message.ignore) return { tokens: done(DoneToken.Done, DoneStatus.Error) };
    try {
      const request = requestOf(message);
      if (request.kind === 'batch' && setsOptionsOnly(request.text)) {
        running.setsOptions = true;
        this.#record.settings.push(normalise(request.text));
        return this.#transport.failsAt('settings') ? undefined : replyOf([], request.kind, serverName);
      }
      const before = this.#database;
      const parts = await this.#partsOf(request, running.cancellation.signal);
      // What a procedure does to the current database ends with it.
      if (request.kind === 'rpc') this.#database = before;
      return parts && replyOf(parts, request.kind, serverName);
    } catch (error) {
      this.#record.unexpected.push(`request: ${describe(error)}`);
      return replyOf([testServerError(describe(error))], 'batch', serverName);
    }
  }

  async #partsOf(request: ClientRequest, signal: AbortSignal): Promise<readonly ReplyPart[] | undefined> {
    const parts: ReplyPart[] = [];
    const use = leadingUse(normalise(request.text));
    if (use) {
      const error = databaseError(this.#settings, use.database, this.#login.user);
      if (error) return [error];
      parts.push({ database: use.database, before: this.#database });
      this.#database = use.database;
      if (use.rest === '') return parts;
    }
    const statement = this.#statementOf(request, use?.rest ?? normalise(request.text));
    this.#record.statements.push(statement);
    if (this.#transport.failsAt('statement')) return undefined;
    parts.push(...(await answerTo(this.#settings.handlers, { ...statement, signal }, this.#record.unexpected)));
    return parts;
  }

  #statementOf({ text, parameters, kind }: ClientRequest, sql: string): Statement {
    return { sql, text, parameters, kind, database: this.#database, user: this.#login.user, login: this.#login };
  }
}

function requestOf(message: ClientMessage): ClientRequest {
  if (message.type === PacketType.SqlBatch) return readSqlBatch(message.body);
  if (message.type === PacketType.Rpc) return readRpc(message.body);
  throw new Error(`message type ${message.type} is not supported`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
