/** COSE_Sign1 (RFC 9052) with Ed25519, and the kid of a key (RFC 9679). */

import { type Bytes, concat, sha256 } from "./bytes";
import { encode, Tagged, type Value } from "./cbor";

const SIGN1_TAG = 18;
const ALG = 1;
const KID = 4;
const EDDSA = -8;
const EMPTY: Bytes = new Uint8Array(0);

/** What can sign: a device key, never its secret. */
export interface Signer {
  readonly kid: Bytes;
  sign(message: Bytes): Promise<Bytes>;
}

/** First 8 bytes of the SHA-256 thumbprint of the COSE_Key {1: OKP, -1: Ed25519, -2: x}. */
export async function kidOf(publicKey: Bytes): Promise<Bytes> {
  const key = new Map<number, Value>([[1, 1], [-1, 6], [-2, publicKey]]);
  return (await sha256(encode(key))).slice(0, 8);
}

/** The protected header {1: -8, 4: kid}. */
export function protectedHeader(kid: Bytes): Bytes {
  return encode(new Map<number, Value>([[ALG, EDDSA], [KID, kid]]));
}

/** RFC 9052 4.4: the bytes that are signed; *context* is the external_aad. */
export function sigStructure(header: Bytes, payload: Bytes, context: Bytes = EMPTY): Bytes {
  return encode(["Signature1", header, context, payload]);
}

/** The whole tagged message: 18([protected, {}, payload, signature]); *detached* leaves the payload out. */
export async function sign1(
  payload: Bytes,
  signer: Signer,
  { detached = false, context = EMPTY }: { readonly detached?: boolean; readonly context?: Bytes } = {},
): Promise<Bytes> {
  const header = protectedHeader(signer.kid);
  const signature = await signer.sign(sigStructure(header, payload, context));
  const carried = detached ? null : payload;
  return encode(new Tagged(SIGN1_TAG, [header, new Map<number, Value>(), carried, signature]));
}

/** RFC 6962 leaf hash of an entry: its id, and the `prev` of what follows it. */
export async function entryId(raw: Bytes): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), raw));
}
