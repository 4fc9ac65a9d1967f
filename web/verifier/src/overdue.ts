/** What nobody did: the findings that time alone makes, as of a moment. */

import type { Entry } from "./event";
import type { Finding } from "./findings";
import type { Item } from "./item";
import { State, TERMINAL } from "./machine";
import type { Network } from "./network";
import { lateness } from "./verdict";

const RAISE_OFFER = 4;
const RAISE_HELD = 3;
const RAISE_CLOSED = 3;
const MOVED_BY_OTHERS: ReadonlySet<number> = new Set([State.NONE, State.LOADED, State.EMPTY, ...TERMINAL]);

/** S05, S07, B07: an offer that nobody answers, an item that nobody moves, a container that nobody opens. */
export function* overdue(item: Item, network: Network, nowMs: number): Generator<Finding> {
  const limits = network.policy;
  if (item.offer) {
    yield* late(item, "S05", item.offer, nowMs, limits.offer_open_ms, RAISE_OFFER);
  } else if (item.last && !item.isContainer && !MOVED_BY_OTHERS.has(item.state)) {
    yield* late(item, "S07", item.last, nowMs, limits.held_ms, RAISE_HELD);
  }
  if (item.isContainer && item.registration && item.state !== State.EMPTY && item.state !== State.VOID) {
    yield* late(item, "B07", item.registration, nowMs, limits.closed_ms, RAISE_CLOSED);
  }
}

function* late(item: Item, code: string, entry: Entry, nowMs: number, limitMs: number, factor: number): Generator<Finding> {
  const severity = lateness(nowMs - entry.loggedMs, limitMs, factor);
  if (severity) {
    yield { code, uid: item.uid, index: entry.index, eventId: entry.event.id, detail: "", severity, resolvedBy: null };
  }
}
