/**
 * A round: many envelopes read one after the other with nothing to touch in between, then signed for together. Pure.
 *
 * What a round may hold is what one person may act on with the same step. Each envelope keeps what its step asks on
 * its own: a seal that is read blind for each, an event that is signed for each. What asks for more (a person named
 * on the cover, two covers, a bag) is not of a round.
 */

import { isOnlyNamed } from "../items";
import type { ActionName, Item } from "../told";
import type { Found } from "./reading";
import type { ResultKind } from "./words";

export type RoundKind = "receive" | "hand_over";

export interface Line {
  readonly found: Found;
  readonly item: Item;
}

/** An envelope of the list that was not read yet. */
export interface Expected {
  readonly number: string;
  readonly who: string; // who offers it, or where it goes
}

/** Something that was read and is not of the round: what to do with it is said at the end. */
export interface Aside {
  readonly found: Found;
  readonly kind: ResultKind;
}

export interface Round {
  readonly kind: RoundKind;
  readonly expected: readonly Expected[];
  readonly lines: readonly Line[]; // in the order of the scans
  readonly asides: readonly Aside[];
}

/** Who scans, and where: what tells "not mine" from "should not be here". */
export interface Here {
  readonly place: number;
  readonly person: string;
  readonly agency: number | null; // of a recipient
  readonly officeOf: (person: string) => number | undefined;
}

const STEPS: Readonly<Record<RoundKind, readonly ActionName[]>> = { receive: ["receive", "deliver"], hand_over: ["hand_over"] };
const MARK_A = 1;
const GONE: ReadonlySet<string> = new Set(["DELIVERED", "LOADED", "VOID", "DESTROYED", "LOST"]);

/** A round that expects those of *items* that its step is open for. */
export function beginRound(kind: RoundKind, items: readonly Item[]): Round {
  const expected = items.filter((item) => stepOf(kind, item) && !standsAlone(kind, item))
    .map((item) => ({ number: item.number, who: (kind === "receive" ? item.offer?.giver.name : item.recipient?.name) ?? "" }));
  return { kind, expected, lines: [], asides: [] };
}

/** The step of the round that is open for *item*, if one is. */
export function stepOf(kind: RoundKind, item: Item): ActionName | undefined {
  return STEPS[kind].find((name) => item.actions.includes(name));
}

/** What a read is to this round: "genuine" is taken, everything else is not. */
export function judge(round: Round, found: Found, here: Here): ResultKind {
  const { item } = found;
  if (found.kind !== "genuine" || !item) {
    return found.kind;
  }
  if (round.lines.some((line) => line.item.uid === item.uid)) {
    return "again";
  }
  if (!stepOf(round.kind, item)) {
    return isMisplaced(item, here) ? "misplaced" : "unlisted";
  }
  return standsAlone(round.kind, item) ? "alone" : "genuine";
}

/** The round after a read that was judged *kind*; a doubled scan changes nothing. */
export function take(round: Round, found: Found, kind: ResultKind): Round {
  if (kind === "genuine" && found.item) {
    return { ...round, lines: [...round.lines, { found, item: found.item }] };
  }
  if (kind === "again" || round.asides.some((aside) => aside.found.text === found.text)) {
    return round;
  }
  return found.label ? { ...round, asides: [...round.asides, { found, kind }] } : round;
}

/** The round without its last scan. */
export function undo(round: Round): Round {
  return { ...round, lines: round.lines.slice(0, -1) };
}

/** The round without one envelope, which is then dealt with by itself. */
export function leaveOut(round: Round, uid: string): Round {
  const left = round.lines.find(({ item }) => item.uid === uid);
  return {
    ...round,
    lines: round.lines.filter(({ item }) => item.uid !== uid),
    asides: left ? [...round.asides, { found: left.found, kind: "alone" }] : round.asides,
  };
}

/** "12 of 12": what was read, of all that is expected or was read. */
export function countOf(round: Round): { readonly done: number; readonly of: number } {
  return { done: round.lines.length, of: round.lines.length + missing(round).length };
}

/** What is on the list and was neither read nor laid aside. */
export function missing(round: Round): Expected[] {
  const read = new Set([...round.lines.map(({ item }) => item.number), ...round.asides.map(({ found }) => found.number)]);
  return round.expected.filter(({ number }) => !read.has(number));
}

/**
 * A bag, one with no seal to compare or that two couriers sign for, one for a named person or of mark A at its
 * addressee: each by itself.
 */
function standsAlone(kind: RoundKind, item: Item): boolean {
  if (item.is_container === true || (kind === "receive" && (!item.seal_commitment || item.two_couriers === true))) {
    return true;
  }
  return stepOf(kind, item) === "deliver" && (isOnlyNamed(item) || item.secrecy === MARK_A);
}

/** By the log it is somewhere else: gone already, addressed to others, or with a person of another office. */
function isMisplaced(item: Item, here: Here): boolean {
  const to = item.is_returning ? item.sender : item.recipient;
  if (GONE.has(item.state) || (here.agency !== null && to && to.code !== here.agency)) {
    return true;
  }
  const answers = item.state === "OFFERED" ? item.offer?.taker.id : item.custodian?.id;
  const office = answers === undefined || answers === here.person ? undefined : here.officeOf(answers);
  return office !== undefined && office !== here.place;
}
