/**
 * The fold over one item's entries: what state it is in, what is wrong, and the verdict (docs/spec/event.md, section 3;
 * ADR 6, 8 and 9).
 */

import { toHex } from "./bytes";
import type { Certificate } from "./certificate";
import { DEEPEST, isMissing } from "./containers";
import { type Entry, type Event, type ItemRef, ZERO } from "./event";
import { E, F } from "./fields";
import { type Finding, idOf } from "./findings";
import { Found } from "./found";
import { Item } from "./item";
import { gradeFork } from "./links";
import { GENESIS, OBSERVATIONS } from "./machine";
import { overdue } from "./overdue";
import { noteAttempt } from "./promise";
import { CONTENT_RULES, FORK_RULES, isBlocked, MARKS, RULES } from "./rules";
import { shared, type Stay } from "./stays";
import { type Ground, type Past, type Rule, Step } from "./step";
import { type Judgement, judgementOf } from "./verdict";

const INSIDE: ReadonlySet<number> = new Set([E.LOAD, E.UNLOAD]);
/** What waits until the event that it cites is there. */
/** Groups of findings that a registration does not settle: they are about things, devices and forgeries. */
const OUTLAST: ReadonlySet<string> = new Set("LDXE");

/** One item's chain, grown entry by entry in log order; beside it, the containers it was in. */
export class Chain {
  readonly item: Item;
  readonly entries: Entry[] = [];
  private readonly found: Found;
  private readonly seen = new Set<string>();
  private readonly payloads = new Set<string>();
  private readonly line = new Map<string, Entry>();
  private readonly next = new Map<string, Entry>();
  private readonly states = new Map<string, Item>();
  private readonly beside = new Map<string, Entry>();
  private readonly parked = new Map<string, Entry[]>();
  private readonly waiting = new Set<string>();
  private readonly twins = new Map<string, string>();
  private readonly decided = new Map<string, number>();
  private readonly stays: Stay[] = [];
  private index = -1;

  /** *containers* are those whose entries `add` will be given too; *around* their chains, where somebody else feeds them. */
  constructor(
    uid: string, private readonly ground: Ground, containers: Iterable<string> = [],
    private readonly around: Map<string, Chain> = new Map(),
  ) {
    this.item = new Item(uid);
    this.found = new Found(uid);
    for (const inner of containers) {
      if (inner !== uid && !around.has(inner)) {
        around.set(inner, new Chain(inner, ground, [], around));
      }
    }
  }

  // -- what it comes to --------------------------------------------------------------------------

  /** Everything found, in the order it was; then what concerns it of the containers it was in. */
  get findings(): Finding[] {
    if (!this.stays.length) {
      return this.found.all;
    }
    return [...this.found.all, ...shared(this.stays, this.around).map((one) => this.asDecided(one))];
  }

  /** Whether an event took effect. */
  counts(eventId: string): boolean {
    return this.line.has(eventId);
  }

  /** The verdict as of *nowMs*, with the findings that only time makes. */
  judge(nowMs: number): Judgement {
    const boxes = this.boxes().map((box) => box.item);
    return judgementOf([...this.findings, ...overdue(this.item, boxes, this.ground.network, nowMs)]);
  }

  // -- growing -----------------------------------------------------------------------------------

  /** Judge the next entry of the log that names this item, or a container of it. */
  add(entry: Entry): void {
    this.index = entry.index;
    for (const chain of this.all()) {
      if (entry.event.item(chain.item.uid)) {
        chain.take(entry);
      }
    }
    this.settle(entry);
  }

  /** Open a finding that two entries together show (`watch`); accusations of what this chain does not take are ignored. */
  accuse(uid: string, entry: Entry, code: string, detail: string): void {
    const chain = uid === this.item.uid ? this : this.around.get(uid);
    chain?.found.open(entry, code, detail);
  }

  private all(): Chain[] {
    return [...this.around.values(), this];
  }

