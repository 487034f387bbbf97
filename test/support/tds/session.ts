/**
 * One connection of a client: PRELOGIN, LOGIN7, then requests (the server's states in MS-TDS 3.3.1).
 */
import type { Socket } from 'node:net';
import { Execution } from './execution.ts';
import { agreedPacketSize, loginErrors, loginRefusal, loginReply } from './login.ts';
import { readLogin7 } from './login7.ts';
import type { TdsServerSettings } from './options.ts';
import type { ClientMessage } from './packets.ts';
import { PacketType } from './packets.ts';
import { agreeOnEncryption, preloginReply, readEncryptionWish } from './prelogin.ts';
import type { TdsRecord } from './record.ts';
import { Transport } from './transport.ts';

const TDS_7_4 = 0x74000004;
const TDS_8_0 = 0x08000000;

export class Session {
  readonly #transport: Transport;
  readonly #settings: TdsServerSettings;
  readonly #record: TdsRecord;
  /** What answers requests; there is none before the login. */
  #execution: Execution | undefined;

  constructor(socket: Socket, settings: TdsServerSettings, record: TdsRecord) {
    this.#settings = settings;
    this.#record = record;
    this.#transport = new Transport(socket, settings, record, (message) => this.#dispatch(message));
  }

  #dispatch(message: ClientMessage): void {
    if (this.#execution) this.#execution.receive(message);
    else if (message.type === PacketType.Prelogin) this.#answerPrelogin(message.body);
    else if (message.type === PacketType.Login7) this.#answerLogin(message.body);
    else throw new Error(`type ${message.type} before the login`);
  }

  #answerPrelogin(body: Buffer): void {
    if (this.#transport.failsAt('prelogin')) return;
    const { encryption, version } = this.#settings;
    const { option, encrypted } = agreeOnEncryption(encryption, readEncryptionWish(body));
    const writer = this.#transport.writer();
    writer.write(preloginReply(version, option));
    writer.end();
    if (encrypted !== 'nothing') this.#transport.startTls(encrypted);
  }

  #answerLogin(body: Buffer): void {
    const { login, password } = readLogin7(body);
    if (login.tdsVersion !== TDS_7_4 && login.tdsVersion !== TDS_8_0) {
      throw new Error(`TDS version 0x${login.tdsVersion.toString(16)}`);
    }
    const errors = loginErrors(this.#settings, login, password);
    const isAccepted = errors.length === 0;
    this.#record.logins.push({ ...login, encrypted: this.#transport.isLoginEncrypted, accepted: isAccepted });
    this.#transport.endLogin();
    if (this.#transport.failsAt('login')) return;

    const reply = isAccepted ? loginReply(this.#settings, login) : loginRefusal(this.#settings, errors);
    const writer = this.#transport.writer();
    if (this.#transport.failsWithin('login reply', reply, writer)) return;
    writer.write(reply);
    writer.end();
    if (!isAccepted) {
      this.#transport.end();
      return;
    }
    this.#transport.packetSize = agreedPacketSize(login);
    this.#execution = new Execution(this.#transport, this.#settings, this.#record, login);
  }
}
