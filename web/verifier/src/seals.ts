/** Seals that were issued: which seal of which lot has a tag (X04). */

import { type Bytes, concat, fromHex, toHex, utf8 } from "./bytes";
import type { SealLot } from "./directory";
import { CustodyError } from "./errors";
import { E, F } from "./fields";
import { type Label, parseLabel } from "./label";
import { sha256 } from "./sha256";
import type { Hit, Step } from "./step";

/** A lot above so many numbers is none. */
const MOST = 100_000;
const LONGEST = 32;
const SEALING: ReadonlySet<number> = new Set([E.REGISTER, E.RESEAL, E.CLOSE]);
const SEAL_DOMAIN = utf8("KT1-SEAL-v1\0");
const TAG_DOMAIN = utf8("KT1-SEALTAG-v1\0");

/** Each lot that has a seal of this tag, with the seal's serial. */
function findSeal(tag: string, lots: readonly SealLot[]): { lot: SealLot; serial: string }[] {
  const wanted = fromHex(tag);
  return lots.flatMap((lot) => {
    for (let number = lot.first; isCounted(lot) && number <= lot.last; number += 1) {
      const serial = serialOf(lot, number);
      const made = sha256(TAG_DOMAIN, lot.salt, Uint8Array.of(lot.sealType), utf8(serial));
      if (wanted.every((byte, index) => byte === made[index])) {
        return [{ lot, serial }];
      }
    }
    return [];
  });
}

/** A lot's seals can be told: not too many, and numbers that fit on a seal. */
function isCounted(lot: SealLot): boolean {
  const longest = lot.prefix.length + Math.max(lot.digits, String(lot.last).length);
  return lot.last >= lot.first && lot.last - lot.first < MOST && longest <= LONGEST;
}

/** What is printed on a seal of a lot, in capitals. */
function serialOf(lot: SealLot, number: number): string {
  return lot.prefix.toUpperCase() + String(number).padStart(lot.digits, "0");
}

/** X04: a seal that is put on comes from a logged lot, and the commitment is to that very seal. */
export function* issued(step: Step): Generator<Hit> {
  if (!SEALING.has(step.event.type) || !step.policy.seal_lots) {
    return;
  }
  const tag = step.event.hex(F.SEAL_TAG);
  if (tag === undefined) {
    yield ["X04", "no lot is named for the seal"];
    return;
  }
  const seals = findSeal(tag, step.directory.lots(step.entry.index));
  if (!seals.length) {
    yield ["X04", `seal ${tag} is of no lot`];
  } else if (!seals.some(({ lot, serial }) => isCommitted(step, lot, serial))) {
    yield ["X04", `the commitment is to another seal than ${tag}`];
  }
}

/** The event's commitment is to this seal, or another rule says that it cannot be told. */
function isCommitted(step: Step, lot: SealLot, serial: string): boolean {
  const raw = step.event.bytes(F.LABEL_RAW);
  let shown: Label | null;
  try {
    shown = raw ? parseLabel(raw) : step.item.label;
  } catch (error) {
    if (error instanceof CustodyError) {
      return true;
    }
    throw error;
  }
  const { seal } = step.event;
  if (!shown || !seal) {
    return true;
  }
  return commitment(shown.raw, lot.sealType, serial) === seal.commitment;
}

/** SHA-256(domain || nonce || item || type || serial)[:8], in hex, with nonce and item of a label's 92 bytes. */
function commitment(label: Bytes, sealType: number, serial: string): string {
  const material = concat(SEAL_DOMAIN, label.slice(14, 20), label.slice(5, 11), Uint8Array.of(sealType), utf8(serial));
  return toHex(sha256(material).slice(0, 8));
}
