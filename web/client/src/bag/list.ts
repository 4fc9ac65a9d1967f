/** What is read while a bag is filled or emptied, and what it is to that bag. Pure. */

import { fromHex, toHex } from "../bytes";
import type { Found } from "../scan/reading";
import type { ResultKind } from "../scan/words";
import type { DayContent, Item } from "../told";
import type { Leaf } from "./manifest";

/** As many as a bag may hold in one signature: what the outbox sends in a few seconds. */
export const MOST = 200;

/** An envelope, or a smaller bag, that was read. */
export interface Line {
  readonly found: Found;
  readonly item: Item;
}

/** What a read is to a bag that is being filled for the office *destination*. "genuine" goes in. */
export function judgeIn(lines: readonly Line[], found: Found, person: string, destination: number): ResultKind {
  const { item } = found;
  if (!item || (found.kind !== "genuine" && found.kind !== "number")) {
    return found.kind;
  }
  if (lines.some((line) => line.item.uid === item.uid)) {
    return "again";
  }
  if (item.held) {
    return "held";
  }
  if (item.state !== "HELD" || item.custodian?.id !== person) {
    return "not-mine";
  }
  return item.destination && item.destination.code !== destination ? "astray" : "genuine";
}

/** What came out of a bag so far: what was in its manifest, and what was not. */
export interface Emptied {
  readonly contents: readonly DayContent[]; // in the order of the manifest
  readonly out: ReadonlyMap<string, Found>; // by uid
  readonly extra: readonly Line[];
  readonly unknown: readonly Found[]; // genuine labels of which this device can learn nothing
}

export function judgeOut(bag: Emptied, found: Found): ResultKind {
  const uid = uidOf(bag, found);
  if (uid && bag.contents.some((one) => one.uid === uid)) {
    return bag.out.has(uid) ? "again" : "genuine";
  }
  if (bag.extra.some((line) => line.item.uid === uid) || bag.unknown.some((one) => one.text === found.text)) {
    return "again";
  }
  return uid && (found.item || found.label) && found.kind !== "forged" && found.kind !== "unknown-key" ? "extra" : found.kind;
}

/** *bag* after a read that was judged *kind*. */
export function takeOut(bag: Emptied, found: Found, kind: ResultKind): Emptied {
  const uid = uidOf(bag, found);
  if (kind === "genuine" && uid) {
    return { ...bag, out: new Map([...bag.out, [uid, found]]) };
  }
  if (kind !== "extra") {
    return bag;
  }
  return found.item && found.item.head
    ? { ...bag, extra: [...bag.extra, { found, item: found.item }] }
    : { ...bag, unknown: [...bag.unknown, found] };
}

export function missingOf(bag: Emptied): DayContent[] {
  return bag.contents.filter((one) => !bag.out.has(one.uid));
}

/** The leaf with which something went into its bag. */
export function leafIn(one: DayContent): Leaf {
  const [seq, prev] = one.went_in;
  return { uid: fromHex(one.uid), seq, prev: fromHex(prev), salt: fromHex(one.leaf?.[1] ?? "") };
}

/** A leaf over the present head of *item*. */
export function leafNow(item: Pick<Item, "uid" | "seq" | "head">, salt: Leaf["salt"]): Leaf {
  return { uid: fromHex(item.uid), seq: item.seq + 1, prev: fromHex(item.head), salt };
}

/** What was read is known by its label or, typed, by its number. */
function uidOf(bag: Emptied, found: Found): string | undefined {
  return found.label ? toHex(found.label.uid) : found.item?.uid ?? bag.contents.find((one) => one.number === found.number)?.uid;
}
