/** Rules about what is on the cover: the label and the seal, as registered and as seen; and its weight. */

import type { Certificate } from "./certificate";
import { CustodyError } from "./errors";
import type { Entry, Event } from "./event";
import { E, F } from "./fields";
import { distanceM } from "./geo";
import { digestOf, type Label, parseLabel } from "./label";
import { GENESIS, State } from "./machine";
import { type Hit, type Step, TAKING } from "./step";

const MANUAL = 4;
const INTO_HAND: ReadonlySet<number> = new Set([...TAKING, E.SEIZE, E.FOUND]);
const BAG_TOLERANCE = 10;
/** Between two offices whose distance the log does not say. */
const AT_ONCE_MS = 5 * 60_000;
const MS_KMH_OF_A_METRE = 3_600n;
const TRAVELLING: ReadonlySet<number> = new Set([State.HELD, State.OFFERED, State.LOADED]);

/** L02-L05: a whole label in the event (registration, replacement, or a suspicious one that was seen). */
export function* labelEvidence(step: Step): Generator<Hit> {
  const raw = step.event.bytes(F.LABEL_RAW);
  if (!raw) {
    return;
  }
  let seen: Label;
  try {
    seen = parseLabel(raw);
  } catch (error) {
    if (!(error instanceof CustodyError)) {
      throw error;
    }
    yield ["L02", error.message];
    return;
  }
  const key = step.ring.labelKey(seen.kid4, step.entry.index);
  if (seen.uid !== step.item.uid) {
    yield ["L02", `label is of item ${seen.number}`];
  } else if (!key) {
    yield ["L03", `label key ${seen.kid4} is unknown`];
  } else {
    yield* labelUnderKey(step, seen, key);
  }
}

function* labelUnderKey(step: Step, seen: Label, key: Certificate): Generator<Hit> {
  const { entry, event } = step;
  if (!entry.isLabelSigned) {
    yield ["L02", `signature of label ${seen.number} does not verify`];
    return;
  }
  if (event.type === E.SIGHT) {
    if (!step.item.labels.has(seen.digest)) {
      yield ["L05", "label is signed but was never registered"];
    }
    return;
  }
  const issuedMs = entry.loggedMs;
  const isRevoked = key.revokedIndex !== null && key.revokedIndex < entry.index;
  if (isRevoked || issuedMs < key.notBeforeMs || issuedMs > key.notAfterMs) {
    yield ["L04", `label key ${seen.kid4} was not valid`];
  } else if (key.compromisedMs !== null && issuedMs >= key.compromisedMs) {
    yield ["L04", `label key ${seen.kid4} was compromised`];
  }
  yield* labelFits(step, seen);
}

/** X01, L08: a new label speaks of the seal on the cover, and follows the one it replaces. */
function* labelFits(step: Step, seen: Label): Generator<Hit> {
  const before = step.item.label;
  if (GENESIS.has(step.event.type)) {
    if (!seen.isUnsealed && seen.sealCommitment !== step.event.seal?.commitment) {
      yield ["X01", "the label commits to another seal than the registration"];
    }
  } else if (before && (seen.instance !== before.instance + 1 || seen.nonce !== before.nonce)) {
    yield ["L08", `instance ${seen.instance} does not follow instance ${before.instance}`];
  } else if (!seen.isUnsealed && seen.sealCommitment !== step.item.sealCommitment) {
    yield ["X01", "the new label commits to another seal than the one on the cover"];
  }
}

/** L05-L07, L10: the label that the signer scanned, by its digest. */
export function* labelScanned(step: Step): Generator<Hit> {
  const { item, event } = step;
  const digest = event.hex(F.LABEL);
  if (digest !== undefined && item.registration && event.items.length === 1) {
    const instance = item.labels.get(digest);
    if (instance === undefined) {
      yield ["L05", "label with this digest was never registered"];
    } else if (instance < item.instance) {
      yield ["L06", `instance ${instance} was replaced by ${item.instance}`];
    }
    if (item.state === State.VOID) {
      yield ["L07", "item was cancelled"];
    }
  }
  if (TAKING.has(event.type) && event.num(F.METHOD) === MANUAL) {
    yield ["L10", "number was typed"];
  }
}

