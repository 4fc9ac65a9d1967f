/** Practice labels: of the real format, signed with a key that everybody can make, and so worth nothing elsewhere. */

import { type Bytes, concat, fromHex, sha256, toBigInt, toHex, utf8 } from "../bytes";
import { commitSeal, type LabelKey, normaliseSeal } from "../label";
import { checkDigit, packNumber } from "../s10";
import { PRACTICE_KID4 } from "./net";

const PKCS8 = fromHex("302e020100300506032b657004220420"); // RFC 8410: what stands before the 32 bytes of a seed
const LABEL_DOMAIN = utf8("KT1-LABEL-v1\0");
const VERSION_SUITE = 0x11;
const DAY = 1;
const FOREVER_MS = 8.64e15;

export type Keys = ReadonlyMap<string, LabelKey & { bytes: Bytes }>;

/** One demonstration label, by its digits; `number` and `seal` are what stands on its envelope. */
export interface Demonstration {
  readonly number: string;
  readonly digits: string;
  readonly seal: string;
}

/** The number of the *n*th practice envelope: of a service and a country that nobody has. */
export function practiceNumber(n: number): string {
  const serial = String(n).padStart(8, "0");
  return `ZZ${serial}${checkDigit(serial)}ZZ`;
}

/** The keys by which practice labels are read. */
export async function practiceKeys(): Promise<Keys> {
  const key = await issuingKey("KT1-PRACTICE-v1");
  const jwk = await crypto.subtle.exportKey("jwk", key);
  const bytes = base64UrlBytes(jwk.x ?? "");
  const known = { kid4: PRACTICE_KID4, public_key: toHex(bytes), not_before_ms: 0, not_after_ms: FOREVER_MS, revoked: false, bytes };
  return new Map([[PRACTICE_KID4, known]]);
}

/** The label of the *n*th envelope with *seal*; a *false* one is signed with another key under the same name. */
export async function practiceLabel(n: number, seal: string, isFalse = false): Promise<Demonstration> {
  const number = practiceNumber(n);
  const item = packNumber(number);
  const nonce = (await sha256(utf8(`practice ${n}`))).slice(0, 6);
  const commitment = await commitSeal({ nonce, item }, normaliseSeal(seal) ?? "");
  const body = concat(Uint8Array.of(VERSION_SUITE), fromHex(PRACTICE_KID4), item, Uint8Array.of(0, 0, DAY), nonce, commitment);
  const key = await issuingKey(isFalse ? "somebody else" : "KT1-PRACTICE-v1");
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key, concat(LABEL_DOMAIN, body)));
  return { number, seal, digits: digitsOf(concat(body, signature)) };
}

async function issuingKey(name: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", concat(PKCS8, await sha256(utf8(name))), { name: "Ed25519" }, true, ["sign"]);
}

function digitsOf(raw: Bytes): string {
  const body = toBigInt(raw).toString().padStart(222, "0");
  return body + String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
}

function base64UrlBytes(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
