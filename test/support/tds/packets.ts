/**
 * TDS packets and messages (MS-TDS 2.2.3): a message is one or more packets of the same type, the last one marked.
 */

/** Packet types, by their names in MS-TDS 2.2.3.1.1. */
export const PacketType = {
  SqlBatch: 1,
  Rpc: 3,
  TabularResult: 4,
  Attention: 6,
  Login7: 16,
  Prelogin: 18,
} as const;

const PacketStatus = { EndOfMessage: 1, Ignore: 2, ResetConnection: 8 } as const;

export const HEADER_LENGTH = 8;

/** What a session is numbered in packet headers; the first id that SQL Server gives to a user. */
const SPID = 51;

/** A complete message of the client. */
export interface ClientMessage {
  type: number;
  body: Buffer;
  /** The client took the message back while sending it: not to be carried out. */
  ignore: boolean;
  /** The session is to be reset to its state after the login before this message is carried out. */
  resetConnection: boolean;
}

/** Puts a client's packets together again, whatever pieces they arrive in. */
export class MessageReader {
  #received: Buffer = Buffer.alloc(0);
  #bodies: Buffer[] = [];

  /**
   * Takes bytes, gives the messages they complete.
   * @throws Error when they cannot be a TDS packet, such as a TLS record to a server that speaks in the clear
   */
  *read(bytes: Buffer): Generator<ClientMessage> {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= HEADER_LENGTH) {
      const type = this.#received.readUInt8(0);
      const status = this.#received.readUInt8(1);
      const length = this.#received.readUInt16BE(2);
      if (type > PacketType.Prelogin || length < HEADER_LENGTH) {
        throw new Error(`not a TDS packet: type ${type}, length ${length}`);
      }
      if (this.#received.length < length) return;
      this.#bodies.push(this.#received.subarray(HEADER_LENGTH, length));
      this.#received = this.#received.subarray(length);
      if (!(status & PacketStatus.EndOfMessage)) continue;
      const body = Buffer.concat(this.#bodies);
      this.#bodies = [];
      yield {
        type,
        body,
        ignore: (status & PacketStatus.Ignore) !== 0,
        resetConnection: (status & PacketStatus.ResetConnection) !== 0,
      };
    }
  }
}

/** Cuts one message into packets as it is written, and sends a packet as soon as it is known not to be the last. */
export class MessageWriter {
  readonly #type: number;
  readonly #packetSize: number;
  readonly #send: (packet: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  #packetId = 1;

  /** @param packetSize bytes, header included, as negotiated at login */
  constructor(type: number, packetSize: number, send: (packet: Buffer) => void) {
    this.#type = type;
    this.#packetSize = packetSize;
    this.#send = send;
  }

  write(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const capacity = this.#packetSize - HEADER_LENGTH;
    while (this.#pending.length > capacity) {
      this.#sendPacket(this.#pending.subarray(0, capacity), 0);
      this.#pending = this.#pending.subarray(capacity);
    }
  }

  /** Sends what is pending without ending the message: where a reply stalls or breaks off. */
  flush(): void {
    if (this.#pending.length === 0) return;
    this.#sendPacket(this.#pending, 0);
    this.#pending = Buffer.alloc(0);
  }

  end(): void {
    this.#sendPacket(this.#pending, PacketStatus.EndOfMessage);
    this.#pending = Buffer.alloc(0);
  }

  #sendPacket(data: Buffer, status: number): void {
    const header = Buffer.alloc(HEADER_LENGTH);
    header.writeUInt8(this.#type, 0);
    header.writeUInt8(status, 1);
    header.writeUInt16BE(HEADER_LENGTH + data.length, 2);
    header.writeUInt16BE(SPID, 4);
    header.writeUInt8(this.#packetId++ & 0xff, 6);
    this.#send(Buffer.concat([header, data]));
  }
}
