/**
 * Deterministic CBOR (RFC 8949 4.2.1), encoding only, of what our formats use: integers, byte strings, text,
 * arrays, null (a detached payload), one tag, and maps with integer keys. The device never decodes what another one signed.
 */

import { type Bytes, concat, utf8 } from "./bytes";

export type Value = null | number | bigint | string | Bytes | readonly Value[] | ReadonlyMap<number, Value> | Tagged;

export class Tagged {
  constructor(readonly tag: number, readonly value: Value) {}
}

/** Throws RangeError for a number that is not a whole one within 64 bits. */
export function encode(value: Value): Bytes {
  if (value === null) {
    return Uint8Array.of(0xf6);
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return encodeInteger(value);
  }
  if (typeof value === "string") {
    const text = utf8(value);
    return concat(head(3, BigInt(text.length)), text);
  }
  if (value instanceof Uint8Array) {
    return concat(head(2, BigInt(value.length)), value);
  }
  if (value instanceof Tagged) {
    return concat(head(6, BigInt(value.tag)), encode(value.value));
  }
  if (value instanceof Map) {
    return encodeMap(value);
  }
  const list = value as readonly Value[];
  return concat(head(4, BigInt(list.length)), ...list.map(encode));
}

function encodeMap(map: ReadonlyMap<number, Value>): Bytes {
  const pairs = Array.from(map, ([key, inner]) => ({ key: encodeInteger(key), value: encode(inner) }));
  pairs.sort((left, right) => compare(left.key, right.key)); // bytewise, 4.2.1
  return concat(head(5, BigInt(pairs.length)), ...pairs.flatMap((entry) => [entry.key, entry.value]));
}

function encodeInteger(value: number | bigint): Bytes {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not a whole number`);
  }
  const whole = BigInt(value);
  return whole < 0n ? head(1, -1n - whole) : head(0, whole);
}

/** Major type and argument in the shortest form. */
function head(major: number, argument: bigint): Bytes {
  if (argument < 24n) {
    return Uint8Array.of((major << 5) | Number(argument));
  }
  for (const [extra, bits] of [[24, 8], [25, 16], [26, 32], [27, 64]] as const) {
    if (argument < 1n << BigInt(bits)) {
      const bytes = new Uint8Array(1 + bits / 8);
      bytes[0] = (major << 5) | extra;
      for (let index = bits / 8, rest = argument; index > 0; index -= 1, rest >>= 8n) {
        bytes[index] = Number(rest & 0xffn);
      }
      return bytes;
    }
  }
  throw new RangeError(`${argument} is beyond 64 bits`);
}

function compare(left: Bytes, right: Bytes): number {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference) {
      return difference;
    }
  }
  return left.length - right.length;
}
