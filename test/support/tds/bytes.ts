/**
 * The integers and strings that TDS is made of (MS-TDS 2.2.5.1): little-endian numbers, UTF-16 strings behind a length.
 */

export function uint8(value: number): Buffer {
  return Buffer.from([value & 0xff]);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function uint64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return bytes;
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** B_VARCHAR: at most 255 UTF-16 units behind one byte. */
export function bVarchar(text: string): Buffer {
  return Buffer.concat([uint8(text.length), utf16(text)]);
}

/** US_VARCHAR: at most 65535 UTF-16 units behind two bytes. */
export function usVarchar(text: string): Buffer {
  return Buffer.concat([uint16(text.length), utf16(text)]);
}

/** Reads a message from its start to its end; reading past the end throws a RangeError. */
export class ByteReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  uint8(): number {
    return this.bytes(1).readUInt8();
  }

  uint16(): number {
    return this.bytes(2).readUInt16LE();
  }

  uint32(): number {
    return this.bytes(4).readUInt32LE();
  }

  uint64(): bigint {
    return this.bytes(8).readBigUInt64LE();
  }

  bytes(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new RangeError(`message ends at ${this.#bytes.length}, ${end} bytes expected`);
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  /** @param length UTF-16 units */
  utf16(length: number): string {
    return this.bytes(length * 2).toString('utf16le');
  }

  bVarchar(): string {
    return this.utf16(this.uint8());
  }

  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#position);
  }
}
