/** The message goes on in a packet that has not arrived yet. */
export class MessageIncomplete extends Error {
  constructor(position: number) {
    super(`the message ends at byte ${position}, in the middle of a field`);
    this.name = 'MessageIncomplete';
  }
}

/** Reads what MessageWriter writes. Throws MessageIncomplete past the end. */
export class MessageReader {
  private readonly data: Buffer;
  private position = 0;

  constructor(data: Buffer) {
    this.data = data;
  }

  get remaining(): number {
    return this.data.length - this.position;
  }

  /** The next byte, left unread. */
  peek(): number {
    this.need(1);
    return this.data.readUInt8(this.position);
  }

  uint8(): number {
    return this.take(1).readUInt8(0);
  }

  uint16(): number {
    return this.take(2).readUInt16BE(0);
  }

  skip(count: number): this {
    this.take(count);
    return this;
  }

  take(count: number): Buffer {
    this.need(count);
    this.position += count;
    return this.data.subarray(this.position - count, this.position);
  }

  /** TTC's integer; the highest bit of its count is the sign, which no field read here uses. */
  integer(): number {
    let value = 0;
    for (const byte of this.take(this.uint8() & 0x7f)) value = value * 256 + byte;
    return value;
  }

  /** Reads several integers and returns none: fields that do not matter here. */
  skipIntegers(count: number): this {
    for (let done = 0; done < count; done += 1) this.integer();
    return this;
  }

  /** A value with its length, whole or in chunks; null when there is none. */
  bytes(): Buffer | null {
    const length = this.uint8();
    if (length === 0 || length === 255) return null;
    if (length !== 254) return this.take(length);
    const chunks: Buffer[] = [];
    for (let size = this.integer(); size > 0; size = this.integer()) chunks.push(this.take(size));
    return Buffer.concat(chunks);
  }

  /** Text as MessageWriter.text writes it. */
  text(): string {
    return this.integer() === 0 ? '' : (this.bytes()?.toString() ?? '');
  }

  /** Text up to a zero byte. */
  zeroTerminated(): string {
    const end = this.data.indexOf(0, this.position);
    if (end < 0) throw new MessageIncomplete(this.data.length);
    const text = this.data.toString('latin1', this.position, end);
    this.position = end + 1;
    return text;
  }

  /** A key and its value; some keys end with a zero byte, which is not part of the name. */
  pair(): [key: string, value: string] {
    const key = this.text().replace(/\0$/, '');
    const value = this.text().replace(/\0$/, '');
    this.integer(); // flags
    return [key, value];
  }

  private need(count: number): void {
    if (this.remaining < count) throw new MessageIncomplete(this.data.length);
  }
}
