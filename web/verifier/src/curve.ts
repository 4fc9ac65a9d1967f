/** The curve edwards25519 (RFC 8032, section 5.1) on whole numbers: plain, not constant in time; nothing here is secret. */

import { type Bytes, bigOf } from "./bytes";

const P = (1n << 255n) - 19n;
export const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const D = mod(-121665n * power(121666n, P - 2n));
const SQRT_M1 = power(2n, (P - 1n) / 4n);

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const IDENTITY: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
/** The y of the points of order 4, 1, 2 and 8, whatever their sign. */
const SMALL = smallOrdinates();
export const BASE = pointOf(mod(4n * power(5n, P - 2n)), false) as Point;

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base), rest = exponent; rest; rest >>= 1n) {
    if (rest & 1n) {
      result = (result * square) % P;
    }
    square = (square * square) % P;
  }
  return result;
}

export function littleEndian(bytes: Bytes): bigint {
  return bigOf(bytes.slice().reverse());
}

/** The ordinate of 32 bytes, sign bit apart; not below P where the encoding is not canonical. */
function ordinate(bytes: Bytes): bigint {
  return littleEndian(bytes) & ((1n << 255n) - 1n);
}

export function isCanonical(bytes: Bytes): boolean {
  return bytes.length === 32 && ordinate(bytes) < P;
}

export function hasSmallOrder(bytes: Bytes): boolean {
  return SMALL.has(ordinate(bytes) % P);
}

/** The point of 32 canonical bytes; null where no point of the curve has them. */
export function decompress(bytes: Bytes): Point | null {
  return isCanonical(bytes) ? pointOf(ordinate(bytes), (bytes[31] as number) > 127) : null;
}

/** RFC 8032, 5.1.3; null where y is of no point, or x is 0 and should be odd. */
function pointOf(y: bigint, isOdd: boolean): Point | null {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const v3 = mod(v * v * v);
  let x = mod(u * v3 * power(mod(u * v3 * v3 * v), (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square === mod(-u)) {
    x = mod(x * SQRT_M1);
  } else if (square !== u) {
    return null;
  }
  if (!x && isOdd) {
    return null;
  }
  if ((x & 1n) !== (isOdd ? 1n : 0n)) {
    x = P - x;
  }
  return { x, y, z: 1n, t: mod(x * y) };
}

export function add(left: Point, right: Point): Point {
  const a = mod((left.y - left.x) * (right.y - right.x));
  const b = mod((left.y + left.x) * (right.y + right.x));
  const c = mod(mod(2n * D * left.t) * right.t);
  const d = mod(2n * left.z * right.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

function double(point: Point): Point {
  const a = mod(point.x * point.x);
  const b = mod(point.y * point.y);
  const sum = point.x + point.y;
  const e = mod(sum * sum) - a - b;
  const [g, h] = [b - a, -a - b];
  const f = g - 2n * point.z * point.z;
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

export function negate(point: Point): Point {
  return { ...point, x: mod(-point.x), t: mod(-point.t) };
}

/** scalar * point, four bits at a time. */
export function multiply(scalar: bigint, point: Point): Point {
  const table = [IDENTITY];
  for (let n = 1; n < 16; n += 1) {
    table.push(add(table[n - 1] as Point, point));
  }
  let result = IDENTITY;
  for (const digit of scalar.toString(16)) {
    result = double(double(double(double(result))));
    result = digit === "0" ? result : add(result, table[Number.parseInt(digit, 16)] as Point);
  }
  return result;
}

export function isSame(left: Point, right: Point): boolean {
  return !mod(left.x * right.z - right.x * left.z) && !mod(left.y * right.z - right.y * left.z);
}

export function isIdentity(point: Point): boolean {
  return isSame(point, IDENTITY);
}

/** Ordinates of the eight points whose order divides 8: 0, 1, -1, and +-y with d y^4 + 2 y^2 - 1 = 0 (x^2 = -y^2). */
function smallOrdinates(): Set<bigint> {
  const found = new Set([0n, 1n, P - 1n]);
  const isSquareRoot = (root: bigint, value: bigint): boolean => mod(root * root) === mod(value);
  const rootOf = (value: bigint): bigint | null => {
    const candidate = power(value, (P + 3n) / 8n);
    const other = mod(candidate * SQRT_M1);
    return isSquareRoot(candidate, value) ? candidate : isSquareRoot(other, value) ? other : null;
  };
  const inner = rootOf(mod(1n + D)) as bigint;
  for (const sign of [inner, P - inner]) {
    const y = rootOf(mod((sign - 1n) * power(D, P - 2n)));
    if (y) {
      found.add(y).add(P - y);
    }
  }
  return found;
}