  private take(entry: Entry): void {
    if (this.seen.has(entry.event.id)) {
      return;
    }
    this.seen.add(entry.event.id);
    this.entries.push(entry);
    this.index = entry.index;
    const payload = toHex(entry.event.message.payload);
    if (this.payloads.has(payload)) {
      this.found.open(entry, "E09", "an earlier entry has the same payload under another signature");
    }
    this.payloads.add(payload);
    this.place(entry);
  }

  /** Judge everything that waited for this entry, here and in the containers, until nothing moves. */
  private settle(entry: Entry): void {
    let arrived = new Set([entry.event.id]);
    while (arrived.size) {
      const following = new Set<string>();
      for (const chain of this.all()) {
        for (const id of arrived) {
          chain.unpark(id, entry.index).forEach((one) => following.add(one));
        }
      }
      arrived = following;
    }
    this.innermostLast().forEach((chain) => chain.follow());
  }

  /** Put the entry where it belongs: on the line, beside it, or parked until its predecessor comes. */
  private place(entry: Entry): void {
    const { event } = entry;
    const named = event.item(this.item.uid);
    if (!named) {
      return;
    }
    const ref = { ...named, prev: this.twins.get(named.prev) ?? named.prev };
    if (!(this.line.has(ref.prev) || this.beside.has(ref.prev) || ref.prev === ZERO)) {
      this.miss(entry, ref.prev);
    } else if (INSIDE.has(event.type) && !this.knows(event)) {
      this.park(entry, event.hex(F.CITES) as string);
    } else if (this.beside.has(ref.prev) && !OBSERVATIONS.has(event.type)) {
      this.found.open(entry, "C08", `builds on ${ref.prev.slice(0, 16)}, which did not count`);
      this.judgeStep(entry, ref, this.item, FORK_RULES);
      this.beside.set(event.id, entry);
    } else if (OBSERVATIONS.has(event.type)) {
      this.observe(entry, ref);
    } else {
      this.step(entry, ref);
    }
  }

  /** C05, C02: the predecessor is about other items, or is not in the log yet. */
  private miss(entry: Entry, prev: string): void {
    const found = this.ground.find(prev, this.index);
    if (found && !found.item(this.item.uid)) {
      this.found.open(entry, "C05", `event ${prev.slice(0, 16)} does not name this item`);
      this.beside.set(entry.event.id, entry);
    } else {
      this.park(entry, prev);
    }
  }

  /** Keep an entry aside until the one it cites arrives. */
  private park(entry: Entry, wanted: string): void {
    if (!this.waiting.has(wanted)) {
      this.found.open(entry, "C02", `event ${wanted.slice(0, 16)} is not in the log`);
    }
    this.waiting.add(entry.event.id);
    this.parked.set(wanted, [...(this.parked.get(wanted) ?? []), entry]);
  }

  /** Judge the events that waited for one, and close their C02; their ids. */
  private unpark(arrived: string, index: number): Set<string> {
    const freed = new Set<string>();
    if (this.waiting.has(arrived)) {
      return freed;
    }
    const children = this.parked.get(arrived) ?? [];
    this.parked.delete(arrived);
    for (const child of children) {
      this.waiting.delete(child.event.id);
      this.index = Math.max(this.index, index);
      this.found.heal("C02", child.event.id, index);
      if (!OBSERVATIONS.has(child.event.type)) {
        this.found.open(child, "C06", `entry ${index} brought what it cites`);
      }
      this.place(child);
      freed.add(child.event.id);
    }
    return freed;
  }

  // -- judging -----------------------------------------------------------------------------------

  /** Judge an observation against the state it speaks of; with no predecessor named, that is today's. */
  private observe(entry: Entry, ref: ItemRef): void {
    const before = this.states.get(ref.prev) ?? this.item;
    const codes = this.judgeStep(entry, ref, before, RULES);
    if (!isBlocked(entry.event.type, codes)) {
      this.takeEffect(entry);
      noteAttempt(entry, before, codes, this.item, this.found, this.ground.network);
      if (codes.has("X09")) {
        this.item.foreign = entry;
      }
    }
  }

