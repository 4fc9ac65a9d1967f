/** What is known of one item at a point of its chain: the state that the fold carries along. */

import type { Bytes } from "./bytes";
import type { Certificate } from "./certificate";
import { type Entry, ZERO } from "./event";
import { E, F } from "./fields";
import { type Label, parseLabel } from "./label";
import { AT_HAND, BEFORE, cell, CONTAINER_TRANSITIONS, GENESIS, SAME, State, TERMINAL, TRANSITIONS } from "./machine";

const TAKES: ReadonlySet<number> = new Set([...GENESIS, E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND, E.OPEN, E.UNLOAD]);

export class Item {
  state: number = State.NONE;
  custodian = "";
  offices: readonly number[] = [];
  /** Id of the last custody event on the main line. */
  head = ZERO;
  seq = -1;
  /** The OFFER that is open. */
  offer: Entry | null = null;
  beforeOffer: number = State.NONE;
  returning = false;
  sealCommitment = "";
  /** Digest -> instance of every label registered for it; replaced, never changed. */
  labels: ReadonlyMap<string, number> = new Map();
  label: Label | null = null;
  registration: Entry | null = null;
  /** The newest entry on the main line. */
  last: Entry | null = null;
  /** The LOAD by which it went into the container it is in. */
  load: Entry | null = null;
  /** The OPEN of a container that was opened. */
  opened: Entry | null = null;
  returns = 0;
  /** Places at which its events put it, in order, each stay once; what a container passed included. */
  visits: readonly number[] = [];
  /** Position in *visits* of the place where the present way began. */
  turned = 0;
  /** The newest entry that puts it at a place. */
  placed: Entry | null = null;
  /** The newest SIGHT of it where it cannot honestly be, since this custodian holds it. */
  foreign: Entry | null = null;
  /** When it was first tried to deliver it, by the claimed time. */
  triedMs: number | null = null;

  constructor(readonly uid: string) {}

  /** uid of the container it is in. */
  get container(): string | null {
    return this.load?.event.hex(F.CONTAINER) ?? null;
  }

  get isContainer(): boolean {
    return this.registration?.event.type === E.CLOSE;
  }

  /** Its mark: 0 none, 1 A, 2 B, 3 C; a container bears none of its own. */
  get secrecy(): number {
    return this.registration?.event.num(F.SECRECY) ?? 0;
  }

  get instance(): number {
    return this.label?.instance ?? 0;
  }

  get offeree(): string | number | null {
    return this.offer?.event.offeree ?? null;
  }

  snapshot(): Item {
    return Object.assign(new Item(this.uid), this);
  }

  /**
   * Move as the table says; *entry* is one that nothing stands against, *certificate* its signer's, *passed* the places
   * through which the container went that it comes out of.
   */
  move(entry: Entry, certificate: Certificate, passed: readonly number[]): void {
    const { type } = entry.event;
    if (GENESIS.has(type)) {
      this.registration = entry;
    }
    if (AT_HAND.has(type)) {
      this.visit(entry, passed);
    }
    const target = (this.isContainer ? CONTAINER_TRANSITIONS : TRANSITIONS).get(cell(this.state, type));
    if (type === E.OFFER) {
      [this.offer, this.beforeOffer] = [entry, this.state];
    } else if (type === E.LOAD) {
      this.load = entry;
    } else if (type === E.OPEN) {
      this.opened = entry;
    } else if (type === E.RETURN) {
      this.returning = true;
      this.returns += 1;
      this.turned = Math.max(this.visits.length - 1, 0);
    }
    this.hold(entry, certificate);
    this.bind(entry);
    if (target === BEFORE) {
      this.state = this.beforeOffer;
    } else if (target !== SAME && target !== undefined) {
      this.state = target;
    }
    if (this.state !== State.OFFERED) {
      this.offer = null;
    }
    if (this.state !== State.LOADED) {
      this.load = null;
    }
  }

  /** Say who answers for it from now, and of which offices. */
  putInHandsOf(custodian: string, offices: readonly number[]): void {
    if (custodian !== this.custodian) {
      this.foreign = null;
    }
    this.custodian = custodian;
    this.offices = offices;
  }

  private visit(entry: Entry, passed: readonly number[]): void {
    for (const place of [...passed, entry.event.place]) {
      if (place && place !== this.visits.at(-1)) {
        this.visits = [...this.visits, place];
      }
    }
    if (entry.event.place) {
      this.placed = entry;
    }
  }

  private hold(entry: Entry, certificate: Certificate): void {
    const { type } = entry.event;
    if (type === E.DELIVER && certificate.person === this.custodian) {
      if (typeof this.offeree === "string") {
        this.putInHandsOf(this.offeree, []);
      }
    } else if (TAKES.has(type)) {
      this.putInHandsOf(certificate.person, certificate.offices);
    } else if (type === E.OVERRIDE && !TERMINAL.has(this.state) && this.state !== State.EMPTY) {
      this.putInHandsOf(entry.event.hex(F.OFFEREE) as string, []);
    }
  }

  /** Take over the label and the seal that an event puts on the cover. */
  private bind({ event }: Entry): void {
    if (GENESIS.has(event.type) || event.type === E.RESEAL) {
      this.sealCommitment = event.seal?.commitment as string;
    }
    if (GENESIS.has(event.type) || event.type === E.RELABEL) {
      this.label = parseLabel(event.bytes(F.LABEL_RAW) as Bytes);
      this.labels = new Map([...this.labels, [this.label.digest, this.label.instance]]);
    }
  }
}