/** X01-X03, B05: the seal as read, against the one that should be there. */
export function* seal(step: Step): Generator<Hit> {
  const { item } = step;
  const { type } = step.event;
  const seen = step.event.items.length === 1 ? step.event.seal : null;
  if (!seen) {
    if (INTO_HAND.has(type)) {
      yield ["X03", "seal was not read"];
    }
    return;
  }
  const isPutOn = GENESIS.has(type) || type === E.RESEAL;
  if (!isPutOn && item.registration && seen.commitment !== item.sealCommitment) {
    yield [item.isContainer ? "B05" : "X01", "commitment differs from the one registered"];
  }
  if (seen.condition) {
    yield ["X02", `condition ${seen.condition}`];
  }
}

/** X08, B10: weighed again, and it is another weight. */
export function* weight(step: Step): Generator<Hit> {
  const now = step.event.num(F.MASS);
  const was = step.registration?.num(F.MASS);
  if (now === undefined || was === undefined || step.event.items.length > 1) {
    return;
  }
  const tolerance = step.policy.mass_tolerance_g * (step.isContainer ? BAG_TOLERANCE : 1);
  if (Math.abs(now - was) > tolerance) {
    yield [step.isContainer ? "B10" : "X08", `${now} g, registered with ${was} g`];
  }
}

/** X09: seen, under a genuine label, by who has no part in where it is, or while in a closed container. */
export function* foreignSight(step: Step): Generator<Hit> {
  if (isForeignSight(step)) {
    const seenBy = step.certificate.offices.length ? Math.min(...step.certificate.offices) : step.certificate.agency;
    const heldIn = step.item.offices.length ? Math.min(...step.item.offices) : "unknown";
    yield ["X09", `seen by ${seenBy}, held in office ${heldIn}`];
  }
}

/** Whether the item, or the closed container it is in, was elsewhere when it was seen under a genuine label. */
function isForeignSight(step: Step): boolean {
  const { item, certificate } = step;
  if (step.event.type !== E.SIGHT || !item.labels.has(labelSeen(step.event) ?? "")) {
    return false;
  }
  return TRAVELLING.has(item.state) && certificate.person !== item.custodian && isForeign(step);
}

/** X06: scanned by its holder and by somebody elsewhere, so near in time that it cannot be one envelope. */
export function* clone(step: Step): Generator<Hit> {
  const { item, event } = step;
  const sighting = step.current.foreign;
  if (!sighting || GENESIS.has(event.type) || step.certificate.person !== item.custodian) {
    return;
  }
  const isScanned = event.num(F.METHOD) !== MANUAL && item.labels.has(labelSeen(event) ?? "");
  if (isScanned && item.custodian === step.current.custodian && !isOneWay(step, sighting)) {
    yield ["X06", `entry ${sighting.index} saw it elsewhere`];
  }
}

/** Whether an envelope can have been carried between two scans of its label. */
function isOneWay({ event, entry, directory, policy }: Step, sighting: Entry): boolean {
  const [here, there] = [event.place, sighting.event.place];
  if (!here || !there || here === there) {
    return true;
  }
  const gapMs = Math.abs(event.claimedMs - sighting.event.claimedMs);
  const [from, to] = [here, there].map((code) => directory.org(code, entry.index)?.position);
  if (!from || !to) {
    return gapMs > AT_ONCE_MS;
  }
  const lengthMs = BigInt(gapMs) + 2n * BigInt(policy.eps_ms);
  const most = (lengthMs * BigInt(policy.speed_kmh)) / MS_KMH_OF_A_METRE + 2n * BigInt(policy.geo_radius_m);
  return BigInt(distanceM(from, to)) <= most;
}

/** Digest of the label that was seen, whole or scanned. */
function labelSeen(event: Event): string | undefined {
  const raw = event.bytes(F.LABEL_RAW);
  return raw ? digestOf(raw) : event.hex(F.LABEL);
}

function isForeign(step: Step): boolean {
  const { offices, agency } = step.certificate;
  if (offices.length) {
    return step.item.offices.length > 0 && !offices.some((office) => step.item.offices.includes(office));
  }
  const { registration } = step;
  const parties = registration ? [registration.num(F.SENDER), registration.num(F.RECIPIENT)] : [];
  return agency !== null && !parties.includes(agency);
}
