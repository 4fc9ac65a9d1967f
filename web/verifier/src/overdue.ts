/** What nobody did: the findings that time alone makes, as of a moment. */

import type { Entry } from "./event";
import type { Finding, Severity } from "./findings";
import { workingMs } from "./hours";
import type { Item } from "./item";
import { State, TERMINAL } from "./machine";
import type { Network } from "./network";
import { promisedMs, RAISE_OVERDUE, tookMs } from "./promise";
import { lateness } from "./verdict";

const RAISE_OFFER = 4;
const RAISE_HELD = 3;
const RAISE_CLOSED = 3;
const UNDER_WAY: ReadonlySet<number> = new Set([State.HELD, State.OFFERED, State.LOADED, State.QUAR]);
const MOVED_BY_OTHERS: ReadonlySet<number> = new Set([State.NONE, State.LOADED, State.EMPTY, ...TERMINAL]);

/**
 * S05, S07, T08, B07: an offer unanswered, an item that lies or is late, a container that stays closed. *boxes* are the
 * containers around it, the innermost first; while it is in one, these wait in its place.
 */
export function* overdue(item: Item, boxes: readonly Item[], network: Network, nowMs: number): Generator<Finding> {
  yield* waiting(item, boxes, network, nowMs);
  for (const box of boxes) {
    yield* waiting(box, [], network, nowMs);
  }
  if (item.registration && UNDER_WAY.has(item.state) && !item.isContainer && !item.returning) {
    const limits = network.policy;
    const promised = promisedMs(item.registration.event, limits);
    const waitedMs = tookMs(item.registration.event, item.triedMs, nowMs) - limits.eps_ms;
    yield* finding(item, "T08", item.registration, promised === null ? null : lateness(waitedMs, promised, RAISE_OVERDUE));
  }
}

function* waiting(item: Item, boxes: readonly Item[], network: Network, nowMs: number): Generator<Finding> {
  const limits = network.policy;
  const quiet = quietSince(item, boxes);
  if (item.offer) {
    yield* finding(item, "S05", item.offer, lateness(nowMs - item.offer.loggedMs, limits.offer_open_ms, RAISE_OFFER));
  } else if (quiet) {
    yield* finding(item, "S07", quiet, lateness(restedMs(network, quiet, nowMs), limits.held_ms, RAISE_HELD));
  }
  if (item.isContainer && item.registration && item.state !== State.EMPTY && item.state !== State.VOID) {
    const late = lateness(restedMs(network, item.registration, nowMs), limits.closed_ms, RAISE_CLOSED);
    yield* finding(item, "B07", item.registration, late);
  }
}

/** The entry after which its holder should have done something: also the opening it did not come out of. */
function quietSince(item: Item, boxes: readonly Item[]): Entry | null {
  if (item.state === State.LOADED && boxes[0]?.opened) {
    return boxes[0].opened;
  }
  return item.isContainer || MOVED_BY_OTHERS.has(item.state) ? null : item.last;
}

/** How long nothing has happened: in working time where the log says the office's hours, else plainly. */
function restedMs(network: Network, since: Entry, nowMs: number): number {
  const calendar = network.directory.calendar(since.event.place);
  return calendar ? workingMs(calendar, since.loggedMs, nowMs) : nowMs - since.loggedMs;
}

function* finding(item: Item, code: string, entry: Entry, severity: Severity | null): Generator<Finding> {
  if (severity) {
    yield { code, uid: item.uid, index: entry.index, eventId: entry.event.id, detail: "", severity, resolvedBy: null };
  }
}
