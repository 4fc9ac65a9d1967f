/** Byte strings: joining, comparing, hex, base64url, SHA-256. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function bytesOf(values: ArrayLike<number>): Bytes {
  return Uint8Array.from(values);
}

export function utf8(text: string): Bytes {
  return bytesOf(new TextEncoder().encode(text));
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
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Throws a RangeError for an odd length or anything that is not hex. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError(`${JSON.stringify(text)} is not hex`);
  }
  return bytesOf((text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}

/** base64url without padding. */
export function toBase64Url(bytes: Bytes): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws a DOMException for anything that is not base64url without padding. */
export function fromBase64Url(text: string): Bytes {
  return bytesOf(Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)));
}

/** Big-endian bytes of a non-negative integer below 2^(8 * length). */
export function fromBigInt(value: bigint, length: number): Bytes {
  return fromHex(value.toString(16).padStart(length * 2, "0"));
}

export function toBigInt(bytes: Bytes): bigint {
  return BigInt(`0x${toHex(bytes) || "0"}`);
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
