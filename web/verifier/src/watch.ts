/**
 * What only two entries together show: both may be true of their own item, and cannot both be honest (ADR 10). Fed
 * entries in log order, of the whole log or of any part of it.
 */

import { concat, toHex } from "./bytes";
import type { Entry, Event } from "./event";
import { E, F } from "./fields";
import { GENESIS, ROLES } from "./machine";
import type { Network } from "./network";

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
  private readonly registered = new Map<string, Map<string, Entry>>();
  private readonly worn = new Map<string, { tag: string; index: number }>();
  private readonly wearers = new Map<string, Set<string>>();

  constructor(private readonly network: Network) {}

  /** The accusations that rest on the next entry and one before it, one a code and uid. */
  add(entry: Entry): Accusation[] {
    const found = this.fork(entry);
    if (SEAL_TYPES.has(entry.event.type) && this.may(entry)) {
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
    const known = this.registered.get(number) ?? new Map<string, Entry>();
    this.registered.set(number, known);
    if (known.has(uid)) {
      return [];
    }
    const reuseMs = this.network.policyAt(entry.index).reuse_days * DAY_MS;
    const others = [...known].filter(([, one]) => entry.loggedMs - one.loggedMs < reuseMs).map(([u, one]) => ({ uid: u, index: one.index }));
    known.set(uid, entry);
    return accuse(uid, "L09", others);
  }

  /** X05: a seal put on while it is on something else, which has it still and has not ended its journey. */
  private sealed({ event, index }: Entry): Accusation[] {
    if (!GENESIS.has(event.type)) {
      event.items.forEach((ref) => this.worn.delete(ref.uid));
    }
    const uid = sealedBy(event);
    const tag = event.hex(F.SEAL_TAG);
    if (uid === null || tag === undefined) {
      return [];
    }
    const wearers = this.wearers.get(tag) ?? new Set<string>();
    this.wearers.set(tag, wearers);
    const others = [...wearers].filter((one) => one !== uid && this.worn.get(one)?.tag === tag)
      .map((one) => ({ uid: one, index: this.worn.get(one)?.index as number }))
      .sort((left, right) => left.index - right.index || (left.uid < right.uid ? -1 : 1));
    wearers.add(uid);
    this.worn.set(uid, { tag, index });
    return accuse(uid, "X05", others);
  }

  /** Its signer may do such a thing at all: a stranger's word puts nobody else's item in question. */
  private may({ event, index }: Entry): boolean {
    const certificate = this.network.ring.get(event.kid, index);
    const needed = ROLES.get(event.type);
    return certificate?.person === event.actor && [...certificate.roles].some((role) => needed?.has(role));
  }
}

const DETAILS: Readonly<Record<string, (other: number) => string>> = {
  D01: (other) => `entry ${other} is at the same place of the same device's chain`,
  L09: (other) => `entry ${other} registered the same number`,
  X05: (other) => `entry ${other} put the same seal on something else`,
};

function accusation(uid: string, code: string, other: number): Accusation {
  return { uid, code, detail: DETAILS[code]?.(other) ?? "" };
}

/** Accuse *uid*, and the one other that nothing else has accused yet; *others* are oldest first. */
function accuse(uid: string, code: string, others: readonly { uid: string; index: number }[]): Accusation[] {
  const first = others[0];
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
