/** COSE_Sign1 (RFC 9052 section 4.2, tag 18) in the one form of docs/spec/event.md, section 1. */

import { type Bytes, fromHex, toHex, zeros } from "./bytes";
import { decode, encode } from "./cbor";
import { verify } from "./ed25519";
import { FormatError, SignatureError } from "./errors";
import { sha256 } from "./sha256";

const MAX_BYTES = 60_000;
const TAG = 0xd2;
const ALG = 1;
const KID = 4;
const ALGORITHMS: readonly unknown[] = [-8, -19];
const COSE_KEY = fromHex("a301012006215820");

/** A parsed message; *signed* are the bytes that the signature covers. */
export interface Sign1 {
  readonly raw: Bytes;
  readonly kid: string;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly signed: Bytes;
}

/** First 8 bytes, in hex, of the COSE Key Thumbprint (RFC 9679) of an Ed25519 key. */
export function kidOf(key: Bytes): string {
  return toHex(sha256(COSE_KEY, key).slice(0, 8));
}

/** The parts of *raw*, its signature unchecked; throws FormatError E01, E02 or E03. */
export function parseSign1(raw: Bytes, detached: Bytes | null = null, context: Bytes = zeros(0)): Sign1 {
  if (raw.length > MAX_BYTES) {
    throw new FormatError(`entry of ${raw.length} bytes is above ${MAX_BYTES}`, "E01");
  }
  if (raw[0] !== TAG) {
    throw new FormatError("entry does not begin with COSE tag 18", "E01");
  }
  const parts = decode(raw.slice(1));
  const [header, unprotected, inner, signature] = Array.isArray(parts) && parts.length === 4 ? parts : [];
  const payload = detached === null ? inner : inner === null ? detached : undefined;
  if (!(header instanceof Uint8Array && unprotected instanceof Map && unprotected.size === 0
    && payload instanceof Uint8Array && signature instanceof Uint8Array)) {
    throw new FormatError("entry is not [protected, {}, payload, signature]", "E01");
  }
  if (signature.length !== 64) {
    throw new FormatError(`signature of ${signature.length} bytes, not 64`, "E01");
  }
  const signed = encode(["Signature1", header, context, payload]); // RFC 9052 4.4
  return { raw, kid: kidIn(header), payload, signature, signed };
}

/** Throws SignatureError E04 where the signature is not *key*'s. */
export async function verifySign1(message: Sign1, key: Bytes): Promise<void> {
  if (!(await verify(key, message.signed, message.signature))) {
    throw new SignatureError(`signature does not verify under key ${message.kid}`, "E04");
  }
}

function kidIn(bytes: Bytes): string {
  const header = decode(bytes);
  if (!(header instanceof Map) || header.size !== 2 || !header.has(ALG) || !header.has(KID)) {
    throw new FormatError("protected header is not {1: alg, 4: kid}", "E01");
  }
  const algorithm = header.get(ALG);
  if (!ALGORITHMS.includes(algorithm)) {
    throw new FormatError(`algorithm ${String(algorithm)} is not EdDSA`, "E03");
  }
  const kid = header.get(KID);
  if (!(kid instanceof Uint8Array) || kid.length !== 8) {
    throw new FormatError("kid is not 8 bytes", "E01");
  }
  return toHex(kid);
}

