/**
 * TLS in its two places: handshake inside PRELOGIN packets (TDS 7.x), or before the first TDS byte (TDS 8.0, `strict`).
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../certificates.ts';
import { HEADER_LENGTH, MessageWriter, PacketType } from './packets.ts';

/** The types of TLS records that do not belong to the handshake, or not always. */
const ALERT = 0x15;
const APPLICATION_DATA = 0x17;

/** Until the login has settled another size. */
const PACKET_SIZE = 4096;

/** TDS 8.0: the client begins with TLS, and asks for the protocol `tds/8.0`. */
export function startTlsFirst(socket: Socket, certificate: Certificate): TLSSocket {
  return new TLSSocket(socket, { ...certificate, isServer: true, ALPNProtocols: ['tds/8.0'] });
}

/**
 * TDS 7.x: TLS over a socket that is in use already. While the handshake lasts, TLS records travel as the bodies of
 * PRELOGIN messages; after it they travel bare.
 */
export class PreloginTls {
  /** What the client sends inside TLS comes out here; what is written here goes to the client inside TLS. */
  readonly secured: TLSSocket;
  readonly #records: Duplex;
  #received: Buffer = Buffer.alloc(0);
  #clientSendsBareRecords = false;
  #serverSendsBareRecords = false;

  constructor(socket: Socket, certificate: Certificate) {
    let isEstablished = false;
    const send = (records: Buffer): void => {
      const isFarewell = records[0] === ALERT && isEstablished;
      if (records[0] === APPLICATION_DATA || isFarewell) this.#serverSendsBareRecords = true;
      if (this.#serverSendsBareRecords) {
        socket.write(records);
        return;
      }
      const message = new MessageWriter(PacketType.Prelogin, PACKET_SIZE, (packet) => socket.write(packet));
      message.write(records);
      message.end();
    };
    this.#records = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, callback) => {
        send(chunk);
        callback();
      },
      // A flight of handshake records must be one message: clients wait for one answer to each of theirs.
      writev: (chunks, callback) => {
        send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)));
        callback();
      },
    });
    socket.once('close', () => this.#records.destroy());
    // In TLS 1.3 the handshake's own records look like data, so that nobody could tell when to stop wrapping them.
    this.secured = new TLSSocket(this.#records, { ...certificate, isServer: true, maxVersion: 'TLSv1.2' });
    this.secured.once('secure', () => (isEstablished = true));
  }

  /** Takes the bytes that arrived on the socket, in whatever pieces. */
  receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (!this.#clientSendsBareRecords && this.#received.length > 0) {
      const packet = completePacketIn(this.#received);
      // Once bare, always bare: a record cut in two may go on with a byte that looks like the start of a packet.
      if (this.#received[0] !== PacketType.Prelogin) this.#clientSendsBareRecords = true;
      else if (!packet) return;
      else {
        this.#records.push(packet.subarray(HEADER_LENGTH));
        this.#received = this.#received.subarray(packet.length);
      }
    }
    if (this.#received.length > 0) this.#records.push(this.#received);
    this.#received = Buffer.alloc(0);
  }
}

function completePacketIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const length = bytes.readUInt16BE(2);
  return bytes.length < length ? undefined : bytes.subarray(0, length);
}
