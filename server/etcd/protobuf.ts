/** As much of the wire format of protocol buffers as etcd's messages need: numbers, bytes, and messages in messages. */

/** Varints that are exact as a number come as one. */
export type FieldValue = number | bigint | Buffer;

/** Bytes that are no message. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** A message with these fields, in this order; one that is undefined is left out. */
export function message(...fields: readonly (readonly Buffer[] | undefined)[]): Buffer {
  return Buffer.concat(fields.flatMap((field) => field ?? []));
}

/** A whole number that is not negative. */
export const number = (field: number, value: number | bigint): readonly Buffer[] => [
  varint((field << 3) | VARINT),
  varint(value),
];

/** Bytes, text, or a message. */
export function bytes(field: number, value: Buffer | string): readonly Buffer[] {
  const content = typeof value === "string" ? Buffer.from(value) : value;
  return [varint((field << 3) | BYTES), varint(content.length), content];
}

/** Tells every field in its order. Throws Malformed. */
export function readFields(from: Buffer, field: (number: number, value: FieldValue) => void): void {
  const reader = new Reader(from);
  while (!reader.isAtEnd) {
    const tag = asNumber(reader.varint());
    const kind = tag % 8;
    if (kind === VARINT) field(Math.floor(tag / 8), reader.varint());
    else if (kind === BYTES) field(Math.floor(tag / 8), reader.bytes(asNumber(reader.varint())));
    else if (kind === FIXED_64) reader.bytes(8);
    else if (kind === FIXED_32) reader.bytes(4);
    else throw new Malformed(`a field of kind ${kind}`);
  }
}

/** A count that is exact as a number. */
export function asNumber(value: FieldValue): number {
  if (typeof value === "number") return value;
  throw new Malformed("a number was expected that is below 2^53");
}

/** A number of 64 bits. */
export function asId(value: FieldValue): bigint {
  if (typeof value === "object") throw new Malformed("a number was expected");
  return BigInt.asIntN(64, BigInt(value));
}

/** A part of the message that is read: to be copied by whoever keeps it. */
export function asBytes(value: FieldValue): Buffer {
  if (typeof value === "object") return value;
  throw new Malformed("bytes were expected");
}

function varint(value: number | bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}

class Reader {
  readonly #from: Buffer;
  #at = 0;

  constructor(from: Buffer) {
    this.#from = from;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#from.length;
  }

  varint(): number | bigint {
    let value = 0;
    // Seven bytes are 49 bits: exact in a number. What is longer is rare, and read anew.
    for (let index = 0; index < 7; index += 1) {
      const byte = this.#from[this.#at + index];
      if (byte === undefined) throw new Malformed("a number is cut off");
      value += (byte & 127) * 2 ** (7 * index);
      if (byte > 127) continue;
      this.#at += index + 1;
      return value;
    }
    return this.#longVarint();
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#from.length) throw new Malformed("a field is longer than its message");
    const found = this.#from.subarray(this.#at, end);
    this.#at = end;
    return found;
  }

  #longVarint(): number | bigint {
    let value = 0n;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.#from[this.#at];
      if (byte === undefined) throw new Malformed("a number is cut off");
      this.#at += 1;
      value |= BigInt(byte & 127) << BigInt(7 * index);
      if (byte > 127) continue;
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
    }
    throw new Malformed("a number is longer than 64 bits");
  }
}
