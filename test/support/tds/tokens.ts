/**
 * The tokens of a reply (MS-TDS 2.2.7), each made by the function that bears its name.
 */
import type { ServerVersion } from './version.ts';
import { bVarchar, uint16, uint32, uint64, uint8, usVarchar } from './bytes.ts';
import type { Column, Value } from './values.ts';
import { COLLATION, encodeValue, typeInfo } from './values.ts';
import { versionBytes } from './version.ts';

const Token = {
  ReturnStatus: 0x79,
  ColMetadata: 0x81,
  Error: 0xaa,
  Info: 0xab,
  LoginAck: 0xad,
  Row: 0xd1,
  NbcRow: 0xd2,
  EnvChange: 0xe3,
} as const;

/** The three ends of a result: of a batch's statement, of a procedure, of a statement inside a procedure. */
export const DoneToken = { Done: 0xfd, DoneProc: 0xfe, DoneInProc: 0xff } as const;

export type DoneTokenType = (typeof DoneToken)[keyof typeof DoneToken];

export const DoneStatus = { Final: 0, More: 1, Error: 2, Count: 0x10, Attention: 0x20 } as const;

const EnvChangeType = {
  Database: 1,
  Language: 2,
  PacketSize: 4,
  Collation: 7,
  ResetConnection: 18,
  Routing: 20,
} as const;

const SELECT_COMMAND = 0xc1;
const COLUMN_NULLABLE = 0x0001;
const TCP = 0;

/** A message of the server: ERROR from class 11 on, INFO below. */
export interface ServerMessage {
  number: number;
  message: string;
  state: number;
  class: number;
  procedure: string;
  line: number;
}

export function done(type: DoneTokenType, status: number, rowCount = 0): Buffer {
  return Buffer.concat([uint8(type), uint16(status), uint16(SELECT_COMMAND), uint64(rowCount)]);
}

export function messageToken(serverName: string, message: ServerMessage): Buffer {
  return withLength(
    message.class > 10 ? Token.Error : Token.Info,
    uint32(message.number),
    uint8(message.state),
    uint8(message.class),
    usVarchar(message.message),
    bVarchar(serverName),
    bVarchar(message.procedure),
    uint32(message.line),
  );
}

export function colMetadata(columns: readonly Column[]): Buffer {
  const userType = uint32(0);
  return Buffer.concat([
    uint8(Token.ColMetadata),
    uint16(columns.length),
    ...columns.flatMap((column) => [
      userType,
      uint16(column.nullable === false ? 0 : COLUMN_NULLABLE),
      typeInfo(column),
      bVarchar(column.name),
    ]),
  ]);
}

/** ROW, or NBCROW (nulls as a bitmap in front) where that is shorter, as SQL Server chooses. */
export function row(columns: readonly Column[], values: readonly Value[]): Buffer {
  const cells = columns.map((column, index) => encodeValue(values[index] ?? null, column));
  const plain = Buffer.concat([uint8(Token.Row), ...cells]);
  const nullBitmap = Buffer.alloc(Math.ceil(columns.length / 8));
  columns.forEach((_, index) => {
    if ((values[index] ?? null) === null)
      nullBitmap.writeUInt8(nullBitmap.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3);
  });
  const present = cells.filter((_, index) => (values[index] ?? null) !== null);
  const compressed = Buffer.concat([uint8(Token.NbcRow), nullBitmap, ...present]);
  return compressed.length < plain.length ? compressed : plain;
}

export function returnStatus(value: number): Buffer {
  return Buffer.concat([uint8(Token.ReturnStatus), uint32(value)]);
}

export function loginAck(version: ServerVersion, tdsVersion: number): Buffer {
  const acknowledgedVersion = Buffer.alloc(4);
  acknowledgedVersion.writeUInt32BE(tdsVersion);
  const sqlTransact = uint8(1);
  return withLength(
    Token.LoginAck,
    sqlTransact,
    acknowledgedVersion,
    bVarchar('Microsoft SQL Server'),
    versionBytes(version),
  );
}

export function databaseChange(database: string, before: string): Buffer {
  return withLength(Token.EnvChange, uint8(EnvChangeType.Database), bVarchar(database), bVarchar(before));
}

export function languageChange(language: string): Buffer {
  return withLength(Token.EnvChange, uint8(EnvChangeType.Language), bVarchar(language), bVarchar(''));
}

export function packetSizeChange(size: number): Buffer {
  return withLength(Token.EnvChange, uint8(EnvChangeType.PacketSize), bVarchar(String(size)), bVarchar('4096'));
}

export function collationChange(): Buffer {
  return withLength(Token.EnvChange, uint8(EnvChangeType.Collation), uint8(COLLATION.length), COLLATION, uint8(0));
}

export function connectionReset(): Buffer {
  return withLength(Token.EnvChange, uint8(EnvChangeType.ResetConnection), uint8(0), uint8(0));
}

/** Sends the client elsewhere after its login, as the gateway of Azure SQL Database does. */
export function routingChange(server: string, port: number): Buffer {
  const alternate = Buffer.concat([uint8(TCP), uint16(port), usVarchar(server)]);
  return withLength(Token.EnvChange, uint8(EnvChangeType.Routing), uint16(alternate.length), alternate, uint16(0));
}

function withLength(token: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([uint8(token), uint16(body.length), body]);
}
