/**
 * What one item is after events that only this device knows of, by the transition table of the second verifier; and
 * what its person may do with it then, as `web/access.py` has it. Pure; the service judges by itself.
 */

import { E, F } from "../../verifier/src/fields";
import type { Event } from "../../verifier/src/event";
import { cell, CONTAINER_TRANSITIONS, OBSERVATIONS, SAME, State, STATE_NAMES, TRANSITIONS } from "../../verifier/src/machine";
import { unpackNumber } from "./s10";
import type { ActionName, DayItem, Item, Named, Person } from "./told";

/** What of an item says who may do what with it. */
type Acted = Pick<DayItem, "state" | "held" | "custodian" | "is_container" | "is_returning" | "seq"> & {
  readonly offer: Pick<NonNullable<Item["offer"]>, "taker"> | null;
};

/** Ids of people -> their names. */
export type NameOf = (person: string) => string;

const TAKES: ReadonlySet<number> = new Set([E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND, E.OPEN, E.UNLOAD, E.CLOSE, E.REGISTER]);
const CARRIERS = ["issuer", "clerk", "courier", "supervisor", "security"];
const OF_ITEMS: ReadonlySet<string> = new Set(["attempt", "deliver", "deliver_here", "relabel", "return", "void"]);

/**
 * *item* after those of *events* that build on its head, each on the one before, in whatever order they are given.
 * An event that the table does not allow ends the way, and so do two that build on the same one: the first given counts.
 */
export function fold(item: DayItem, events: readonly Event[], nameOf: NameOf): DayItem {
  const steps = new Map<string, Event>();
  for (const event of events) {
    const ref = event.item(item.uid);
    if (ref && !OBSERVATIONS.has(event.type) && !steps.has(`${ref.seq} ${ref.prev}`)) {
      steps.set(`${ref.seq} ${ref.prev}`, event);
    }
  }
  let now = item;
  for (;;) {
    const next = steps.get(`${now.seq + 1} ${now.head}`);
    const moved = next && advance(now, next, nameOf);
    if (!moved) {
      return now;
    }
    now = moved;
  }
}

/** *item* after one event that builds on its head; null where the table does not allow it. */
export function advance(item: DayItem, event: Event, nameOf: NameOf): DayItem | null {
  const ref = event.item(item.uid);
  const from = (State as Readonly<Record<string, number>>)[item.state];
  const target = from === undefined ? undefined : (item.is_container ? CONTAINER_TRANSITIONS : TRANSITIONS).get(cell(from, event.type));
  if (!ref || target === undefined || ref.prev !== item.head || ref.seq !== item.seq + 1) {
    return null;
  }
  const back = target === State.NONE; // to where it was before the offer
  const state = target === SAME ? item.state : back ? item.before : STATE_NAMES.get(target) ?? item.state;
  return {
    ...item,
    seq: ref.seq,
    head: event.id,
    state,
    before: event.type === E.OFFER ? item.state : item.before,
    custodian: custodianAfter(item, event, nameOf),
    offer: event.type === E.OFFER ? offerOf(event, nameOf) : state === "OFFERED" ? item.offer : null,
    container: state === "LOADED" ? bagOf(event) ?? item.container : null,
    seal_commitment: event.type === E.RESEAL ? event.seal?.commitment ?? item.seal_commitment : item.seal_commitment,
    is_returning: item.is_returning || event.type === E.RETURN,
    local: true,
  };
}

/** What is open to *me* now, as the service would say it (test/actions.json holds both to it); decisions need the service. */
export function actionsOf(item: Acted, me: Pick<Person, "id" | "roles" | "office" | "agency">): ActionName[] {
  const has = (...roles: string[]): boolean => roles.some((role) => me.roles.includes(role));
  const { state, held } = item;
  const isMine = item.custodian?.id === me.id;
  const taker = item.offer?.taker.id ?? "";
  const isForMe = taker !== "" && [me.id, me.office?.code, me.agency?.code].some((one) => one !== undefined && String(one) === taker);
  const steps: (readonly [boolean, ActionName])[] = [
    [state === "OFFERED" && isForMe && has("recipient") && !held, "deliver"],
    [state === "OFFERED" && isForMe && !has("recipient"), "receive"],
    [state === "OFFERED" && isForMe, "refuse"],
    [state === "OFFERED" && isMine, "cancel"],
    [(state === "HELD" || state === "OFFERED") && isMine && has("courier") && !held, "deliver_here"],
    [(state === "HELD" || state === "OFFERED") && isMine && has("courier"), "attempt"],
    [(state === "HELD" || state === "QUAR") && isMine && item.is_container && has(...CARRIERS), "open"],
    [(state === "HELD" || state === "QUAR") && isMine && !held, "hand_over"],
    [state === "HELD" && isMine && !item.is_returning, "return"],
    [(state === "HELD" || state === "QUAR") && isMine && has("issuer"), "relabel"],
    [state === "HELD" && isMine && item.seq === 0 && has("issuer"), "void"],
    [state !== "NONE", "sight"],
    [state !== "NONE", "report"],
  ];
  return steps.filter(([isOpen, name]) => isOpen && !(item.is_container && OF_ITEMS.has(name))).map(([, name]) => name);
}

function custodianAfter(item: DayItem, event: Event, nameOf: NameOf): Named | null {
  if (event.type === E.DELIVER && event.actor === item.custodian?.id) {
    return typeof event.offeree === "string" || !item.offer ? item.custodian : item.offer.taker;
  }
  if (event.type === E.OVERRIDE && typeof event.offeree === "string") {
    return { id: event.offeree, name: nameOf(event.offeree) };
  }
  return TAKES.has(event.type) ? { id: event.actor, name: nameOf(event.actor) } : item.custodian;
}

/** The number of the bag that a LOAD names. */
function bagOf(event: Event): string | null {
  const uid = event.bytes(F.CONTAINER);
  return uid ? unpackNumber(uid.slice(0, 6)) : null;
}

function offerOf(event: Event, nameOf: NameOf): NonNullable<Item["offer"]> {
  const taker = String(event.offeree ?? "");
  return {
    id: event.id,
    giver: { id: event.actor, name: nameOf(event.actor) },
    taker: { id: taker, name: nameOf(taker) },
    expires_ms: event.claimedMs + (event.num(F.EXPIRY) ?? 0) * 1000,
  };
}
