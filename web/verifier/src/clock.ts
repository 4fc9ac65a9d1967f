/** Rules about time: the claimed time between what the device had seen and when the log took it, and hours. */

import { F } from "./fields";
import { workingMs } from "./hours";
import { OBSERVATIONS, State } from "./machine";
import { TIMED } from "./promise";
import { type Hit, type Step, TAKING } from "./step";

const RESTING: ReadonlySet<number> = new Set([State.QUAR, State.LOST]);

/** T01-T03, T07 and M05: the claimed time between what the device had seen and when the log took it. */
export function* time(step: Step): Generator<Hit> {
  const { claimedMs, anchor, type } = step.event;
  const { parent, seen } = step;
  const eps = step.policy.eps_ms;
  const isAnswer = TAKING.has(type) && step.item.offer !== null; // then T11 says it
  if (parent && !isAnswer && claimedMs < parent.event.claimedMs - eps) {
    yield ["T01", `${parent.event.claimedMs - claimedMs} ms before the event it follows`];
  }
  if (seen && claimedMs < seen.timeMs - eps) {
    yield ["T02", `${seen.timeMs - claimedMs} ms before a checkpoint it had seen`];
  }
  if (claimedMs > step.entry.loggedMs + eps) {
    yield ["T03", `${claimedMs - step.entry.loggedMs} ms after the log took it`];
  }
  if (!anchor) {
    yield ["T07", "no checkpoint is cited"];
  } else if (seen?.root !== anchor.root) {
    yield ["M05", `the checkpoint of size ${anchor.size} that it cites is not this log's`];
  }
}

/** T04: it came to the log later than a device may be without a network: in working time where hours are logged. */
export function* lateSync(step: Step): Generator<Hit> {
  const { claimedMs, place } = step.event;
  const { loggedMs, index } = step.entry;
  const calendar = step.directory.calendar(place, index);
  const waitedMs = calendar ? workingMs(calendar, claimedMs, loggedMs) : loggedMs - claimedMs;
  if (waitedMs > step.policy.offline_ms) {
    yield ["T04", `${waitedMs} ms${calendar ? " of working time" : ""} after it was signed`];
  }
}

/** T05: the newest checkpoint that the device had seen was an old one, and not the newest that there was. */
export function* staleAnchor(step: Step): Generator<Hit> {
  const { seen, event } = step;
  if (!seen || event.anchor?.size === step.entry.index) {
    return;
  }
  if (event.claimedMs - seen.timeMs > step.policy.anchor_age_ms) {
    yield ["T05", `${event.claimedMs - seen.timeMs} ms after the newest checkpoint it had seen`];
  }
}

/** T06: the device itself says that its clock may be wrong, or was not set for long. */
export function* clockQuality(step: Step): Generator<Hit> {
  const [sinceS = 0, uncertaintyMs = 0] = step.event.nums(F.CLOCK);
  if (uncertaintyMs > step.policy.clock_error_ms) {
    yield ["T06", `its clock may be wrong by ${uncertaintyMs} ms`];
  } else if (sinceS * 1000 > step.policy.clock_sync_ms) {
    yield ["T06", `its clock was set ${sinceS} s before`];
  }
}

/** T09: a step of custody while the office that it names is closed. */
export function* outOfHours(step: Step): Generator<Hit> {
  const { place, claimedMs, type } = step.event;
  const calendar = step.directory.calendar(place, step.entry.index);
  const eps = step.policy.eps_ms;
  if (calendar && !OBSERVATIONS.has(type) && !workingMs(calendar, claimedMs - eps, claimedMs + eps)) {
    yield ["T09", `office ${place} is closed`];
  }
}

/** T10: it lay at one office, between two steps, for longer than that may work before it goes on. */
export function* dwell(step: Step): Generator<Hit> {
  const { place, claimedMs, type } = step.event;
  const before = step.parent?.event;
  if (!before || OBSERVATIONS.has(type) || before.place !== place) {
    return;
  }
  const calendar = step.directory.calendar(place, step.entry.index);
  if (!calendar || RESTING.has(step.item.state)) {
    return;
  }
  const dueMs = step.registration?.num(F.DUE);
  const isTimed = step.registration?.num(F.URGENCY) === TIMED;
  if (isTimed && dueMs !== undefined && claimedMs <= dueMs + step.policy.due_window_ms) {
    return;
  }
  const workedMs = workingMs(calendar, before.claimedMs, claimedMs);
  if (workedMs > step.policy.dwell_ms) {
    yield ["T10", `${workedMs} ms of working time at office ${place}`];
  }
}

/** T11: taken before it was offered. */
export function* tooFast(step: Step): Generator<Hit> {
  const { offer } = step.item;
  if (!TAKING.has(step.event.type) || !offer) {
    return;
  }
  const earlyMs = offer.event.claimedMs - step.event.claimedMs;
  if (earlyMs > step.policy.eps_ms) {
    yield ["T11", `${earlyMs} ms before the offer`];
  }
}
