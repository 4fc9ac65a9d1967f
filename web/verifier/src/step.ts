/** One entry about to be judged: what every rule is given, and what a rule is. */

import type { Certificate } from "./certificate";
import { CustodyError } from "./errors";
import { parseSign1 } from "./cose";
import type { Directory } from "./directory";
import { coreOf, type Entry, type Event, SECOND_CONTEXT } from "./event";
import { E, F } from "./fields";
import type { Item } from "./item";
import type { KeyRing } from "./keys";
import { CONTAINER_TRANSITIONS, type Table, TRANSITIONS } from "./machine";
import type { Network } from "./network";
import type { Policy } from "./policy";

/** Code and detail. */
export type Hit = readonly [string, string];
export type Rule = (step: Step) => Iterable<Hit>;

/** The log's checkpoint of a size: its root in hex and its signed time. */
export interface Head {
  readonly root: string;
  readonly timeMs: number;
}
export type Anchors = (size: number) => Head | undefined;
/** The event of an id among the entries up to an index. */
export type Find = (id: string, index: number) => Event | undefined;

/** What a chain is judged on. */
export interface Ground {
  readonly network: Network;
  readonly anchors: Anchors;
  readonly find: Find;
}

export const TAKING: ReadonlySet<number> = new Set([E.ACCEPT, E.DELIVER]);

/** What a container's chain says of one of its events that took effect. */
export interface Past {
  readonly entry: Entry;
  readonly person: string;
  /** Places where the container had been by then, that of the event included. */
  readonly visits: readonly number[];
  /** How many containers lie around something in it now, itself counted. */
  readonly depth: number;
}

interface Facts extends Ground {
  /** The state that the event speaks of. */
  readonly item: Item;
  /** The state on the main line now; another one for what comes late or second. */
  readonly current: Item;
  readonly entry: Entry;
  /** Index of the entry at which it is judged: its own, or that which brought what it waited for. */
  readonly now: number;
  readonly seq: number;
  /** The event that it builds on. */
  readonly parent: Entry | undefined;
  readonly certificate: Certificate;
  /** Ids of the findings that an OVERRIDE could decide. */
  readonly openFindings: ReadonlySet<string>;
  /** For LOAD and UNLOAD, the container's CLOSE or OPEN that it cites, if that took effect. */
  readonly closing: Past | null;
  /** Id of an event that said what another one had said (a double tap) -> id of that one. */
  readonly twins: ReadonlyMap<string, string>;
}

export interface Step extends Facts {}

export class Step {
  constructor(facts: Facts) {
    Object.assign(this, facts);
  }

  get event(): Event {
    return this.entry.event;
  }

  /** The event that it cites; of two that say the same (a double tap), the one that counts. */
  get cited(): string | undefined {
    const cited = this.event.hex(F.CITES);
    return cited === undefined ? cited : this.twins.get(cited) ?? cited;
  }

  get ring(): KeyRing {
    return this.network.ring;
  }

  get directory(): Directory {
    return this.network.directory;
  }

  /** The limits as of the entry. */
  get policy(): Policy {
    return this.network.policyAt(this.entry.index);
  }

  get table(): Table {
    return this.isContainer ? CONTAINER_TRANSITIONS : TRANSITIONS;
  }

  /** The chain is a container's: it began with a CLOSE, or is about to. */
  get isContainer(): boolean {
    const { type } = this.registration ?? this.event;
    return type === E.CLOSE || type === E.OPEN || type === E.RETIRE;
  }

  /** When limits are judged: the time of the checkpoint it cites, or of its entry where it cites none. */
  get asOfMs(): number {
    return this.seen?.timeMs ?? this.entry.loggedMs;
  }

  /** This log at the size that the event cites, if it had that size by then. */
  get seen(): Head | undefined {
    const { anchor } = this.event;
    return anchor && anchor.size <= this.entry.index ? this.anchors(anchor.size) : undefined;
  }

  /** The event that began the chain. */
  get registration(): Event | null {
    return this.item.registration?.event ?? null;
  }

  /** The mark of the item: 0 none, 1 A, 2 B, 3 C; a container bears none of its own. */
  get secrecy(): number {
    const genesis = this.event.type === E.REGISTER ? this.event : this.registration;
    return genesis?.num(F.SECRECY) ?? 0;
  }

  /** The certificate of the second signer, if that signature is there and holds. */
  second(): Certificate | null {
    return this.entry.isSeconded ? secondKey(this.entry, this.ring) : null;
  }
}

/** The certificate that the second signature of an entry names, whether it verifies or not. */
export function secondKey({ event, index }: Entry, ring: KeyRing): Certificate | null {
  const kid = secondMessage(event)?.kid;
  return kid === undefined ? null : ring.get(kid, index) ?? null;
}

/** The second signature of an event, not yet verified; none where it is not there or not of the form. */
export function secondMessage(event: Event): ReturnType<typeof parseSign1> | null {
  const raw = event.bytes(F.SECOND);
  try {
    return raw ? parseSign1(raw, coreOf(event.fields), SECOND_CONTEXT) : null;
  } catch (error) {
    if (error instanceof CustodyError) {
      return null;
    }
    throw error;
  }
}
