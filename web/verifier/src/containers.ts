/** Rules about containers: what goes in, what comes out, and what may not happen in between (ADR 9). */

import { type Bytes, concat, equal, fromHex, toHex } from "./bytes";
import { CustodyError } from "./errors";
import type { Event, ItemRef } from "./event";
import { E, F } from "./fields";
import { State } from "./machine";
import { leafHash, verifyInclusion } from "./merkle";
import type { Hit, Step } from "./step";

/** How many containers may be around an item (B08). */
export const DEEPEST = 3;

/** The leaf of a manifest for something at a point of its chain, under a 16-byte salt. */
export function manifestLeaf(ref: ItemRef, salt: Bytes): Bytes {
  return leafHash(concat(salt, fromHex(ref.uid), Uint8Array.of(ref.seq >> 8, ref.seq & 255), fromHex(ref.prev)));
}

/** The salt of a LOAD's or UNLOAD's leaf. */
export function saltOf(event: Event): Bytes {
  return leafOf(event)[1];
}

function leafOf(event: Event): [number, Bytes, Bytes[]] {
  return event.fields.get(F.LEAF) as unknown as [number, Bytes, Bytes[]];
}

/**
 * B04, B08, B09, S01: a LOAD cites the closing of its container, by the same person, and is in its manifest. What that
 * does not have was never in it: where the container went then is nothing to the item.
 */
export function* load(step: Step): Generator<Hit> {
  if (step.event.type !== E.LOAD) {
    return;
  }
  const past = step.closing;
  if (past?.entry.event.type !== E.CLOSE) {
    yield ["S01", "it cites no closing that counts"];
    return;
  }
  if (past.person !== step.certificate.person) {
    yield ["B09", `the container was closed by ${past.person}`];
  }
  const ref = step.event.item(step.item.uid);
  if (ref && !isIn(ref, step.event, past.entry.event)) {
    yield ["B04", "the closed manifest does not have it"];
  } else if (past.depth > DEEPEST) {
    yield ["B08", `${past.depth} containers would be around it`];
  }
}

/** B03, B04, B09, S01: an UNLOAD cites the opening of the container that the item was in. */
export function* unload(step: Step): Generator<Hit> {
  if (step.event.type !== E.UNLOAD) {
    return;
  }
  const past = step.closing;
  const inside = step.item.load?.event;
  if (!inside || step.item.container !== step.event.hex(F.CONTAINER)) {
    yield ["B03", "it was not loaded into this container"];
    return;
  }
  if (past?.entry.event.type !== E.OPEN) {
    yield ["S01", "it cites no opening that counts"];
    return;
  }
  if (past.person !== step.certificate.person) {
    yield ["B09", `the container was opened by ${past.person}`];
  }
  const ref = inside.item(step.item.uid);
  if (ref && !isIn(ref, step.event, past.entry.event)) {
    yield ["B04", "the manifest of what was found does not have it"];
  }
}

/** B11: loaded into a second container while the first is still closed. */
export function* doubleLoad(step: Step): Generator<Hit> {
  const { current, event } = step;
  const inside = current.load;
  if (event.type !== E.LOAD || !inside || inside.event.id === event.id) {
    return;
  }
  if (current.state === State.LOADED && current.container !== event.hex(F.CONTAINER)) {
    yield ["B11", `entry ${inside.index} loaded it into ${current.container}`];
  }
}

/** B04: a CLOSE has something in it. */
export function* contents(step: Step): Generator<Hit> {
  if (step.event.type === E.CLOSE && step.event.manifest.count === 0) {
    yield ["B04", "nothing is in the manifest"];
  }
}

/** B01-B04: what was found against what was closed. */
export function* opening(step: Step): Generator<Hit> {
  const closed = step.registration;
  if (step.event.type !== E.OPEN || !closed || !step.isContainer) {
    return;
  }
  const { root, count } = closed.manifest;
  const { root: foundRoot, count: found } = step.event.manifest;
  const missing = step.event.hexes(F.MISSING);
  const surplus = found - (count - missing.length);
  if (!equal(root, foundRoot)) {
    yield ["B01", `${found} found, ${count} closed`];
  } else if (missing.length || surplus) {
    yield ["B04", "nothing differs, but something is said to be missing or surplus"];
    return;
  }
  if (missing.length) {
    yield ["B02", `${missing.length} of ${count} are missing`];
  }
  if (surplus > 0) {
    yield ["B03", `${surplus} were not in the closed manifest`];
  } else if (surplus < 0 || new Set(missing).size !== missing.length || missing.length > count) {
    yield ["B04", `${count} closed, ${missing.length} missing, ${found} found`];
  }
}

/** Whether an opening says that the thing of *ref*, loaded by *loading*, was missing. */
export function isMissing(ref: ItemRef, loading: Event, opened: Event): boolean {
  return opened.hexes(F.MISSING).includes(toHex(manifestLeaf(ref, saltOf(loading))));
}

function isIn(ref: ItemRef, event: Event, closing: Event): boolean {
  const [position, salt, path] = leafOf(event);
  const { root, count } = closing.manifest;
  try {
    verifyInclusion(BigInt(position), BigInt(count), manifestLeaf(ref, salt), path, root);
    return true;
  } catch (error) {
    if (error instanceof CustodyError) {
      return false;
    }
    throw error;
  }
}
