/**
 * Deterministic CBOR (RFC 8949 4.2.1), strictly: whole numbers of 64 bits, bytes, text, null, lists, and maps with
 * unsigned keys. What is read is written again and compared (docs/spec/event.md, section 2).
 *
 * Numbers beyond 2^53 come out as bigint, all others as number.
 */

import { type Bytes, concat, equal, fromUtf8, utf8 } from "./bytes";
import { FormatError } from "./errors";

export type Value = null | number | bigint | string | Bytes | Value[] | Fields;
export type Fields = Map<number | bigint, Value>;

export const MAX_DEPTH = 8;

/** Something CBOR can say and our formats do not: a float, true, undefined. As a map key, 1.0 and true are 1. */
class Foreign {
  constructor(readonly name: string, readonly value: number | string) {}

  toString(): string {
    return typeof this.value === "number" && Number.isInteger(this.value) ? String(BigInt(this.value)) : `${this.name} ${this.value}`;
  }
}
type Raw = null | number | bigint | string | Bytes | Foreign | Raw[] | [Raw, Raw][] & { isMap: true };

/** The value of exactly one item; throws FormatError E01 (no CBOR, too deep, a type we do not use) or E02 (not the one form). */
export function decode(data: Bytes): Value {
  const reader = new Reader(data);
  const value = admit(reader.item(0));
  if (!equal(encode(value), data)) {
    throw new FormatError("not in deterministic CBOR form", "E02");
  }
  return value;
}

class Reader {
  private at = 0;

  constructor(private readonly data: Bytes) {}

  item(depth: number): Raw {
    const first = this.take(1)[0] as number;
    const major = first >> 5;
    const extra = first & 31;
    if (first === 0xff) {
      throw new FormatError("break code where an item was expected", "E01");
    }
    if (major === 7) {
      return this.simple(extra);
    }
    const argument = this.argument(extra);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return small(-1n - BigInt(argument));
      case 2:
        return this.take(argument);
      case 3:
        return this.text(argument);
      case 4:
        return this.items(argument, depth);
      case 5:
        return this.map(argument, depth);
      default:
        this.item(depth + 1); // what is wrong inside is said first
        throw new FormatError("a tag is not allowed", "E01");
    }
  }

  private take(count: number | bigint): Bytes {
    if (count > this.data.length - this.at) {
      throw new FormatError("premature end", "E01");
    }
    const part = this.data.slice(this.at, this.at + Number(count));
    this.at += Number(count);
    return part;
  }

  private argument(extra: number): number | bigint {
    if (extra < 24) {
      return extra;
    }
    if (extra === 31) {
      throw new FormatError("indefinite length", "E02");
    }
    if (extra > 27) {
      throw new FormatError("reserved additional information", "E01");
    }
    return small(this.take(1 << (extra - 24)).reduce((value, byte) => value * 256n + BigInt(byte), 0n));
  }

  private simple(extra: number): Raw {
    if (extra === 22) {
      return null;
    }
    if (extra < 24) {
      return new Foreign("simple value", { 20: 0, 21: 1 }[extra] ?? `#${extra}`);
    }
    if (extra === 24) {
      const value = this.take(1)[0] as number;
      if (value < 32) {
        throw new FormatError("two-byte simple value below 32", "E01");
      }
      return new Foreign("simple value", `#${value}`);
    }
    if (extra > 27) {
      throw new FormatError("reserved simple value", "E01");
    }
    return new Foreign("float", floatOf(this.take(1 << (extra - 24))));
  }

  private text(length: number | bigint): string {
    const bytes = this.take(length);
    try {
      return fromUtf8(bytes);
    } catch {
      throw new FormatError("text is not UTF-8", "E01");
    }
  }

  private items(count: number | bigint, depth: number): Raw[] {
    this.deepen(count, depth);
    const list: Raw[] = [];
    for (let n = 0n; n < count; n += 1n) {
      list.push(this.item(depth + 1));
    }
    return list;
  }

  private map(count: number | bigint, depth: number): Raw {
    this.deepen(count, depth);
    const pairs: [Raw, Raw][] = [];
    const seen = new Set<string>();
    for (let n = 0n; n < count; n += 1n) {
      const key = this.item(depth + 1);
      pairs.push([key, this.item(depth + 1)]);
      const name = nameOf(key);
      if (seen.has(name) && name !== "float NaN") {
        throw new FormatError("map key twice", "E02");
      }
      seen.add(name);
    }
    return Object.assign(pairs, { isMap: true } as const);
  }

  private deepen(count: number | bigint, depth: number): void {
    if (depth >= MAX_DEPTH && count) {
      throw new FormatError(`deeper than ${MAX_DEPTH}`, "E01");
    }
  }
}

/** What makes a map key the same as another. */
function nameOf(key: Raw): string {
  if (typeof key === "string") {
    return `text ${key}`;
  }
  return key instanceof Uint8Array ? `bytes ${String(key)}` : Array.isArray(key) ? `list ${key.map(nameOf).join()}` : String(key);
}

/** The number of 2, 4 or 8 bytes (IEEE 754). */
function floatOf(bytes: Bytes): number {
  const view = new DataView(bytes.buffer);
  if (bytes.length > 2) {
    return bytes.length === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }
  const [sign, exponent, fraction] = [view.getUint16(0) >> 15, (view.getUint16(0) >> 10) & 31, view.getUint16(0) & 1023];
  const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return sign ? -size : size;
}

/** The value, where it is of a type that our formats use. */
function admit(raw: Raw): Value {
  if (raw instanceof Foreign) {
    throw new FormatError(`type ${raw.name} is not allowed`, "E01");
  }
  if (typeof raw === "bigint" && raw < -(1n << 63n)) {
    throw new FormatError("integer beyond 64 bits", "E01");
  }
  if (!Array.isArray(raw)) {
    return raw;
  }
  if (!("isMap" in raw)) {
    return raw.map(admit);
  }
  const map: Fields = new Map();
  for (const [key, inner] of raw as [Raw, Raw][]) {
    if ((typeof key !== "number" && typeof key !== "bigint") || key < 0) {
      throw new FormatError("map key is not an unsigned integer", "E01");
    }
    map.set(key, admit(inner));
  }
  return map;
}

export function encode(value: Value): Bytes {
  if (value === null) {
    return Uint8Array.of(0xf6);
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  }
  if (typeof value === "string") {
    const text = utf8(value);
    return concat(head(3, text.length), text);
  }
  if (value instanceof Uint8Array) {
    return concat(head(2, value.length), value);
  }
  if (value instanceof Map) {
    const pairs = [...value].sort(([left], [right]) => (left < right ? -1 : 1));
    return concat(head(5, pairs.length), ...pairs.flatMap(([key, inner]) => [head(0, key), encode(inner)]));
  }
  return concat(head(4, value.length), ...value.map(encode));
}

/** Major type and argument in the shortest form. */
function head(major: number, argument: number | bigint): Bytes {
  if (argument < 24) {
    return Uint8Array.of((major << 5) | Number(argument));
  }
  const size = [0x100n, 0x10000n, 0x100000000n].findIndex((limit) => argument < limit);
  const bytes = new Uint8Array(1 + (1 << (size < 0 ? 3 : size)));
  bytes[0] = (major << 5) | (24 + (size < 0 ? 3 : size));
  let rest = BigInt(argument);
  for (let index = bytes.length - 1; index > 0; index -= 1, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn);
  }
  return bytes;
}

function small(value: bigint): number | bigint {
  return value > BigInt(Number.MIN_SAFE_INTEGER) && value < BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
