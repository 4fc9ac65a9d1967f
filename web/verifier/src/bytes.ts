/** Byte strings: joining, comparing, hex, UTF-8, base64 as the Python core reads it. */

export type Bytes = Uint8Array<ArrayBuffer>;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const ENCODER = new TextEncoder();

export function utf8(text: string): Bytes {
  return ENCODER.encode(text) as Bytes;
}

/** The text of UTF-8 bytes, a byte order mark kept; throws TypeError where they are none. */
export function fromUtf8(bytes: Bytes): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function equal(left: Bytes, right: Bytes): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

export function toHex(bytes: Bytes): string {
  let text = "";
  for (const byte of bytes) {
    text += HEX[byte];
  }
  return text;
}

/** Bytes of lower-case hex; throws RangeError for anything else. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 || !/^[0-9a-f]*$/.test(text)) {
    throw new RangeError("not hex");
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

export function zeros(length: number): Bytes {
  return new Uint8Array(length);
}

/** An unsigned number below 2^53 of big-endian bytes. */
export function uintOf(bytes: Bytes): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function bigOf(bytes: Bytes): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

export function bigBytes(value: bigint, length: number): Bytes {
  return fromHex(value.toString(16).padStart(length * 2, "0"));
}

export function toBase64(bytes: Bytes): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}

/** Bytes of base64 in its one form; throws RangeError for anything else. */
export function fromBase64(text: string): Bytes {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    // not even nearly
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) {
    throw new RangeError("not base64 in its one form");
  }
  return bytes;
}

/** Lines as Python's str.splitlines cuts them: none for "", and no empty one after a final break. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === "") {
    lines.pop();
  }
  return lines;
}

/** What Python's str.strip leaves. */
export function strip(text: string): string {
  return text.replace(/^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g, "");
}

/** A number written plainly: digits without leading zeros; null otherwise. */
export function plainDecimal(text: string, most = 19): bigint | null {
  return /^(?:0|[1-9][0-9]*)$/.test(text) && text.length <= most ? BigInt(text) : null;
}
