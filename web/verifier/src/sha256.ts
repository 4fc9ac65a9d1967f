/** SHA-256 (FIPS 180-4), at once: a Merkle path or an event id cannot wait for a promise each. */

import type { Bytes } from "./bytes";

const K = new Uint32Array(64);
const START = new Uint32Array(8);

/** FIPS 180-4, 4.2.2 and 5.3.3: fractional parts of the cube and square roots of the first primes. */
function fillConstants(): void {
  let found = 0;
  for (let candidate = 2n; found < 64; candidate += 1n) {
    let isPrime = true;
    for (let divisor = 2n; divisor * divisor <= candidate; divisor += 1n) {
      isPrime &&= candidate % divisor !== 0n;
    }
    if (isPrime) {
      K[found] = Number(root(candidate << 96n, 3n) & 0xffffffffn);
      if (found < 8) {
        START[found] = Number(root(candidate << 64n, 2n) & 0xffffffffn);
      }
      found += 1;
    }
  }
}

/** The largest whole number whose *degree*-th power is not above *value*. */
function root(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 52n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= value) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

fillConstants();

const words = new Uint32Array(64);

export function sha256(...parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const data = new Uint8Array(((length + 72) >> 6) << 6);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  data[at] = 0x80;
  const view = new DataView(data.buffer);
  view.setUint32(data.length - 8, Math.floor(length / 0x20000000));
  view.setUint32(data.length - 4, length << 3);
  const state = START.slice();
  for (let block = 0; block < data.length; block += 64) {
    compress(state, view, block);
  }
  const out = new Uint8Array(32);
  const digest = new DataView(out.buffer);
  state.forEach((word, index) => digest.setUint32(4 * index, word));
  return out;
}

function rotate(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count));
}

function compress(state: Uint32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) {
    words[t] = view.getUint32(block + 4 * t);
  }
  for (let t = 16; t < 64; t += 1) {
    const w2 = words[t - 2] as number;
    const w15 = words[t - 15] as number;
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    words[t] = s1 + (words[t - 7] as number) + s0 + (words[t - 16] as number);
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (K[t] as number) + (words[t] as number)) | 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    state[index] = (state[index] as number) + value;
  });
}
