/** A message's fields by number, each as often as it comes: numbers of fixed width and varints as bigint, all else as bytes. */
export class Message {
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  /** Reads the wire format (protobuf.dev, "Encoding"). @throws Error for what is none */
  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined || shift > 63n) throw new Error(`no varint before byte ${at}`);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (at + length > bytes.length) throw new Error(`a field ends behind the message, at byte ${at}`);
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const key = varint();
      const field = Number(key >> 3n);
      const type = Number(key & 7n);
      let value: bigint | Buffer;
      if (type === 0) value = varint();
      else if (type === 1) value = take(8).readBigUInt64LE();
      else if (type === 2) value = take(Number(varint()));
      else if (type === 5) value = BigInt(take(4).readUInt32LE());
      else throw new Error(`wire type ${type} at byte ${at}`);
      this.#fields.set(field, [...(this.#fields.get(field) ?? []), value]);
    }
  }

  messages(field: number): Message[] {
    return this.#all(field).map((one) => new Message(one as Buffer));
  }

  /** An empty one when it is not there. */
  message(field: number): Message {
    return this.messages(field)[0] ?? new Message(Buffer.alloc(0));
  }

  bytes(field: number): Buffer {
    return (this.#all(field)[0] as Buffer | undefined) ?? Buffer.alloc(0);
  }

  text(field: number): string {
    return this.bytes(field).toString('utf8');
  }

  /** A varint, or a fixed64 as whole number. */
  integer(field: number): number {
    return Number((this.#all(field)[0] as bigint | undefined) ?? 0n);
  }

  double(field: number): number {
    return toDouble((this.#all(field)[0] as bigint | undefined) ?? 0n);
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  /** Repeated fixed64, packed. */
  integers(field: number): number[] {
    return fixed64(this.bytes(field)).map(Number);
  }

  /** Repeated double, packed. */
  doubles(field: number): number[] {
    return fixed64(this.bytes(field)).map(toDouble);
  }

  #all(field: number): readonly (bigint | Buffer)[] {
    return this.#fields.get(field) ?? [];
  }
}

function fixed64(bytes: Buffer): bigint[] {
  if (bytes.length % 8 !== 0) throw new Error(`${bytes.length} bytes are no fixed64`);
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readBigUInt64LE(index * 8));
}

function toDouble(bits: bigint): number {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(bits);
  return buffer.readDoubleLE();
}
