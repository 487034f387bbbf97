/** The longest value whose length fits the one-byte form; longer ones go in chunks. */
const maximumShortLength = 252;
const chunkedLength = 254;
const chunkSize = 32767;

/** Builds a message: fixed-size integers, TTC's variable-length integers, and length-prefixed bytes. */
export class MessageWriter {
  private readonly parts: Uint8Array[] = [];

  raw(bytes: Uint8Array | readonly number[]): this {
    this.parts.push(bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes));
    return this;
  }

  uint8(value: number): this {
    return this.raw([value & 0xff]);
  }

  uint16(value: number): this {
    return this.raw([(value >> 8) & 0xff, value & 0xff]);
  }

  uint16LittleEndian(value: number): this {
    return this.raw([value & 0xff, (value >> 8) & 0xff]);
  }

  /** TTC's integer (UB2, UB4, UB8): a byte that counts, then that many bytes, the highest first; 0 is a lone 0. */
  integer(value: number): this {
    const bytes: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
    return this.uint8(bytes.length).raw(bytes);
  }

  /** Several integers in a row. */
  integers(...values: number[]): this {
    for (const value of values) this.integer(value);
    return this;
  }

  /** A value with its length; null and the empty value are the same to Oracle. */
  bytes(value: Uint8Array | null): this {
    if (value === null) return this.uint8(0);
    if (value.length <= maximumShortLength) return this.uint8(value.length).raw(value);
    this.uint8(chunkedLength);
    for (let offset = 0; offset < value.length; offset += chunkSize) {
      const chunk = value.subarray(offset, offset + chunkSize);
      this.integer(chunk.length).raw(chunk);
    }
    return this.integer(0);
  }

  /** Text: its length in bytes as an integer and, unless it is empty, the value with its length again. */
  text(value: string): this {
    const bytes = Buffer.from(value);
    this.integer(bytes.length);
    return bytes.length === 0 ? this : this.bytes(bytes);
  }

  /** A key, a value and the flags of the pair, as authentication uses them. */
  pair(key: string, value: string, flags = 0): this {
    return this.text(key).text(value).integer(flags);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.parts);
  }
}
