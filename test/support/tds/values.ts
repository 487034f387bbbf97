/**
 * Column types of a result set (MS-TDS 2.2.5.4): how each is announced in COLMETADATA and how its values travel.
 */
import { uint16, uint32, uint64, uint8, utf16 } from './bytes.ts';

/** What a cell may hold; a `bigint` or a decimal may be given as a string of digits. */
export type Value = string | number | bigint | boolean | Date | Buffer | null;

export type ColumnType =
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'bit'
  | 'real'
  | 'float'
  | 'decimal'
  | 'varchar'
  | 'nvarchar'
  | 'nvarchar(max)'
  | 'varbinary'
  | 'uniqueidentifier'
  | 'datetime'
  | 'datetime2'
  | 'sql_variant';

export interface Column {
  name: string;
  type: ColumnType;
  /** NOT NULL columns of numbers and dates travel as another type, as they do on a real server. True by default. */
  nullable?: boolean;
  /** Characters or bytes of varchar, nvarchar and varbinary; 256 by default. */
  length?: number;
  /** Of decimal; 38 by default. */
  precision?: number;
  /** Of decimal; 0 by default. */
  scale?: number;
}

interface TypeCodec {
  /** TYPE_INFO: the type and its size. */
  typeInfo(column: Column): Buffer;
  /** The value behind its length; a fixed-length type has none. */
  encode(value: NonNullable<Value>, column: Column): Buffer;
  nullValue(column: Column): Buffer;
}

/** SQL_Latin1_General_CP1_CI_AS: what a server gets when nobody chooses. */
export const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

const DATETIME2_SCALE = 7;
const SQL_VARIANT_LIMIT = 8009;
const DAY = 86_400_000;
const YEAR_ONE = Date.parse('0001-01-01T00:00:00Z');

export function typeInfo(column: Column): Buffer {
  return codecOf(column).typeInfo(column);
}

/** @throws RangeError, naming the column, when its type cannot hold the value */
export function encodeValue(value: Value, column: Column): Buffer {
  try {
    if (value !== null) return codecOf(column).encode(value, column);
    if (column.nullable === false) throw new TypeError('it is not nullable');
    return codecOf(column).nullValue(column);
  } catch (cause) {
    throw new RangeError(`column "${column.name}" (${column.type}) cannot hold ${String(value)}`, { cause });
  }
}

function codecOf(column: Column): TypeCodec {
  return TYPES[column.type];
}

/** A type of one size: nullable columns carry a length before each value, others carry the value alone. */
function fixedLength(
  size: number,
  nullableType: number,
  notNullType: number,
  write: (bytes: Buffer, value: NonNullable<Value>) => void,
): TypeCodec {
  return {
    typeInfo: ({ nullable = true }) => (nullable ? Buffer.from([nullableType, size]) : uint8(notNullType)),
    encode: (value, { nullable = true }) => {
      const bytes = Buffer.alloc(size);
      write(bytes, value);
      return nullable ? Buffer.concat([uint8(size), bytes]) : bytes;
    },
    nullValue: () => uint8(0),
  };
}

/** A type of up to `length` units of `unitSize` bytes, behind a length of two bytes. */
function variableLength(
  type: number,
  unitSize: number,
  suffix: Buffer,
  toBytes: (value: NonNullable<Value>) => Buffer,
): TypeCodec {
  return {
    typeInfo: ({ length = 256 }) => Buffer.concat([uint8(type), uint16(length * unitSize), suffix]),
    encode: (value, { length = 256 }) => {
      const bytes = toBytes(value);
      if (bytes.length > length * unitSize) throw new RangeError(`longer than ${length}`);
      return Buffer.concat([uint16(bytes.length), bytes]);
    },
    nullValue: () => uint16(0xffff),
  };
}

