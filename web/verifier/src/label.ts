/** The label KT1-L1 of 92 bytes (docs/spec/label.md, section 2). */

import { type Bytes, concat, equal, toHex, uintOf, utf8, zeros } from "./bytes";
import { verify } from "./ed25519";
import { CustodyError, FormatError, SignatureError } from "./errors";
import { unpackNumber } from "./s10";
import { sha256 } from "./sha256";

const BYTES = 92;
const BODY = 28;
const VERSION_SUITE = 0x11;
const DOMAIN = utf8("KT1-LABEL-v1\0");
const UNSEALED = zeros(8);

/** A label as it is printed; byte strings in hex where they are only compared. */
export interface Label {
  readonly raw: Bytes;
  readonly kid4: string;
  readonly number: string;
  readonly instance: number;
  readonly day: number;
  readonly nonce: string;
  readonly sealCommitment: string;
  /** Whether the label leaves the seal to its registration. */
  readonly isUnsealed: boolean;
  readonly uid: string;
  readonly digest: string;
}

/** The 16 bytes, in hex, by which events cite a label of 92 bytes. */
export function digestOf(raw: Bytes): string {
  return toHex(sha256(raw).slice(0, 16));
}

/** The label of 92 bytes, its signature unchecked; throws FormatError L01 or L11. */
export function parseLabel(raw: Bytes): Label {
  if (raw.length !== BYTES) {
    throw new FormatError(`label of ${raw.length} bytes, not ${BYTES}`, "L01");
  }
  if (raw[0] !== VERSION_SUITE) {
    throw new FormatError(`label version and suite 0x${toHex(raw.slice(0, 1))} are not 0x11`, "L11");
  }
  const item = raw.slice(5, 11);
  const day = raw.slice(12, 14);
  return {
    raw,
    kid4: toHex(raw.slice(1, 5)),
    number: numberOf(item),
    instance: raw[11] as number,
    day: uintOf(day),
    nonce: toHex(raw.slice(14, 20)),
    sealCommitment: toHex(raw.slice(20, BODY)),
    isUnsealed: equal(raw.slice(20, BODY), UNSEALED),
    uid: toHex(concat(item, day)),
    digest: digestOf(raw),
  };
}

/** Throws SignatureError L02 where the signature is not *key*'s over the body. */
export async function verifyLabel(label: Label, key: Bytes): Promise<void> {
  if (!(await verify(key, concat(DOMAIN, label.raw.slice(0, BODY)), label.raw.slice(BODY)))) {
    throw new SignatureError(`signature of label ${label.number} does not verify`, "L02");
  }
}

function numberOf(item: Bytes): string {
  try {
    return unpackNumber(item);
  } catch (error) {
    if (error instanceof CustodyError) {
      throw new FormatError(`label names no possible item: ${error.message}`, "L01");
    }
    throw error;
  }
}
