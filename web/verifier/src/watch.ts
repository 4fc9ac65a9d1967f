/**
 * What only two entries together show: both may be true of their own item, and cannot both be honest (ADR 10). Fed
 * entries in log order, of the whole log or of any part of it.
 */

import { concat, fromHex, toHex } from "./bytes";
import type { Certificate } from "./certificate";
import { type Entry, type Event, ZERO } from "./event";
import { E, F } from "./fields";
import { parseLabel } from "./label";
import { GENESIS, ROLES, TWO_PERSON } from "./machine";
import type { Network } from "./network";
import { mayHandle } from "./roles";
import { isContainer } from "./s10";
import { secondKey } from "./step";

const DAY_MS = 86_400_000;
const SEALING: ReadonlySet<number> = new Set([...GENESIS, E.RESEAL]);
const SEAL_TYPES: ReadonlySet<number> = new Set([...SEALING, E.DELIVER, E.DESTROY, E.VOID, E.OPEN, E.RETIRE]);

/** A finding of *uid* that rests on the newest entry and an earlier one. */
export interface Accusation {
  readonly uid: string;
  readonly code: string;
  readonly detail: string;
}

/** A place of a device's chain, as the first entry took it. */
interface Place {
  readonly index: number;
  readonly uids: readonly string[];
  isTakenTwice: boolean;
}

export class Watch {
  private readonly places = new Map<string, Place>();
  private readonly registered = new Map<string, Map<string, Entry[]>>();
  private readonly acts = new Map<string, Entry[]>();
  private readonly wearers = new Map<string, Set<string>>();
  private readonly counted = new Map<number, boolean>();

  constructor(private readonly network: Network) {}

  /** The accusations that rest on the next entry and one before it, one a code and uid. */
  add(entry: Entry): Accusation[] {
    const found = this.fork(entry);
    if (SEAL_TYPES.has(entry.event.type) && may(entry, this.network)) {
      found.push(...this.registeredAgain(entry), ...this.sealed(entry));
    }
    const first = new Map(found.reverse().map((one) => [`${one.uid} ${one.code}`, one]));
    return [...first.values()];
  }

  /** D01: one key at one place of its chain twice, or building twice on the same event. */
  private fork({ event, index }: Entry): Accusation[] {
    const link = event.deviceLink;
    const found: Accusation[] = [];
    for (const place of link ? [String(link.dseq), link.dprev] : []) {
      const uids = event.items.map((ref) => ref.uid);
      const key = `${event.kid} ${place}`;
      const first = this.places.get(key) ?? { index, uids, isTakenTwice: false };
      this.places.set(key, first);
      if (first.index !== index) {
        const accused = first.isTakenTwice ? uids : [...uids, ...first.uids];
        first.isTakenTwice = true;
        found.push(...accused.map((uid) => accusation(uid, "D01", first.index)));
      }
    }
    return found;
  }

  /** L09: a number registered for another item, sooner than numbers come back. */
  private registeredAgain(entry: Entry): Accusation[] {
    const uid = registeredBy(entry.event);
    if (uid === null) {
      return [];
    }
    const number = uid.slice(0, 12);
    const known = this.registered.get(number) ?? new Map<string, Entry[]>();
    this.registered.set(number, known);
    const before = [...(known.get(uid) ?? []), entry];
    known.set(uid, before);
    if (known.size === 1 || this.first(before) !== entry) {
      return []; // the second registration of one item is the business of its chain
    }
    const reuseMs = this.network.policyAt(entry.index).reuse_days * DAY_MS;
    const others = [...known].flatMap(([other, same]) => {
      const first = other === uid ? undefined : this.first(same);
      return first && entry.loggedMs - first.loggedMs < reuseMs ? [{ uid: other, index: first.index }] : [];
    });
    return accuse(uid, "L09", others);
  }

  private first(entries: readonly Entry[]): Entry | undefined {
    return entries.find((entry) => this.counts(entry));
  }

  /** X05: a seal put on while it is on something else, which has it still and has not ended its journey. */
  private sealed(entry: Entry): Accusation[] {
    const { event, index } = entry;
    event.items.forEach((ref) => this.acts.set(ref.uid, [...(this.acts.get(ref.uid) ?? []), entry]));
    const uid = sealedBy(event);
    const tag = event.hex(F.SEAL_TAG);
    if (uid === null || tag === undefined) {
      return [];
    }
    const wearers = this.wearers.get(tag) ?? new Set<string>();
    this.wearers.set(tag, wearers.add(uid));
    const mine = wearers.size === 1 ? null : this.worn(uid);
    if (mine?.tag !== tag || mine.index !== index) {
      return [];
    }
    const others = [...wearers].flatMap((other) => {
      const worn = other === uid ? null : this.worn(other);
      return worn?.tag === tag ? [{ uid: other, index: worn.index }] : [];
    });
    return accuse(uid, "X05", others);
  }

  /** The seal that is on something now, by what could have taken effect. */
  private worn(uid: string): { tag: string; index: number } | null {
    let worn: { tag: string; index: number } | null = null;
    let isBegun = false;
    for (const entry of (this.acts.get(uid) ?? []).filter((one) => this.counts(one))) {
      const { event, index } = entry;
      const isGenesis = GENESIS.has(event.type);
      if (isGenesis && isBegun) {
        continue; // a chain begins once: a copied label puts no seal on
      }
      isBegun ||= isGenesis;
      const tag = event.hex(F.SEAL_TAG);
      if (sealedBy(event) === uid && tag !== undefined) {
        worn = { tag, index };
      } else if (!isGenesis) {
        worn = null;
      }
    }
    return worn;
  }