const TYPES: Record<ColumnType, TypeCodec> = {
  tinyint: fixedLength(1, 0x26, 0x30, (bytes, value) => bytes.writeUInt8(Number(value))),
  smallint: fixedLength(2, 0x26, 0x34, (bytes, value) => bytes.writeInt16LE(Number(value))),
  int: fixedLength(4, 0x26, 0x38, (bytes, value) => bytes.writeInt32LE(Number(value))),
  bigint: fixedLength(8, 0x26, 0x7f, (bytes, value) => bytes.writeBigInt64LE(toBigInt(value))),
  bit: fixedLength(1, 0x68, 0x32, (bytes, value) => bytes.writeUInt8(value ? 1 : 0)),
  real: fixedLength(4, 0x6d, 0x3b, (bytes, value) => bytes.writeFloatLE(Number(value))),
  float: fixedLength(8, 0x6d, 0x3e, (bytes, value) => bytes.writeDoubleLE(Number(value))),
  datetime: fixedLength(8, 0x6f, 0x3d, writeDatetime),
  varchar: variableLength(0xa7, 1, COLLATION, (value) => Buffer.from(String(value), 'latin1')),
  nvarchar: variableLength(0xe7, 2, COLLATION, (value) => utf16(String(value))),
  varbinary: variableLength(0xa5, 1, Buffer.alloc(0), toBuffer),
  'nvarchar(max)': {
    typeInfo: () => Buffer.concat([uint8(0xe7), uint16(0xffff), COLLATION]),
    // PLP: the whole length, one chunk behind its own length, and an empty chunk as the end.
    encode: (value) => {
      const bytes = utf16(String(value));
      const chunk = bytes.length > 0 ? [uint32(bytes.length), bytes] : [];
      return Buffer.concat([uint64(bytes.length), ...chunk, uint32(0)]);
    },
    nullValue: () => Buffer.alloc(8, 0xff),
  },
  decimal: {
    typeInfo: ({ precision = 38, scale = 0 }) => Buffer.from([0x6a, decimalSize(precision), precision, scale]),
    encode: (value, { precision = 38, scale = 0 }) => {
      const size = decimalSize(precision);
      return Buffer.concat([uint8(size), decimalBytes(String(value), size, scale)]);
    },
    nullValue: () => uint8(0),
  },
  uniqueidentifier: {
    typeInfo: () => Buffer.from([0x24, 16]),
    encode: (value) => Buffer.concat([uint8(16), guidBytes(String(value))]),
    nullValue: () => uint8(0),
  },
  datetime2: {
    typeInfo: () => Buffer.from([0x2a, DATETIME2_SCALE]),
    encode: (value) => {
      const sinceYearOne = toDate(value).getTime() - YEAR_ONE;
      const days = Math.floor(sinceYearOne / DAY);
      const ticks = BigInt(sinceYearOne - days * DAY) * 10_000n;
      return Buffer.concat([uint8(8), uint64(ticks).subarray(0, 5), uint32(days).subarray(0, 3)]);
    },
    nullValue: () => uint8(0),
  },
  // What SERVERPROPERTY() and DATABASEPROPERTYEX() return: each value brings its own type.
  sql_variant: {
    typeInfo: () => Buffer.concat([uint8(0x62), uint32(SQL_VARIANT_LIMIT)]),
    encode: (value) => {
      const bytes = variantBytes(value);
      return Buffer.concat([uint32(bytes.length), bytes]);
    },
    nullValue: () => uint32(0),
  },
};

function variantBytes(value: NonNullable<Value>): Buffer {
  if (typeof value === 'string') {
    const bytes = utf16(value);
    return Buffer.concat([Buffer.from([0xe7, 7]), COLLATION, uint16(bytes.length), bytes]);
  }
  const notNull: Column = { name: '', type: 'int', nullable: false };
  if (typeof value === 'number') return Buffer.concat([Buffer.from([0x38, 0]), TYPES.int.encode(value, notNull)]);
  if (typeof value === 'bigint') return Buffer.concat([Buffer.from([0x7f, 0]), TYPES.bigint.encode(value, notNull)]);
  if (typeof value === 'boolean') return Buffer.concat([Buffer.from([0x32, 0]), TYPES.bit.encode(value, notNull)]);
  throw new TypeError('a sql_variant is a string, a number, a bigint or a boolean here');
}

/** Storage by precision, as documented for decimal and numeric. */
function decimalSize(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

/** Sign, then the magnitude times 10^scale, little-endian. */
function decimalBytes(text: string, size: number, scale: number): Buffer {
  const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > scale) throw new RangeError(`not a decimal of scale ${scale}`);
  let magnitude = BigInt(whole + fraction.padEnd(scale, '0'));
  const bytes = Buffer.alloc(size);
  bytes.writeUInt8(minus ? 0 : 1);
  for (let at = 1; at < size; at++) {
    bytes.writeUInt8(Number(magnitude & 0xffn), at);
    magnitude >>= 8n;
  }
  if (magnitude > 0n) throw new RangeError('too many digits');
  return bytes;
}

/** The first three groups are little-endian, the others are not. */
function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new RangeError('not a GUID');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Days since 1900 and 300ths of a second since midnight. */
function writeDatetime(bytes: Buffer, value: NonNullable<Value>): void {
  const since1900 = toDate(value).getTime() - Date.UTC(1900, 0, 1);
  const days = Math.floor(since1900 / DAY);
  bytes.writeInt32LE(days, 0);
  bytes.writeUInt32LE(Math.round(((since1900 - days * DAY) * 3) / 10), 4);
}

function toDate(value: NonNullable<Value>): Date {
  if (value instanceof Date) return value;
  throw new TypeError('not a Date');
}

function toBuffer(value: NonNullable<Value>): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new TypeError('not a Buffer');
}

function toBigInt(value: NonNullable<Value>): bigint {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string') return BigInt(value);
  throw new TypeError('not an integer');
}
