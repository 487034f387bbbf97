/**
 * The way between one client and its session: the socket, TLS over it, messages out of it, and faults put in.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../certificates.ts';
import type { Stage, StageFault, TdsServerSettings } from './options.ts';
import type { ClientMessage } from './packets.ts';
import { MessageReader, MessageWriter, PacketType } from './packets.ts';
import type { EncryptedPart } from './prelogin.ts';
import type { TdsRecord } from './record.ts';
import { PreloginTls, startTlsFirst } from './tls.ts';

const PACKET_SIZE_BEFORE_LOGIN = 4096;

/** A client that finds an RST right behind its last bytes takes it for a FIN: libuv looks at both at once. */
const RESET_DELAY_MS = 20;

export class Transport {
  /** Bytes, header included, of the packets sent from now on. */
  packetSize = PACKET_SIZE_BEFORE_LOGIN;
  readonly #socket: Socket;
  readonly #settings: TdsServerSettings;
  readonly #record: TdsRecord;
  readonly #onMessage: (message: ClientMessage) => void;
  readonly #reader = new MessageReader();
  /** Where replies go: the socket, or TLS over it. */
  #output: Duplex;
  #tls: PreloginTls | undefined;
  #encrypted: EncryptedPart = 'nothing';
  /** What arrives is still read, so that the client's FIN is seen, but nothing is answered. */
  #isMute = false;

  constructor(
    socket: Socket,
    settings: TdsServerSettings,
    record: TdsRecord,
    onMessage: (message: ClientMessage) => void,
  ) {
    this.#socket = socket;
    this.#output = socket;
    this.#settings = settings;
    this.#record = record;
    this.#onMessage = onMessage;
    // A client that resets the connection is part of the tests, not an error of the server.
    socket.on('error', () => undefined);
    this.#listen();
  }

  #listen(): void {
    const { encryption } = this.#settings;
    const isStrict = encryption === 'strict';
    if (this.failsAt('accept') || (isStrict && this.failsAt('tls'))) {
      this.#socket.resume();
    } else if (isStrict) {
      this.#encrypted = 'everything';
      this.#output = this.#listenTo(startTlsFirst(this.#socket, this.#certificate));
    } else {
      this.#socket.on('data', (bytes) => this.#receive(bytes));
    }
  }

  /** There is one wherever there is TLS: the server does not start without. */
  get #certificate(): Certificate {
    const { certificate } = this.#settings;
    if (certificate === undefined) throw new Error('TLS without a certificate');
    return certificate;
  }

  /** Whether the login comes through TLS. */
  get isLoginEncrypted(): boolean {
    return this.#encrypted !== 'nothing';
  }

  /** Answers the TLS handshake that the client begins with its next message. */
  startTls(encrypted: Exclude<EncryptedPart, 'nothing'>): void {
    this.#encrypted = encrypted;
    this.#tls = new PreloginTls(this.#socket, this.#certificate);
    this.#output = this.#listenTo(this.#tls.secured);
  }

  /** Goes back to the clear where TLS was for the LOGIN7 message only. */
  endLogin(): void {
    if (this.#encrypted !== 'login') return;
    this.#tls = undefined;
    this.#output = this.#socket;
  }

  writer(type: number = PacketType.TabularResult): MessageWriter {
    return new MessageWriter(type, this.packetSize, (packet) => {
      if (this.#output.writable) this.#output.write(packet);
    });
  }

  /** Carries out the fault that the test put at this stage; false when there is none. */
  failsAt(stage: Stage): boolean {
    const { fault } = this.#settings;
    if (fault?.at !== stage) return false;
    this.fail(fault.as);
    return true;
  }

  /** As {@link failsAt}, after the first half of what was to be sent. */
  failsWithin(stage: Stage, tokens: Buffer, writer: MessageWriter): boolean {
    if (this.#settings.fault?.at !== stage) return false;
    writer.write(tokens.subarray(0, tokens.length >> 1));
    writer.flush();
    return this.failsAt(stage);
  }

  fail(as: StageFault['as']): void {
    this.#isMute = true;
    if (as === 'close') this.end();
    else if (as === 'reset') setTimeout(() => this.#socket.resetAndDestroy(), RESET_DELAY_MS);
  }

  /** Sends FIN after what is written; the connection is over when the client sends its own. */
  end(): void {
    if (this.#tls) this.#output.once('finish', () => this.#socket.end());
    this.#output.end();
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  #listenTo(secured: TLSSocket): TLSSocket {
    secured.on('data', (bytes: Buffer) => this.#read(bytes));
    secured.on('error', (error: NodeJS.ErrnoException) => {
      this.#record.tlsFailures.push(error.code ?? error.message);
      this.#socket.destroy();
    });
    return secured;
  }

  #receive(bytes: Buffer): void {
    if (this.#isMute) return;
    if (!this.#tls) this.#read(bytes);
    else if (!this.failsAt('tls')) this.#tls.receive(bytes);
  }

  #read(bytes: Buffer): void {
    try {
      for (const message of this.#reader.read(bytes)) {
        if (!this.#isMute) this.#onMessage(message);
      }
    } catch (error) {
      this.#record.unexpected.push(`message: ${String(error)}`);
      this.#socket.destroy();
    }
  }
}
