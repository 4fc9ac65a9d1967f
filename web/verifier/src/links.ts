/** Rules about the chain and the state: what follows what, and which step is possible when. */

import { fromHex } from "./bytes";
import { type Event, saysSame, ZERO } from "./event";
import { E, F } from "./fields";
import type { Severity } from "./findings";
import { cell, GENESIS, OBSERVATIONS, State, STATE_NAMES, TERMINAL } from "./machine";
import { isContainer } from "./s10";
import { type Hit, type Step, TAKING } from "./step";
import tables from "./tables.json";

const CONTAINER_TYPES: ReadonlySet<number> = new Set(tables.containerTypes);
const RACING: ReadonlySet<number> = new Set([E.ACCEPT, E.DELIVER, E.REFUSE, E.CANCEL]);
const MEANING = [F.OFFEREE, F.CITES, F.LABEL_RAW, F.SEAL, F.CONTAINER, F.MANIFEST, F.MISSING, F.PROOF, F.FINDINGS];

/** C01: seq 0 is a REGISTER (a CLOSE of a container) on nothing, and only that. */
export function* genesis(step: Step): Generator<Hit> {
  const { type, name } = step.event;
  const isFirst = step.event.item(step.item.uid)?.prev === ZERO;
  if (GENESIS.has(type)) {
    if (!isFirst || step.seq !== 0) {
      yield ["C01", `${name} is not the first event`];
    } else if (isContainer(fromHex(step.item.uid)) !== (type === E.CLOSE)) {
      yield ["C01", `${name} under a number that is not of its kind`];
    }
  } else if (isFirst && !OBSERVATIONS.has(type) && step.item.state === State.NONE) {
    yield ["C01", `chain begins with ${name}`];
  }
}

/** C03: one more than the event it builds on. */
export function* sequence(step: Step): Generator<Hit> {
  const ref = step.parent?.event.item(step.item.uid);
  if (ref && step.seq !== ref.seq + 1) {
    yield ["C03", `position ${step.seq} follows ${ref.seq}`];
  }
}

/** S01-S03, B06: the cell of the table, and the two that a table cannot say. */
export function* transition(step: Step): Generator<Hit> {
  const { item } = step;
  const { type, name } = step.event;
  const state = STATE_NAMES.get(item.state);
  let isAllowed = step.table.has(cell(item.state, type));
  if (type === E.VOID && isAllowed && item.last && item.registration) {
    const isFresh = item.last.event.type === E.REGISTER || item.last.event.type === E.RELABEL;
    isAllowed = isFresh && item.registration.event.actor === step.certificate.person;
  }
  if (!isAllowed && item.state === State.LOADED && !CONTAINER_TYPES.has(type)) {
    yield ["B06", `${name} while in container ${item.container ?? ""}`];
  } else if (!isAllowed && TERMINAL.has(item.state) && !OBSERVATIONS.has(type)) {
    yield ["S03", `${name} of an item ${state}`];
  } else if (!isAllowed) {
    yield ["S01", `${name} is not possible while ${state}`];
  }
  if (type === E.SIGHT && TERMINAL.has(item.state)) {
    yield ["S02", `seen while ${state}`];
  }
}

/** S04: taken after the offer had run out, by a time that the taker cannot have invented. */
export function* offerExpiry(step: Step): Generator<Hit> {
  const { offer } = step.item;
  if (TAKING.has(step.event.type) && offer) {
    const endsMs = offer.event.claimedMs + (offer.event.num(F.EXPIRY) as number) * 1000;
    if (step.asOfMs > endsMs) {
      yield ["S04", `${step.asOfMs - endsMs} ms after the offer ended`];
    }
  }
}

/** G03: delivered to the body it is addressed to, or on the way back to its sender. */
export function* destination(step: Step): Generator<Hit> {
  const { registration } = step;
  if (step.event.type !== E.DELIVER || !registration || step.isContainer) {
    return;
  }
  const wanted = registration.num(step.item.returning ? F.SENDER : F.RECIPIENT) as number;
  let agencies = new Set([step.certificate.agency]);
  if (step.certificate.person === step.item.custodian) {
    const { offeree } = step.item;
    agencies = typeof offeree === "number" ? new Set([offeree]) : step.ring.agenciesOf(offeree ?? "", step.entry.index);
  }
  if (!agencies.has(wanted)) {
    const named = [...agencies].filter((one) => one !== null).join(", ") || "none";
    yield ["G03", `taken for agency ${named}, addressed to ${wanted}`];
  }
}

/** S08: turned back more often than once, by policy. */
export function* returnLoop(step: Step): Generator<Hit> {
  if (step.event.type === E.RETURN && step.item.returns >= step.policy.returns) {
    yield ["S08", `turned back ${step.item.returns + 1} times`];
  }
}

/** Grade two stories: one key saying the same twice (a double tap), an honest race of two people, or a lie. */
export function gradeFork(first: Event, second: Event): Severity {
  if (first.kid === second.kid && first.type === second.type) {
    return MEANING.every((field) => saysSame(first, second, field)) ? "L" : "C";
  }
  return RACING.has(first.type) && RACING.has(second.type) && first.kid !== second.kid ? "H" : "C";
}
