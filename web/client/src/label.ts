/** The label KT1-L1: 224 decimal digits, 92 bytes (docs/spec). The service stays the verifier of record. */

import { type Bytes, concat, fromBigInt, sha256, toBigInt, toHex, utf8 } from "./bytes";
import { NumberError, unpackNumber } from "./s10";

const DIGITS = 224;
const BYTES = 92;
const BODY = 28;
const VERSION_SUITE = 0x11;
const LABEL_DOMAIN = utf8("KT1-LABEL-v1\0");
const SEAL_DOMAIN = utf8("KT1-SEAL-v1\0");
const DAY_MS = 86_400_000;
const EPOCH_MS = Date.UTC(2024, 0, 1) - 7 * 3_600_000; // days turn over at +07:00

/** Seal types; 1 is the numbered strip seal. */
export const STRIP_SEAL = 1;

export interface Label {
  readonly raw: Bytes;
  readonly kid4: string;
  readonly item: Bytes;
  readonly number: string;
  readonly instance: number;
  readonly day: number;
  readonly nonce: Bytes;
  readonly sealCommitment: Bytes;
  readonly signature: Bytes;
  readonly uid: Bytes;
}

/** An issuing key of the site's bundle. */
export interface LabelKey {
  readonly kid4: string;
  readonly public_key: string;
  readonly not_before_ms: number;
  readonly not_after_ms: number;
  readonly revoked: boolean;
}

/** What a text that might be a label turned out to be. */
export type Reading =
  | { readonly kind: "genuine"; readonly label: Label }
  | { readonly kind: "forged" | "unknown-key" | "key-window"; readonly label: Label }
  | { readonly kind: "misread" | "version" | "foreign" };

export class LabelError extends Error {
  constructor(message: string, readonly finding: "L01" | "L11") {
    super(message);
  }
}

/** 98 - (n * 100 mod 97) as two digits: ISO 7064 MOD 97-10. */
export function checkDigits(body: string): string {
  return String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
}

/** The label of 224 digits, signature unchecked; throws LabelError (L01 misread, L11 version). */
export function parseDigits(text: string): Label {
  if (text.length !== DIGITS || !/^[0-9]+$/.test(text)) {
    throw new LabelError(`label of ${text.length} characters, not ${DIGITS} digits`, "L01");
  }
  if (checkDigits(text.slice(0, -2)) !== text.slice(-2)) {
    throw new LabelError("label check digits do not match", "L01");
  }
  const value = BigInt(text.slice(0, -2));
  if (value >= 1n << BigInt(BYTES * 8)) {
    throw new LabelError("label value is above 2^736", "L01");
  }
  return parseLabel(fromBigInt(value, BYTES));
}

/** The 224 digits of a label's 92 bytes, as they stand in its code. */
export function digitsOf(raw: Bytes): string {
  const body = toBigInt(raw).toString().padStart(DIGITS - 2, "0");
  return body + checkDigits(body);
}

/** The label of 92 bytes; throws LabelError. */
export function parseLabel(raw: Bytes): Label {
  if (raw.length !== BYTES) {
    throw new LabelError(`label of ${raw.length} bytes, not ${BYTES}`, "L01");
  }
  if (raw[0] !== VERSION_SUITE) {
    throw new LabelError(`label version and suite ${raw[0]} are not known`, "L11");
  }
  const item = raw.slice(5, 11);
  const dayBytes = raw.slice(12, 14);
  return {
    raw,
    kid4: toHex(raw.slice(1, 5)),
    item,
    number: numberOf(item),
    instance: raw[11] ?? 0,
    day: (dayBytes[0] ?? 0) * 256 + (dayBytes[1] ?? 0),
    nonce: raw.slice(14, 20),
    sealCommitment: raw.slice(20, BODY),
    signature: raw.slice(BODY),
    uid: concat(item, dayBytes),
  };
}

/** Whether *publicKey* (32 bytes) signed the label. */
export async function verifyLabel(label: Label, publicKey: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  const signed = concat(LABEL_DOMAIN, label.raw.slice(0, BODY));
  return crypto.subtle.verify({ name: "Ed25519" }, key, label.signature, signed);
}

/** What *text* is, by the issuing keys this device knows. Says nothing about the register. */
export async function readLabel(text: string, keys: ReadonlyMap<string, LabelKey & { bytes: Bytes }>): Promise<Reading> {
  const digits = text.trim();
  if (!/^[0-9]{200,248}$/.test(digits)) {
    return { kind: "foreign" };
  }
  let label: Label;
  try {
    label = parseDigits(digits);
  } catch (error) {
    return { kind: error instanceof LabelError && error.finding === "L11" ? "version" : "misread" };
  }
  const key = keys.get(label.kid4);
  if (!key) {
    return { kind: "unknown-key", label };
  }
  if (!(await verifyLabel(label, key.bytes))) {
    return { kind: "forged", label };
  }
  return inWindow(label, key) ? { kind: "genuine", label } : { kind: "key-window", label };
}

/** The 16 bytes by which events cite a label. */
export async function labelDigest(label: Label): Promise<Bytes> {
  return (await sha256(label.raw)).slice(0, 16);
}

/** Capitals, without blanks, dots and dashes; null where no seal carries such a number. */
export function normaliseSeal(serial: string): string | null {
  const text = serial.toUpperCase().replace(/[ .\t-]/g, "");
  return /^[0-9A-Z]{1,32}$/.test(text) ? text : null;
}

/** SHA-256(domain || nonce || item || type || serial)[:8] of a normalised serial. */
export async function commitSeal(label: Pick<Label, "nonce" | "item">, serial: string): Promise<Bytes> {
  const material = concat(SEAL_DOMAIN, label.nonce, label.item, Uint8Array.of(STRIP_SEAL), utf8(serial));
  return (await sha256(material)).slice(0, 8);
}

function inWindow(label: Label, key: LabelKey): boolean {
  const dayStart = EPOCH_MS + label.day * DAY_MS;
  return !key.revoked && dayStart + DAY_MS > key.not_before_ms && dayStart <= key.not_after_ms;
}

function numberOf(item: Bytes): string {
  try {
    return unpackNumber(item);
  } catch (error) {
    if (error instanceof NumberError) {
      throw new LabelError(`label names no possible item: ${error.message}`, "L01");
    }
    throw error;
  }
}
