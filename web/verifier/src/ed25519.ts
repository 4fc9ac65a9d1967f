/**
 * Ed25519 as libsodium verifies it, which is the verifier of record (docs/spec/event.md, section 1): S below the order,
 * A and R canonical and not of small order, no cofactor. WebCrypto asks less of A and R, so that is asked here first.
 *
 * Where the browser's WebCrypto has no Ed25519, or one that multiplies by the cofactor, the file's own arithmetic
 * decides, more slowly.
 */

import { type Bytes, concat, fromHex, toHex } from "./bytes";
import { add, BASE, decompress, hasSmallOrder, isCanonical, isIdentity, isSame, littleEndian, multiply, negate, ORDER } from "./curve";

const VERIFY = { name: "Ed25519" };

/** A signature that holds, and one that holds only for who multiplies by the cofactor: (public, message, signature). */
const SOUND = [
  "c7a279c8c23804eeebb707d4230e4c992a4097c230b67b7bdd54296fad9b5e14",
  "7472616d",
  "7aaccd7922399e19e86a64ddff8c90e06375798f7b1157341aa93168a89775dfcd87286e6561c4e0cd14db53a5fe9c6436d89f0873b23987866b5715cd7b370a",
] as const;
const COFACTORED = [
  "94a349ffa6096be636d8c70c21322fa30023e2f5d298492ff54f702f6280dc21",
  "7472616d",
  "1625d1e81af47333af9087f42f696eb7620f0c105b70e888d1121aa7954df66f3d90436ccdc0cd2793df1fc76a3c8bb4ea7efd070542a370877130d840668400",
] as const;

let native: Promise<boolean> | null = null;
const keys = new Map<string, Promise<CryptoKey>>();
const points = new Map<string, boolean>();

/** Whether this browser's own Ed25519 is there and draws the line where it must be drawn. */
export function hasNative(): Promise<boolean> {
  native ??= tryNative();
  return native;
}

async function tryNative(): Promise<boolean> {
  try {
    const [sound, cofactored] = await Promise.all([SOUND, COFACTORED].map(([key, message, signature]) =>
      verifyNatively(fromHex(key), fromHex(message), fromHex(signature))));
    return sound === true && cofactored === false;
  } catch {
    return false;
  }
}

type Engine = (key: Bytes, message: Bytes, signature: Bytes) => Promise<boolean>;

/** Whether *signature* (64 bytes) is *key*'s (32 bytes) over *message*; wrong lengths are false. */
export async function verify(key: Bytes, message: Bytes, signature: Bytes, engine?: Engine): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64 || !isStrict(key, signature)) {
    return false;
  }
  const chosen = engine ?? ((await hasNative()) ? verifyNatively : verifyOwn);
  return chosen(key, message, signature);
}

/** What libsodium asks before any arithmetic. */
function isStrict(key: Bytes, signature: Bytes): boolean {
  const r = signature.slice(0, 32);
  return littleEndian(signature.slice(32)) < ORDER
    && isCanonical(key) && !hasSmallOrder(key) && isCanonical(r) && !hasSmallOrder(r);
}

async function verifyNatively(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const name = toHex(key);
  const imported = keys.get(name) ?? crypto.subtle.importKey("raw", key, VERIFY, false, ["verify"]);
  keys.set(name, imported);
  try {
    return await crypto.subtle.verify(VERIFY, await imported, signature, message);
  } catch (error) {
    if (decompress(key)) {
      throw error; // not the key's fault
    }
    return false;
  }
}

/** RFC 8032, 5.1.7 without cofactor: S*B = R + h*A. */
export async function verifyOwn(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const a = decompress(key);
  const r = decompress(signature.slice(0, 32));
  if (!a || !r) {
    return false;
  }
  const digest = await crypto.subtle.digest("SHA-512", concat(signature.slice(0, 32), key, message));
  const h = littleEndian(new Uint8Array(digest)) % ORDER;
  return isSame(add(multiply(littleEndian(signature.slice(32)), BASE), multiply(h, negate(a))), r);
}

/** Whether *key* is a canonical point of prime order: asked once of every certified key (K10). */
export function isValidPoint(key: Bytes): boolean {
  const name = toHex(key);
  let isValid = points.get(name);
  if (isValid === undefined) {
    const point = key.length === 32 && !hasSmallOrder(key) ? decompress(key) : null;
    isValid = point !== null && isIdentity(multiply(ORDER, point));
    points.set(name, isValid);
  }
  return isValid;
}
