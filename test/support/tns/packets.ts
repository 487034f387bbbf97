import { DataFlag, type Marker, PacketType, TnsVersion } from './constants.ts';

const headerSize = 8;
/** Header and flags of a data packet. */
const dataHeaderSize = 10;

/** One packet as it came, header included. */
export interface Packet {
  readonly type: number;
  readonly bytes: Buffer;
}

/** What the client's CONNECT packet says; the connect descriptor may follow in a data packet of its own. */
export interface ConnectRequest {
  readonly tnsVersion: number;
  /** Session data unit: the largest packet the client takes. */
  readonly sessionDataUnit: number;
  readonly descriptorLength: number;
  /** Null when the descriptor is too long for this packet and follows. */
  readonly descriptor: string | null;
}

/** Cuts the byte stream into packets. Lengths take two bytes, or four once TNS 315 has been agreed. */
export class PacketSplitter {
  largePackets = false;
  private pending: Buffer = Buffer.alloc(0);

  /** Yields each packet that is complete. Throws on a length that cannot be. */
  *feed(chunk: Buffer): Generator<Packet> {
    this.pending = Buffer.concat([this.pending, chunk]);
    while (this.pending.length >= headerSize) {
      const length = this.largePackets ? this.pending.readUInt32BE(0) : this.pending.readUInt16BE(0);
      if (length < headerSize) throw new Error(`a packet of ${length} bytes is no TNS packet`);
      if (this.pending.length < length) return;
      const bytes = this.pending.subarray(0, length);
      this.pending = this.pending.subarray(length);
      yield { type: bytes.readUInt8(4), bytes };
    }
  }
}

/** A packet of the given type around a body. */
function packet(type: number, body: Uint8Array, largePackets: boolean): Buffer {
  const header = Buffer.alloc(headerSize);
  const length = headerSize + body.length;
  if (largePackets) header.writeUInt32BE(length, 0);
  else header.writeUInt16BE(length, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, body]);
}

/** A TTC message in as many data packets as the session data unit asks for. */
export function dataPackets(
  message: Buffer,
  options: { sessionDataUnit: number; largePackets: boolean; endOfResponse: boolean },
): Buffer {
  const room = options.sessionDataUnit - dataHeaderSize;
  const packets: Buffer[] = [];
  for (let offset = 0; offset === 0 || offset < message.length; offset += room) {
    const flags = Buffer.alloc(2);
    if (options.endOfResponse && offset + room >= message.length) flags.writeUInt16BE(DataFlag.endOfResponse);
    const body = Buffer.concat([flags, message.subarray(offset, offset + room)]);
    packets.push(packet(PacketType.data, body, options.largePackets));
  }
  return Buffer.concat(packets);
}

/** Flags and payload of a data packet. */
export function readData(bytes: Buffer): { flags: number; payload: Buffer } {
  return { flags: bytes.readUInt16BE(headerSize), payload: bytes.subarray(dataHeaderSize) };
}

/** The kind of a marker packet. */
export function readMarker(bytes: Buffer): number {
  return bytes.readUInt8(10);
}

/** A marker with one data byte. */
export function markerPacket(kind: (typeof Marker)[keyof typeof Marker], largePackets: boolean): Buffer {
  return packet(PacketType.marker, Buffer.from([1, 0, kind]), largePackets);
}

/** Decodes CONNECT. */
export function readConnect(bytes: Buffer): ConnectRequest {
  const length = bytes.readUInt16BE(24);
  const offset = bytes.readUInt16BE(26);
  const sessionDataUnit = bytes.length >= 62 ? bytes.readUInt32BE(58) : bytes.readUInt16BE(14);
  return {
    tnsVersion: bytes.readUInt16BE(8),
    sessionDataUnit: Math.min(Math.max(sessionDataUnit, 512), 65535),
    descriptorLength: length,
    descriptor:
      length > 0 && bytes.length >= offset + length ? bytes.toString('latin1', offset, offset + length) : null,
  };
}

/** ACCEPT: the version agreed, the data units and, from TNS 318 on, the flags. */
export function acceptPacket(options: {
  tnsVersion: number;
  flags: number;
  sessionDataUnit: number;
  nativeNetworkServices: boolean;
}): Buffer {
  const body = Buffer.alloc(37); // positions are those of the packet, less the header
  const networkServices = options.nativeNetworkServices ? 0x01 : 0x08;
  body.writeUInt16BE(options.tnsVersion, 0);
  body.writeUInt16BE(0x0001, 2); // service options: "do not care"
  body.writeUInt16BE(options.sessionDataUnit, 4);
  body.writeUInt16BE(65535, 6); // transport data unit
  body.writeUInt16BE(1, 8); // byte order
  body.writeUInt16BE(45, 12); // where accept data would start
  body.writeUInt8(networkServices, 14);
  body.writeUInt8(networkServices, 15);
  body.writeUInt32BE(options.sessionDataUnit, 24);
  body.writeUInt32BE(2097152, 28);
  if (options.tnsVersion >= TnsVersion.acceptFlags) body.writeUInt32BE(options.flags, 33);
  return packet(PacketType.accept, body, false);
}

/** REFUSE with the listener's error, e.g. 12514. */
export function refusePacket(error: number): Buffer {
  const reason = Buffer.from(
    `(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`,
  );
  const head = Buffer.alloc(4);
  head.writeUInt8(4, 0); // the reason of the application
  head.writeUInt16BE(reason.length, 2);
  return packet(PacketType.refuse, Buffer.concat([head, reason]), false);
}
