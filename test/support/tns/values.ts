import { DataType } from './constants.ts';

/** What a column holds. NUMBER is a bigint or text so that it stays exact; DATE is 'YYYY-MM-DD HH:MM:SS', no zone. */
export type Value = bigint | number | string | null;

export type ColumnType = 'NUMBER' | 'VARCHAR2' | 'DATE';

/** Oracle NUMBER keeps up to 20 digits of base 100. */
const maximumDigits = 20;

/** Encodes a value of a column; null for NULL, which the empty string is to Oracle. Throws TypeError on a bad value. */
export function encodeValue(type: ColumnType, value: Value): Buffer | null {
  if (value === null || value === '') return null;
  switch (type) {
    case 'NUMBER':
      return encodeNumber(value);
    case 'VARCHAR2':
      if (typeof value !== 'string') throw new TypeError(`${String(value)} is no text: VARCHAR2 takes a string`);
      return Buffer.from(value);
    case 'DATE':
      return encodeDate(String(value));
  }
}

/**
 * Encodes NUMBER: an exponent of base 100 offset by 193, then the digits of base 100 plus one; a negative number has the
 * complement of both and, when there is room, a closing 102. Throws TypeError on what a NUMBER cannot hold exactly.
 */
export function encodeNumber(value: bigint | number | string): Buffer {
  const text = String(value);
  const match = /^([+-]?)(\d+)?(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null || (match[2] === undefined && match[3] === undefined)) {
    throw new TypeError(`${text} is no number`);
  }
  const fraction = match[3] ?? '';
  let digits = `${match[2] ?? ''}${fraction}`;
  let scale = fraction.length - Number(match[4] ?? 0); // the value is digits x 10^-scale
  if (scale % 2 !== 0) {
    digits += '0';
    scale += 1;
  }
  if (digits.length % 2 !== 0) digits = `0${digits}`;
  const pairs = (digits.match(/../g) ?? []).map(Number);
  let exponent = pairs.length - scale / 2 - 1;
  while (pairs[0] === 0) {
    pairs.shift();
    exponent -= 1;
  }
  while (pairs.at(-1) === 0) pairs.pop();
  if (pairs.length === 0) return Buffer.from([0x80]);
  if (pairs.length > maximumDigits) throw new TypeError(`${text} has more digits than a NUMBER keeps`);
  if (exponent > 62 || exponent < -65) throw new TypeError(`${text} is out of the range of NUMBER`);
  if (match[1] !== '-') return Buffer.from([193 + exponent, ...pairs.map((pair) => pair + 1)]);
  const closing = pairs.length < maximumDigits ? [102] : [];
  return Buffer.from([62 - exponent, ...pairs.map((pair) => 101 - pair), ...closing]);
}

/** Decodes NUMBER to decimal text, exactly. */
export function decodeNumber(bytes: Buffer): string {
  const first = bytes.readUInt8(0);
  const positive = (first & 0x80) !== 0;
  if (bytes.length === 1) return positive ? '0' : '-1e126';
  const exponent = (positive ? first : first ^ 0xff) - 193;
  let mantissa = [...bytes.subarray(1)];
  if (!positive && mantissa.at(-1) === 102) mantissa = mantissa.slice(0, -1);
  const pairs = mantissa.map((byte) => String(positive ? byte - 1 : 101 - byte).padStart(2, '0'));
  const whole = pairs
    .slice(0, Math.max(exponent + 1, 0))
    .join('')
    .padEnd(Math.max(exponent + 1, 0) * 2, '0')
    .replace(/^0+/, '');
  const leading = '00'.repeat(Math.max(-exponent - 1, 0));
  const fraction = `${leading}${pairs.slice(Math.max(exponent + 1, 0)).join('')}`.replace(/0+$/, '');
  return `${positive ? '' : '-'}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Encodes 'YYYY-MM-DD HH:MM:SS': century and year offset by 100, the time of day by one. */
export function encodeDate(text: string): Buffer {
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (match === null) throw new TypeError(`${text} is no date: write 'YYYY-MM-DD HH:MM:SS'`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part));
  return Buffer.from([Math.trunc(year / 100) + 100, (year % 100) + 100, month, day, hour + 1, minute + 1, second + 1]);
}

/** Decodes DATE, and the leading part of TIMESTAMP, to 'YYYY-MM-DD HH:MM:SS'. */
export function decodeDate(bytes: Buffer): string {
  const [century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes;
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const date = `${pad((century - 100) * 100 + year - 100, 4)}-${pad(month)}-${pad(day)}`;
  return `${date} ${pad(hour - 1)}:${pad(minute - 1)}:${pad(second - 1)}`;
}

/** A bind variable as the client sent it: NUMBER as exact text, other types than those of a column as bytes. */
export type BindValue = string | Buffer | null;

/** Decodes a bind variable. */
export function decodeBind(dataType: number, bytes: Buffer | null): BindValue {
  if (bytes === null) return null;
  if (dataType === DataType.number) return decodeNumber(bytes);
  if (dataType === DataType.varchar2 || dataType === DataType.char) return bytes.toString();
  if (dataType === DataType.date) return decodeDate(bytes);
  return Buffer.from(bytes);
}