  /** Judge a custody event against the state it builds on; let it count if nothing stands against it. */
  private step(entry: Entry, ref: ItemRef): void {
    const { event } = entry;
    const { item } = this;
    const before = ref.prev === item.head ? item : this.states.get(ref.prev) ?? new Item(item.uid);
    const codes = this.judgeStep(entry, ref, before, RULES);
    if (isBlocked(event.type, codes)) {
      this.beside.set(event.id, entry);
    } else if (ref.prev !== item.head) {
      this.fork(entry, this.next.get(ref.prev) as Entry);
      this.beside.set(event.id, entry);
    } else {
      this.takeEffect(entry);
      noteAttempt(entry, item, codes, item, this.found, this.ground.network);
      this.next.set(ref.prev, entry);
      this.line.set(event.id, entry);
      [item.head, item.seq, item.last] = [event.id, ref.seq, entry];
      this.states.set(event.id, item.snapshot());
    }
  }

  /** C04, C07: two stories, and whether the second teller could have known of the first. */
  private fork(entry: Entry, first: Entry): void {
    const grade = gradeFork(first.event, entry.event);
    if (grade === "L") { // whoever was shown the second of the two builds on the first
      this.twins.set(entry.event.id, first.event.id);
    }
    this.found.open(entry, "C04", `${first.event.name} of entry ${first.index} follows the same event`, grade);
    const { anchor } = entry.event;
    if (anchor && grade !== "L" && first.index < anchor.size && anchor.size <= entry.index) {
      this.found.open(entry, "C07", `its device had seen size ${anchor.size}, entry ${first.index} was there`);
    }
  }

  /** Open what the rules find against *item*; their codes. */
  private judgeStep(entry: Entry, ref: ItemRef, item: Item, rules: readonly Rule[]): Set<string> {
    const certificate = this.ground.network.ring.get(entry.event.kid, entry.index);
    if (!certificate) {
      this.found.open(entry, "K01", `no certificate for key ${entry.event.kid}`);
      return new Set(["K01", "S01"]);
    }
    const step = this.stepOf(entry, ref, item, certificate);
    const hits = rules.flatMap((rule) => [...rule(step)]);
    hits.forEach(([code, detail]) => this.found.open(entry, code, detail));
    return new Set(hits.map(([code]) => code));
  }

  private stepOf(entry: Entry, ref: ItemRef, item: Item, certificate: Certificate): Step {
    const isDeciding = entry.event.type === E.OVERRIDE;
    return new Step({
      ...this.ground,
      item,
      current: this.item,
      entry,
      now: this.index,
      seq: ref.seq,
      parent: this.line.get(ref.prev) ?? this.beside.get(ref.prev),
      certificate,
      openFindings: new Set(isDeciding ? this.findings.filter((one) => one.resolvedBy === null).map(idOf) : []),
      closing: this.closing(entry.event),
      twins: this.twins,
    });
  }

  /** A container's finding as two supervisors decided it for this item, if they did. */
  private asDecided(one: Finding): Finding {
    return one.resolvedBy === null ? { ...one, resolvedBy: this.decided.get(idOf(one)) ?? null } : one;
  }

  /** Leave the mark of an act, close what it decides, and move the item. */
  private takeEffect(entry: Entry): void {
    const { event, index } = entry;
    const mark = MARKS.get(event.type);
    if (mark) {
      this.found.open(entry, mark, event.text(F.REASON_TEXT) ?? "");
    }
    if (event.type === E.DELIVER && event.num(F.PROOF)) {
      this.found.open(entry, "A08", `proof ${event.num(F.PROOF)}`);
    }
    if (event.type === E.OVERRIDE) {
      const cited = new Set(event.hexes(F.FINDINGS));
      this.found.resolve((one) => cited.has(idOf(one)) && one.code !== "A01", index);
      cited.forEach((id) => this.decided.set(id, index));
    } else if (event.type === E.RELEASE) {
      this.found.resolve((one) => one.code === "A03", index);
    } else if (GENESIS.has(event.type)) {
      this.found.resolve((one) => one.index < index && !OUTLAST.has(one.code[0] as string), index);
    }
    if (!OBSERVATIONS.has(event.type)) {
      this.move(entry);
    }
  }

