/** The state machines of items and containers: the tables, and what their cells mean (docs/spec/event.md, section 4). */

import tables from "./tables.json";

export const State = tables.states;
export const STATE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(State).map(([name, number]) => [number, name]));
export const TERMINAL: ReadonlySet<number> = new Set(tables.terminal);
export const OBSERVATIONS: ReadonlySet<number> = new Set(tables.observations);
export const GENESIS: ReadonlySet<number> = new Set(tables.genesis);
/** Custody events of somebody who has the thing in hand: their place is its place. */
export const AT_HAND: ReadonlySet<number> = new Set(tables.atHand);

/** The event changes no state. */
export const SAME = null;
/** Back to the state before the OFFER. */
export const BEFORE = State.NONE;

export type Table = ReadonlyMap<string, number | null>;

export const TRANSITIONS = tableOf(tables.transitions);
export const CONTAINER_TRANSITIONS = tableOf(tables.containerTransitions);

export const ROLES: ReadonlyMap<number, ReadonlySet<number>> = setsOf(tables.signers);
export const TWO_PERSON: ReadonlyMap<number, ReadonlySet<number>> = setsOf(tables.seconds);

/** The name of a cell in a `Table`. */
export function cell(state: number, type: number): string {
  return `${state} ${type}`;
}

function tableOf(rows: readonly (readonly (number | null)[])[]): Table {
  return new Map(rows.map(([state, type, target]) => [cell(state as number, type as number), target ?? null]));
}

function setsOf(table: Readonly<Record<string, readonly number[]>>): ReadonlyMap<number, ReadonlySet<number>> {
  return new Map(Object.entries(table).map(([type, roles]) => [Number(type), new Set(roles)]));
}
