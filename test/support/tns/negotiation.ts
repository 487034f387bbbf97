import { Capability, CharacterSet, DataType, MessageType } from './constants.ts';
import type { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import type { Profile } from './profiles.ts';

/** The first bytes of the native network services that older drivers negotiate before TTC. */
export const networkServicesMagic = 0xdeadbeef;

/** An INTERVAL of +00:00, the form in which DBTIMEZONE is exchanged. */
const utcInterval = [0x80, 0, 0, 0, 60, 60, 0x80, 0, 0, 0, 0];

/** What the client's data types message settles. */
export interface DataTypes {
  /** The client's field version; the lower one of both sides counts. */
  readonly fieldVersion: number;
  readonly exchangesTimeZone: boolean;
  /** Signed bytes, such as the scale of a column, travel as variable-length integers (old clients). */
  readonly variableSignedBytes: boolean;
}

/** The server's half of the protocol negotiation: banner, character sets, capabilities. */
export function protocolMessage(profile: Profile, endOfResponse: boolean): Buffer {
  const { compileTime, runTime } = Capability;
  const compileCapabilities = Buffer.alloc(53);
  compileCapabilities[compileTime.sqlVersion] = 6;
  compileCapabilities[compileTime.logonTypes] = 0x6b;
  compileCapabilities[compileTime.fieldVersion] = profile.fieldVersion;
  compileCapabilities[compileTime.defineConversion] = 1;
  compileCapabilities[compileTime.ttc1] = 0x29; // end-of-call status, indicators, fast bit vectors
  compileCapabilities[compileTime.ttc3] = 0x20; // big chunks
  if (endOfResponse) compileCapabilities[compileTime.ttc4] = Capability.endOfRequest;
  const runCapabilities = Buffer.alloc(7);
  runCapabilities[runTime.compatibility] = 2;
  runCapabilities[runTime.timeZone] = profile.exchangesTimeZone ? Capability.timeZoneExchange : 0;
  runCapabilities[runTime.ttc] = Capability.longStrings;
  const characterSets = Buffer.alloc(11);
  characterSets.writeUInt16BE(CharacterSet.utf16, 9); // the national one
  return new MessageWriter()
    .uint8(MessageType.protocol)
    .uint8(6) // protocol version
    .uint8(0)
    .raw(Buffer.from('x86_64/Linux 2.4.xx\0'))
    .uint16LittleEndian(CharacterSet.utf8)
    .uint8(1)
    .uint16LittleEndian(0)
    .uint16(characterSets.length)
    .raw(characterSets)
    .bytes(compileCapabilities)
    .bytes(runCapabilities)
    .toBuffer();
}

/** Reads the client's half of the protocol negotiation, after its message type. */
export function readProtocol(reader: MessageReader): { driver: string } {
  reader.skip(2); // protocol version and the end of its list
  return { driver: reader.zeroTerminated() };
}

/** Reads the client's data types message, after its message type. */
export function readDataTypes(reader: MessageReader): DataTypes {
  reader.skip(5); // character sets and encoding flags
  const compileCapabilities = reader.bytes();
  const runCapabilities = reader.bytes();
  const timeZone = runCapabilities?.[Capability.runTime.timeZone] ?? 0;
  const exchangesTimeZone = (timeZone & Capability.timeZoneExchange) !== 0;
  if (exchangesTimeZone) reader.skip(utcInterval.length);
  let variableSignedBytes = false;
  for (let dataType = reader.uint16(); dataType !== 0; dataType = reader.uint16()) {
    if (reader.uint16() === 0) continue; // not converted
    const representation = reader.uint16();
    reader.skip(2);
    if (dataType === DataType.signedByte) variableSignedBytes = representation === 1;
  }
  return {
    fieldVersion: compileCapabilities?.[Capability.compileTime.fieldVersion] ?? 0,
    exchangesTimeZone,
    variableSignedBytes,
  };
}

/** The server's data types message: the client's list is fine. */
export function dataTypesMessage(exchangesTimeZone: boolean): Buffer {
  const writer = new MessageWriter().uint8(MessageType.dataTypes);
  if (exchangesTimeZone) writer.raw(utcInterval);
  return writer.uint16(0).toBuffer();
}

/** Reads what comes in front of the data types in a fast authentication message, after its message type. */
export function readFastAuthentication(reader: MessageReader): { driver: string; fieldVersion: number } {
  reader.skip(3).skip(1); // version and flags; type of the protocol message
  const { driver } = readProtocol(reader);
  reader.skip(5); // character sets of the server, unused
  const fieldVersion = reader.uint8();
  reader.skip(1); // type of the data types message
  return { driver, fieldVersion };
}

/** Native network services, all of them off: no encryption, no checksums, no authentication of their own. */
export function networkServicesMessage(): Buffer {
  const version = new MessageWriter().uint16(4).uint16(5).raw([0x13, 0, 0, 0]).toBuffer();
  const off = new MessageWriter().uint16(1).uint16(2).uint8(0).toBuffer();
  const status = (value: number): Buffer => new MessageWriter().uint16(2).uint16(6).uint16(value).toBuffer();
  const drivers = new MessageWriter()
    .uint16(18)
    .uint16(1)
    .raw([0xde, 0xad, 0xbe, 0xef])
    .uint16(3)
    .raw([0, 0, 0, 4])
    .uint16(4)
    .uint16(1)
    .uint16(2)
    .uint16(3)
    .toBuffer();
  const service = (kind: number, fields: Buffer[]): Buffer =>
    new MessageWriter().uint16(kind).uint16(fields.length).raw(Buffer.alloc(4)).raw(Buffer.concat(fields)).toBuffer();
  const services = Buffer.concat([
    service(4, [version, status(0x1f), drivers]), // supervisor
    service(1, [version, status(0xfbff)]), // authentication: not by these services
    service(2, [version, off]), // encryption
    service(3, [version, off]), // data integrity
  ]);
  return new MessageWriter()
    .raw([0xde, 0xad, 0xbe, 0xef])
    .uint16(services.length + 13)
    .raw([0x13, 0, 0, 0])
    .uint16(4)
    .uint8(0)
    .raw(services)
    .toBuffer();
}
