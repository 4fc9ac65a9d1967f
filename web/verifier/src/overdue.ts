/** What nobody did: the findings that time alone makes, as of a moment. */

import { promisedMs, RAISE_OVERDUE } from "./clock";
import type { Entry } from "./event";
import type { Finding, Severity } from "./findings";
import type { Item } from "./item";
import { State, TERMINAL } from "./machine";
import type { Network } from "./network";
import { lateness } from "./verdict";

const RAISE_OFFER = 4;
const RAISE_HELD = 3;
const RAISE_CLOSED = 3;
const UNDER_WAY: ReadonlySet<number> = new Set([State.HELD, State.OFFERED, State.LOADED, State.QUAR]);
const MOVED_BY_OTHERS: ReadonlySet<number> = new Set([State.NONE, State.LOADED, State.EMPTY, ...TERMINAL]);

/** S05, S07, T08, B07: an offer unanswered, an item that lies or is late, a container that stays closed. */
export function* overdue(item: Item, network: Network, nowMs: number): Generator<Finding> {
  const limits = network.policy;
  if (item.offer) {
    yield* late(item, "S05", item.offer, nowMs, limits.offer_open_ms, RAISE_OFFER);
  } else if (item.last && !item.isContainer && !MOVED_BY_OTHERS.has(item.state)) {
    yield* late(item, "S07", item.last, nowMs, limits.held_ms, RAISE_HELD);
  }
  if (item.registration && UNDER_WAY.has(item.state) && !item.isContainer && !item.returning) {
    const promised = promisedMs(item.registration.event, limits);
    const severity = promised === null
      ? null : lateness(nowMs - item.registration.event.claimedMs - limits.eps_ms, promised, RAISE_OVERDUE);
    yield* finding(item, "T08", item.registration, severity);
  }
  if (item.isContainer && item.registration && item.state !== State.EMPTY && item.state !== State.VOID) {
    yield* late(item, "B07", item.registration, nowMs, limits.closed_ms, RAISE_CLOSED);
  }
}

function* late(item: Item, code: string, entry: Entry, nowMs: number, limitMs: number, factor: number): Generator<Finding> {
  yield* finding(item, code, entry, lateness(nowMs - entry.loggedMs, limitMs, factor));
}

function* finding(item: Item, code: string, entry: Entry, severity: Severity | null): Generator<Finding> {
  if (severity) {
    yield { code, uid: item.uid, index: entry.index, eventId: entry.event.id, detail: "", severity, resolvedBy: null };
  }
}
