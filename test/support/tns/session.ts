import { type AskedStatement, normalizeWhiteSpace } from './answers.ts';
import { type AuthenticationMessage, challengeMessage, readAuthentication, welcomeMessage } from './authentication.ts';
import { readFunctionHeader, readRequest, type Request } from './calls.ts';
import { AcceptFlag, FunctionCode, MessageType } from './constants.ts';
import { Cursors } from './cursors.ts';
import { MessageReader } from './message-reader.ts';
import {
  dataTypesMessage,
  networkServicesMagic,
  networkServicesMessage,
  protocolMessage,
  readDataTypes,
  readFastAuthentication,
  readProtocol,
} from './negotiation.ts';
import { challengeFor, type LogonChallenge, sessionKeyOf, unknownPassword } from './o5logon.ts';
import { callCanceled, OracleError } from './oracle-error.ts';
import { errorMessage, statusMessage } from './replies.ts';
import type { Account, ReplyChannel, ServerState, SessionInfo } from './state.ts';

/** The dialogue of TTC on one connection: negotiation, logon, then calls. */
export class Session {
  private readonly channel: ReplyChannel;
  private readonly state: ServerState;
  private readonly service: string;
  /** End-of-response was offered to this client. */
  private readonly offersEndOfResponse: boolean;
  private readonly dialect: { fieldVersion: number; bareText: boolean; variableSignedBytes: boolean };
  private readonly cursors: Cursors;
  private claim: { challenge: LogonChallenge; account: Account | undefined; names: Map<string, string> } | null = null;
  private info: SessionInfo | null = null;

  constructor(channel: ReplyChannel, state: ServerState, accepted: { service: string; acceptFlags: number }) {
    this.channel = channel;
    this.state = state;
    this.service = accepted.service;
    this.offersEndOfResponse = (accepted.acceptFlags & AcceptFlag.endOfResponse) !== 0;
    this.dialect = { fieldVersion: state.profile.fieldVersion, bareText: false, variableSignedBytes: false };
    this.cursors = new Cursors(channel, state, this.dialect);
  }

  /** Takes one message. Throws MessageIncomplete, having done nothing, when the rest of it is still to come. */
  receive(message: Buffer): void {
    const reader = new MessageReader(message);
    if (this.info !== null) this.answer(this.info, this.readRequest(reader));
    else if (message.length >= 4 && message.readUInt32BE(0) === networkServicesMagic) this.negotiateNetworkServices();
    else this.logOn(reader);
  }

  /** Cancels the running call and returns the message that ends it. */
  cancel(): Buffer {
    this.cursors.cancel();
    return errorMessage(this.dialect, callCanceled());
  }

  /** The connection is gone. */
  end(): void {
    this.cursors.cancel();
    if (this.info !== null) this.info.open = false;
  }

  private negotiateNetworkServices(): void {
    this.channel.reply('negotiation', networkServicesMessage(), { endOfResponse: false });
  }

  private logOn(reader: MessageReader): void {
    const messageType = reader.uint8();
    switch (messageType) {
      case MessageType.protocol:
        readProtocol(reader);
        this.channel.reply('negotiation', this.protocolMessage(), { endOfResponse: false });
        return;
      case MessageType.dataTypes:
        this.channel.reply('negotiation', this.agreeOnDataTypes(reader), { endOfResponse: false });
        this.channel.endOfResponse = this.offersEndOfResponse;
        return;
      case MessageType.fastAuthentication:
        this.authenticateFast(reader);
        return;
      case MessageType.function:
        this.authenticate(reader);
        return;
      default:
        throw new Error(`message type ${messageType} is not supported before logon`);
    }
  }

  private protocolMessage(): Buffer {
    return protocolMessage(this.state.profile, this.offersEndOfResponse);
  }

  private agreeOnDataTypes(reader: MessageReader): Buffer {
    const client = readDataTypes(reader);
    this.dialect.fieldVersion = Math.min(this.state.profile.fieldVersion, client.fieldVersion);
    this.dialect.variableSignedBytes = client.variableSignedBytes;
    return dataTypesMessage(client.exchangesTimeZone && this.state.profile.exchangesTimeZone);
  }

