/**
 * What was promised at acceptance: by when an item is at its addressee's door (docs/spec/place.md, T08). The time runs
 * to the first attempt; of an agreed hour only an attempt at about that hour is one.
 */

import type { Certificate } from "./certificate";
import type { Entry, Event } from "./event";
import { E, F } from "./fields";
import type { Found } from "./found";
import type { Item } from "./item";
import type { Network } from "./network";
import type { Policy } from "./policy";
import type { Hit, Step } from "./step";
import tables from "./tables.json";

/** What takes this many times what was promised is high. */
export const RAISE_OVERDUE = 2;
const EXPRESS = 1;
export const TIMED = 2;
/** Values of REASON that say why an item could not be delivered at its addressee's door. */
const ATTEMPTS: ReadonlySet<number | undefined> = new Set(tables.attempts);
const BY_HOLDER: ReadonlySet<number> = new Set([E.SIGHT, E.INSPECT, E.CANCEL]);
/** An event whose time cannot be true is no attempt. */
const UNTRUE = ["T01", "T02", "T03"];

/** How long after acceptance an item must be there, by its urgency; null where nothing is promised. */
export function promisedMs(registration: Event, policy: Policy): number | null {
  const dueMs = registration.num(F.DUE);
  const urgency = registration.num(F.URGENCY);
  if (urgency === TIMED && dueMs !== undefined) {
    return Math.max(dueMs - registration.claimedMs, 0) + policy.due_window_ms;
  }
  return (urgency === EXPRESS ? policy.express_ms : policy.ordinary_ms) || null;
}

/** How long after acceptance it was first tried to deliver it, or until *untilMs* if that was earlier. */
export function tookMs(registration: Event, triedMs: number | null, untilMs: number): number {
  return Math.min(triedMs ?? untilMs, untilMs) - registration.claimedMs;
}

/** T08: later at the addressee's door than was promised at acceptance; on the way back nothing is promised. */
export function* lateDelivery(step: Step): Generator<Hit> {
  const { registration, item, event, policy } = step;
  if (event.type !== E.DELIVER || !registration || item.returning) {
    return;
  }
  const limitMs = promisedMs(registration, policy);
  const took = tookMs(registration, item.triedMs, event.claimedMs);
  if (limitMs !== null && took > limitMs + policy.eps_ms) {
    yield ["T08", `${took} ms after acceptance, promised within ${limitMs}`];
  }
}

/**
 * Note on *item* that an entry that counts tried to deliver it, and take back that it is late where that comes to light
 * later. *state* is what the event speaks of, *codes* what was found against it.
 */
export function noteAttempt(
  entry: Entry, state: Item, codes: ReadonlySet<string>, item: Item, found: Found, network: Network,
): void {
  const certificate = network.ring.get(entry.event.kid, entry.index);
  const registration = item.registration?.event;
  if (!certificate || !registration || UNTRUE.some((code) => codes.has(code))) {
    return;
  }
  if (!isAttempt(entry.event, certificate, state, network.policyAt(entry.index))) {
    return;
  }
  item.triedMs = Math.min(item.triedMs ?? entry.event.claimedMs, entry.event.claimedMs);
  const took = tookMs(registration, null, item.triedMs);
  for (const late of found.all.filter(({ code }) => code === "T08")) {
    const limits = network.policyAt(late.index);
    const limitMs = promisedMs(registration, limits);
    if (limitMs === null || took <= limitMs + limits.eps_ms) {
      found.heal("T08", late.eventId, entry.index);
    }
  }
}

/** Its holder says why nobody took it, or somebody of the addressee refuses it. */
function isAttempt(event: Event, certificate: Certificate, item: Item, policy: Policy): boolean {
  const registration = item.registration?.event;
  if (!registration || item.isContainer || item.returning) {
    return false;
  }
  const isThere = event.type === E.REFUSE
    ? certificate.agency !== null && certificate.agency === registration.num(F.RECIPIENT)
    : BY_HOLDER.has(event.type) && certificate.person === item.custodian && ATTEMPTS.has(event.num(F.REASON));
  const dueMs = registration.num(F.URGENCY) === TIMED ? registration.num(F.DUE) : undefined;
  return isThere && (dueMs === undefined || event.claimedMs >= dueMs - policy.due_window_ms - policy.eps_ms);
}
