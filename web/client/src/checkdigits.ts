/** The six digits that a supervisor's screen and a new device both show: they bind the code to one key. */

import { type Bytes, concat, sha256, utf8 } from "./bytes";

const DOMAIN = utf8("KT1-ENROL-v1\0");

/** "493027" for a code and the 32 bytes of a public key; the same as web/enrolment.py makes of them. */
export async function checkDigits(code: string, publicKey: Bytes): Promise<string> {
  const digest = await sha256(concat(DOMAIN, utf8(code), Uint8Array.of(0), publicKey));
  const value = digest.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return String(value % 1_000_000n).padStart(6, "0");
}

/** In two groups, for the eye. */
export function sixDigits(digits: string): string {
  return digits.replace(/^(\d{3})(\d{3})$/, "$1 $2");
}