  /** 23ai: protocol, data types and phase one in one round trip. Phase one is in a fixed dialect of its own. */
  private authenticateFast(reader: MessageReader): void {
    const { fieldVersion } = readFastAuthentication(reader);
    const dataTypes = this.agreeOnDataTypes(reader);
    this.channel.endOfResponse = this.offersEndOfResponse;
    reader.skip(1); // message type
    readFunctionHeader(reader, { fieldVersion });
    this.challenge(readAuthentication(reader), Buffer.concat([this.protocolMessage(), dataTypes]));
  }

  private authenticate(reader: MessageReader): void {
    const code = readFunctionHeader(reader, this.dialect);
    if (code === FunctionCode.authenticationPhaseOne) this.challenge(readAuthentication(reader), Buffer.alloc(0));
    else if (code === FunctionCode.authenticationPhaseTwo) this.verify(readAuthentication(reader));
    else throw new Error(`function ${code} came before logon`);
  }

  private challenge(message: AuthenticationMessage, head: Buffer): void {
    this.dialect.bareText = message.bareText;
    const account = this.state.accounts.get(message.user.toUpperCase());
    const challenge = challengeFor(account?.password ?? unknownPassword());
    this.claim = { challenge, account, names: new Map(message.pairs) };
    this.channel.reply('authentication', Buffer.concat([head, challengeMessage(challenge), statusMessage()]));
  }

  private verify(message: AuthenticationMessage): void {
    if (this.claim === null) throw new Error('phase two of a logon came without phase one');
    const { challenge, account, names } = this.claim;
    const reply = {
      sessionKey: message.pairs.get('AUTH_SESSKEY') ?? '',
      encryptedPassword: message.pairs.get('AUTH_PASSWORD') ?? '',
    };
    const sessionKey = account === undefined ? null : sessionKeyOf(challenge, reply, account.password);
    const refusal =
      account?.refusal ?? (sessionKey === null ? new OracleError(1017, this.state.profile.logonDenied) : undefined);
    if (refusal !== undefined || sessionKey === null) {
      this.channel.fail('logon', errorMessage(this.dialect, refusal ?? null));
      return;
    }
    this.info = this.register(message.user.toUpperCase(), new Map([...names, ...message.pairs]));
    const welcome = welcomeMessage(sessionKey, this.state.profile, this.service);
    this.channel.reply('logon', Buffer.concat([welcome, statusMessage()]));
  }

  private register(user: string, names: ReadonlyMap<string, string>): SessionInfo {
    const info: SessionInfo = {
      user,
      service: this.service,
      program: names.get('AUTH_PROGRAM_NM') ?? '',
      machine: names.get('AUTH_MACHINE') ?? '',
      terminal: names.get('AUTH_TERMINAL') ?? '',
      osUser: names.get('AUTH_SID') ?? '',
      driver: names.get('SESSION_CLIENT_DRIVER_NAME') ?? '',
      encrypted: this.state.encrypted,
      open: true,
      loggedOff: false,
    };
    this.state.sessions.push(info);
    return info;
  }

  private readRequest(reader: MessageReader): Request {
    const { fieldVersion, bareText } = this.dialect;
    return readRequest(reader, { fieldVersion, bareText, bindTypesOf: (cursor) => this.cursors.bindTypesOf(cursor) });
  }

  private answer(info: SessionInfo, { call, closedCursors, endToEnd }: Request): void {
    for (const cursor of closedCursors) this.cursors.close(cursor);
    Object.assign(info, endToEnd);
    switch (call.kind) {
      case 'execute':
        void this.cursors.execute(call, (sql, binds) => this.asked(info, sql, binds));
        return;
      case 'fetch':
        this.cursors.fetch(call.cursor, call.rows);
        return;
      case 'logoff':
        info.loggedOff = true;
        info.open = false;
        this.channel.reply('logoff', statusMessage());
        return;
      case 'other':
        this.channel.reply('other', statusMessage());
        return;
    }
  }

  private asked(info: SessionInfo, sql: string, binds: AskedStatement['binds']): AskedStatement {
    return { sql: normalizeWhiteSpace(sql), binds, user: info.user, service: this.service };
  }
}