  /** Move the item as the table says, and note where a stay in a container begins and ends. */
  private move(entry: Entry): void {
    const certificate = this.ground.network.ring.get(entry.event.kid, entry.index);
    if (!certificate) {
      return;
    }
    const wasIn = this.item.container;
    const closing = this.closing(entry.event);
    this.item.move(entry, certificate, closing && entry.event.type === E.UNLOAD ? closing.visits : []);
    if (this.item.container === wasIn) {
      return;
    }
    if (wasIn && entry.event.type !== E.UNLOAD) {
      this.stays.push({ ...(this.stays.pop() as Stay), end: entry.index });
    }
    if (this.item.container && closing) {
      this.stays.push({ container: this.item.container, end: null });
      this.follow();
    }
  }

  // -- containers --------------------------------------------------------------------------------

  /** Whether the container's event that a LOAD or UNLOAD cites has been judged. */
  private knows(event: Event): boolean {
    const cited = event.hex(F.CITES) as string;
    const container = this.around.get(event.hex(F.CONTAINER) as string);
    return container !== undefined && (container.line.has(cited) || container.beside.has(cited));
  }

  /** The container's CLOSE or OPEN that a LOAD or UNLOAD cites, if that took effect. */
  private closing(event: Event): Past | null {
    if (!INSIDE.has(event.type)) {
      return null;
    }
    const container = this.around.get(event.hex(F.CONTAINER) as string);
    const cited = event.hex(F.CITES) as string;
    const entry = container?.line.get(container.twins.get(cited) ?? cited);
    if (!container || !entry) {
      return null;
    }
    const visits = container.states.get(entry.event.id)?.visits ?? [];
    return { entry, person: entry.event.actor, visits, depth: 1 + container.boxes().length };
  }

  /** The containers it is in, the outermost first, and itself; nothing where it is in none. */
  private innermostLast(): Chain[] {
    return this.item.load ? [...this.boxes().reverse(), this] : [];
  }

  /** The container it is in, the one around that, and so on. */
  private boxes(): Chain[] {
    const boxes: Chain[] = [];
    const around = ({ container }: Item): Chain | undefined => (container === null ? undefined : this.around.get(container));
    for (let box = around(this.item); box && boxes.length <= DEEPEST; box = around(box.item)) {
      boxes.push(box);
    }
    return boxes;
  }

  /** Share the fate of the container it is in: who holds it, how deep it lies, whether it was missing. */
  private follow(): void {
    const boxes = this.boxes();
    const box = boxes[0]?.item;
    const { load } = this.item;
    if (!box || !load) {
      return;
    }
    if (boxes.length > DEEPEST && box.load) {
      this.found.openOnce(box.load, "B08", `in ${boxes.length} containers`);
    }
    if (box.custodian !== this.item.custodian) {
      this.item.putInHandsOf(box.custodian, box.offices);
    }
    boxes.forEach((outer) => this.checkTakers(outer));
    const ref = load.event.item(this.item.uid);
    if (box.opened && ref && isMissing(ref, load.event, box.opened.event)) {
      this.found.openOnce(box.opened, "B02", "it was not in the container when that was opened");
    }
  }

  /** K06, P04, P07, K11: who takes a container over may, and does, take over everything in it. */
  private checkTakers(box: Chain): void {
    for (const taken of [...box.line.values()].filter((entry) => entry.event.type === E.ACCEPT)) {
      const ref = taken.event.item(box.item.uid);
      const certificate = this.ground.network.ring.get(taken.event.kid, taken.index);
      const step = ref && certificate && this.stepOf(taken, ref, this.item, certificate);
      for (const [code, detail] of step ? CONTENT_RULES.flatMap((rule) => [...rule(step)]) : []) {
        this.found.openOnce(taken, code, `${detail} (in the container that was taken)`);
      }
    }
  }
}
