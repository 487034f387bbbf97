/**
 * What a client asks (MS-TDS 2.2.6.6 RPC and 2.2.6.7 SQLBatch): the text, and the values of its parameters.
 */
import { ByteReader } from './bytes.ts';

/** A parameter's value, as SQL Server would hold it; bigint and decimal lose nothing. */
export type ParameterValue = string | number | bigint | boolean | Buffer | null;

export interface ClientRequest {
  /** The statement as it was sent; for a procedure called by name, `EXEC` and that name. */
  text: string;
  /** By name without the `@`; empty for a batch. */
  parameters: Record<string, ParameterValue>;
  kind: 'batch' | 'rpc';
}

const SP_EXECUTESQL = 10;
const PROCEDURE_BY_NUMBER = 0xffff;

const ParameterType = {
  Guid: 0x24,
  IntN: 0x26,
  BitN: 0x68,
  DecimalN: 0x6a,
  NumericN: 0x6c,
  FloatN: 0x6d,
  VarBinary: 0xa5,
  VarChar: 0xa7,
  NVarChar: 0xe7,
} as const;

const COLLATION_LENGTH = 5;
const MAX_TYPE = 0xffff;
const NULL_LENGTH = 0xffff;
const NULL_PLP = 0xffff_ffff_ffff_ffffn;

export function readSqlBatch(body: Buffer): ClientRequest {
  return { text: afterHeaders(body).toString('utf16le'), parameters: {}, kind: 'batch' };
}

/** @throws Error for procedures by number other than sp_executesql, and for parameter types not listed here */
export function readRpc(body: Buffer): ClientRequest {
  const reader = new ByteReader(afterHeaders(body));
  const nameLength = reader.uint16();
  const procedure = nameLength === PROCEDURE_BY_NUMBER ? reader.uint16() : reader.utf16(nameLength);
  reader.uint16(); // Option flags: recompile and metadata hints
  const parameters: { name: string; value: ParameterValue }[] = [];
  while (!reader.atEnd) parameters.push(readParameter(reader));
  if (procedure === SP_EXECUTESQL || procedure === 'sp_executesql') return statementOf(parameters);
  if (typeof procedure === 'number') throw new Error(`procedure number ${procedure} is not supported`);
  return { text: `EXEC ${procedure}`, parameters: byName(parameters), kind: 'rpc' };
}

/** sp_executesql takes the statement, the declarations of its parameters, and the parameters. */
function statementOf([statement, , ...parameters]: { name: string; value: ParameterValue }[]): ClientRequest {
  if (typeof statement?.value !== 'string') throw new Error('sp_executesql without a statement');
  return { text: statement.value, parameters: byName(parameters), kind: 'rpc' };
}

function byName(parameters: { name: string; value: ParameterValue }[]): Record<string, ParameterValue> {
  return Object.fromEntries(parameters.map(({ name, value }) => [name.replace(/^@/, ''), value]));
}

/** ALL_HEADERS, which tell the transaction, come before every request since TDS 7.2. */
function afterHeaders(body: Buffer): Buffer {
  return body.subarray(body.readUInt32LE(0));
}

function readParameter(reader: ByteReader): { name: string; value: ParameterValue } {
  const name = reader.bVarchar();
  reader.uint8(); // Status flags: by reference, default value
  return { name, value: readValue(reader, reader.uint8()) };
}

function readValue(reader: ByteReader, type: number): ParameterValue {
  switch (type) {
    case ParameterType.IntN:
      return readShort(reader, integerOf);
    case ParameterType.BitN:
      return readShort(reader, (bytes) => bytes.readUInt8() === 1);
    case ParameterType.FloatN:
      return readShort(reader, (bytes) => (bytes.length === 8 ? bytes.readDoubleLE() : bytes.readFloatLE()));
    case ParameterType.Guid:
      return readShort(reader, (bytes) => bytes);
    case ParameterType.DecimalN:
    case ParameterType.NumericN:
      return readDecimal(reader);
    case ParameterType.NVarChar:
      return readLong(reader, COLLATION_LENGTH)?.toString('utf16le') ?? null;
    case ParameterType.VarChar:
      return readLong(reader, COLLATION_LENGTH)?.toString('latin1') ?? null;
    case ParameterType.VarBinary:
      return readLong(reader, 0);
    default:
      throw new Error(`parameter type 0x${type.toString(16)} is not supported`);
  }
}

/** A value behind one byte of length, which its TYPE_INFO says once more. */
function readShort<T>(reader: ByteReader, decode: (bytes: Buffer) => T): T | null {
  reader.uint8();
  const length = reader.uint8();
  return length === 0 ? null : decode(reader.bytes(length));
}

function integerOf(bytes: Buffer): number | bigint {
  if (bytes.length === 8) return bytes.readBigInt64LE();
  return bytes.length === 1 ? bytes.readUInt8() : bytes.readIntLE(0, bytes.length);
}

function readDecimal(reader: ByteReader): string | null {
  reader.bytes(2); // Largest size, precision
  const scale = reader.uint8();
  const length = reader.uint8();
  if (length === 0) return null;
  const [sign, ...magnitude] = reader.bytes(length);
  const digits = magnitude.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n).toString();
  const padded = digits.padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  return `${sign === 0 ? '-' : ''}${whole}${scale > 0 ? `.${padded.slice(-scale)}` : ''}`;
}

/** A value behind two bytes of length, or in chunks when the type is a "(max)". */
function readLong(reader: ByteReader, suffixLength: number): Buffer | null {
  const limit = reader.uint16();
  reader.bytes(suffixLength);
  if (limit === MAX_TYPE) return readChunks(reader);
  const length = reader.uint16();
  return length === NULL_LENGTH ? null : reader.bytes(length);
}

function readChunks(reader: ByteReader): Buffer | null {
  if (reader.uint64() === NULL_PLP) return null;
  const chunks: Buffer[] = [];
  for (let length = reader.uint32(); length > 0; length = reader.uint32()) chunks.push(reader.bytes(length));
  return Buffer.concat(chunks);
}