  /** Whether an entry could have taken effect; asked only of those that share something with another. */
  private counts(entry: Entry): boolean {
    const counts = this.counted.get(entry.index) ?? couldTakeEffect(entry, this.network);
    this.counted.set(entry.index, counts);
    return counts;
  }
}

/**
 * Whether an entry that puts a seal on or ends its work could have taken effect, as far as it shows by itself: its
 * signers' certificates as of its index, their revocations before it, and the label.
 */
function couldTakeEffect(entry: Entry, network: Network): boolean {
  const { type } = entry.event;
  const certificate = network.ring.get(entry.event.kid, entry.index);
  if (!certificate || !may(entry, network)) {
    return false;
  }
  if ((SEALING.has(type) && !isValid(certificate, entry)) || (GENESIS.has(type) && !begins(entry, network, certificate))) {
    return false;
  }
  return !TWO_PERSON.has(type) || isSeconded(entry, network, certificate);
}

/** Its signer may do such a thing at all: a stranger's word puts nobody else's item in question. */
function may({ event, index }: Entry, network: Network): boolean {
  const certificate = network.ring.get(event.kid, index);
  const needed = ROLES.get(event.type);
  return certificate?.person === event.actor && [...certificate.roles].some((role) => needed?.has(role));
}

/** A key that may sign (K02-K04, K06), by what no later entry changes; a revoked one may not, however late. */
function isValid(certificate: Certificate, { event, index, loggedMs }: Entry): boolean {
  const latestMs = event.anchor ? event.claimedMs : Math.max(event.claimedMs, loggedMs);
  return certificate.notBeforeMs <= loggedMs && latestMs <= certificate.notAfterMs && !certificate.countersignsOnly
    && isUnrevoked(certificate, index);
}

function isUnrevoked({ revokedIndex }: Certificate, index: number): boolean {
  return revokedIndex === null || revokedIndex > index;
}

/** A REGISTER or CLOSE begins a chain, under a label that the network issued (C01, K06, L02, L03). */
function begins(entry: Entry, network: Network, certificate: Certificate): boolean {
  const { event } = entry;
  const uid = registeredBy(event);
  const ref = uid === null ? undefined : event.item(uid);
  if (!ref || ref.seq !== 0 || ref.prev !== ZERO || isContainer(fromHex(ref.uid)) !== (event.type === E.CLOSE)) {
    return false;
  }
  const raw = event.bytes(F.LABEL_RAW);
  if (!raw || !entry.isLabelSigned || !mayHandle(certificate.secrecyMax, event.num(F.SECRECY) ?? 0)) {
    return false;
  }
  const { kid4 } = parseLabel(raw); // whose signature holds, so it can be read
  return network.ring.labelKey(kid4, entry.index)?.kid4 === kid4;
}

/** Somebody else of the same office, with a role for it, signed as second (P04, P07). */
function isSeconded(entry: Entry, network: Network, first: Certificate): boolean {
  const second = entry.isSeconded ? secondKey(entry, network.ring) : null;
  if (!second || second.person === first.person) {
    return false;
  }
  const isNear = !first.offices.length || !second.offices.length || first.offices.some((one) => second.offices.includes(one));
  const isAlive = second.notBeforeMs <= entry.loggedMs && isUnrevoked(second, entry.index);
  return isNear && isAlive && [...second.roles].some((role) => TWO_PERSON.get(entry.event.type)?.has(role));
}

const DETAILS: Readonly<Record<string, (other: number) => string>> = {
  D01: (other) => `entry ${other} is at the same place of the same device's chain`,
  L09: (other) => `entry ${other} registered the same number`,
  X05: (other) => `entry ${other} put the same seal on something else`,
};

function accusation(uid: string, code: string, other: number): Accusation {
  return { uid, code, detail: DETAILS[code]?.(other) ?? "" };
}

/** Accuse *uid*, and the one other that nothing else has accused yet. */
function accuse(uid: string, code: string, others: readonly { uid: string; index: number }[]): Accusation[] {
  const [first] = [...others].sort((left, right) => left.index - right.index || (left.uid < right.uid ? -1 : 1));
  if (!first) {
    return [];
  }
  return (others.length === 1 ? [uid, first.uid] : [uid]).map((one) => accusation(one, code, first.index));
}

/** The item or container that an event registers under its label. */
function registeredBy(event: Event): string | null {
  const raw = event.bytes(F.LABEL_RAW);
  if (!GENESIS.has(event.type) || !raw) {
    return null;
  }
  const uid = toHex(concat(raw.slice(5, 11), raw.slice(12, 14)));
  return event.item(uid) ? uid : null;
}

/** What an event puts a seal on: one thing, as one seal closes one cover. */
function sealedBy(event: Event): string | null {
  if (GENESIS.has(event.type)) {
    return registeredBy(event);
  }
  return event.type === E.RESEAL && event.items.length === 1 ? event.items[0]?.uid ?? null : null;
}
