/** Rules about place and presence: where the signer may sign, where the item can be, and whether both were there. */

import { toHex, type Bytes } from "./bytes";
import type { Way } from "./directory";
import type { Entry } from "./event";
import { E, F } from "./fields";
import { distanceM, type Position } from "./geo";
import { AT_HAND } from "./machine";
import { isProxy } from "./persons";
import { type Hit, type Step, TAKING } from "./step";

const KMH = 3_600n;
/** PRESENCE: the giver's screen, a slip on paper. */
const NEAR: readonly number[] = [2, 3];
const FIRST: ReadonlySet<number> = new Set([E.REGISTER, E.CLOSE]);
const AT_DOORS: ReadonlySet<number> = new Set([E.OFFER, E.DELIVER, E.REFUSE, E.CANCEL]);

/** K07: signed at an office where the key does not count. */
export function* officeScope(step: Step): Generator<Hit> {
  const { offices } = step.certificate;
  if (offices.length && !offices.includes(step.event.place)) {
    yield ["K07", `signed at ${step.event.place}, the key counts at ${[...offices].sort((a, b) => a - b).join(", ")}`];
  }
}

/** X07: taken without having read the offer's nonce off the giver's screen or slip, where the policy asks for it. */
export function* presence(step: Step): Generator<Hit> {
  const { offer } = step.item;
  if (!TAKING.has(step.event.type) || !offer || isProxy(step)) {
    return;
  }
  const [channel, nonce] = (step.event.fields.get(F.PRESENCE) ?? [0, new Uint8Array(0)]) as [number, Bytes];
  if (NEAR.includes(channel) && toHex(nonce) !== offer.event.hex(F.NONCE)) {
    yield ["X07", "the nonce that was read is not the offer's"];
  } else if (!NEAR.includes(channel) && step.policy.presence) {
    yield ["X07", "nothing shows that giver and taker stood together"];
  }
}

/** G01: two steps so far apart that nobody can have carried the item from one to the other in between. */
export function* travel(step: Step): Generator<Hit> {
  const { event, entry, policy } = step;
  const before = step.item.placed;
  if (!before || !AT_HAND.has(event.type) || before.event.place === event.place) {
    return;
  }
  const here = positionOf(step, before.event.place);
  const there = positionOf(step, event.place);
  if (!here || !there) {
    return;
  }
  const far = distanceM(here, there);
  const beginMs = Math.min(before.event.claimedMs, before.loggedMs) - errorMs(before, step);
  const endMs = Math.max(event.claimedMs + errorMs(entry, step), entry.loggedMs);
  const lengthMs = Math.max(endMs - beginMs, 0);
  const most = (BigInt(lengthMs) * BigInt(policy.speed_kmh)) / KMH + 2n * BigInt(policy.geo_radius_m);
  if (BigInt(far) > most) {
    yield ["G01", `${far} m from entry ${before.index}, in ${lengthMs} ms at most`];
  }
}

/** G02: at an office that is on no route from the item's origin to its destination. */
export function* route(step: Step): Generator<Hit> {
  const { type, place } = step.event;
  const way = AT_HAND.has(type) && !FIRST.has(type) ? wayOf(step) : null;
  const strange = way && [...passed(step), place].find((one) => one && !way.nodes.has(one));
  if (strange) {
    yield ["G02", `office ${strange} is on no route of the item`];
  }
}

/** G04: delivered, and no route was followed of which every control node was visited. */
export function* controls(step: Step): Generator<Hit> {
  const way = step.event.type === E.DELIVER ? wayOf(step) : null;
  if (!way) {
    return;
  }
  const visited = new Set([...step.item.visits.slice(step.item.turned), step.event.place]);
  const skipped = way.controls.map((nodes) => [...nodes].filter((node) => !visited.has(node)));
  if (skipped.every((nodes) => nodes.length)) {
    yield ["G04", `office ${(skipped[0] ?? []).sort((a, b) => a - b).join(", ")} was not passed`];
  }
}

/** G05: the device was not where its signer says; an item may be given and taken at its bodies' doors as well. */
export function* position(step: Step): Generator<Hit> {
  const { event, registration } = step;
  const geo = event.nums(F.GEO) as [number, number, number] | [];
  const place = positionOf(step, event.place);
  if (!geo.length || !place) {
    return;
  }
  const known = [place];
  if (AT_DOORS.has(event.type) && registration) {
    const bodies = [registration.num(F.SENDER), registration.num(F.RECIPIENT)].filter((code) => code !== undefined);
    for (const code of bodies) {
      const door = positionOf(step, code);
      if (!door) {
        return;
      }
      known.push(door);
    }
  }
  const [latitude, longitude, accuracy] = geo;
  const far = Math.min(...known.map((one) => distanceM([latitude, longitude], one)));
  if (far > step.policy.geo_radius_m + accuracy) {
    yield ["G05", `${far} m from office ${event.place}, by ${accuracy} m`];
  }
}

/** S08: it comes to one office again and again. */
export function* repeatedNode(step: Step): Generator<Hit> {
  const { place, type } = step.event;
  const visits = [...step.item.visits, ...passed(step)];
  if (!AT_HAND.has(type) || !place || visits.at(-1) === place) {
    return;
  }
  const times = visits.filter((one) => one === place).length + 1;
  if (times > step.policy.visits) {
    yield ["S08", `at office ${place} for the ${times}th time`];
  }
}

function positionOf(step: Step, code: number): Position | null {
  return step.directory.org(code, step.entry.index)?.position ?? null;
}

/** By how much the clock of an entry may be wrong: what it declares, as far as a device may, and eps. */
function errorMs(entry: Entry, step: Step): number {
  return Math.min(entry.event.nums(F.CLOCK)[1] ?? 0, step.policy.clock_error_ms) + step.policy.eps_ms;
}

/** The places that the container passed from which the item comes out with this step. */
function passed(step: Step): readonly number[] {
  return step.closing && step.event.type === E.UNLOAD ? step.closing.visits : [];
}

/** The way that the item may go: from its counter to the office that serves the addressee, or back. */
function wayOf(step: Step): Way | null {
  const { registration, entry, item } = step;
  if (!registration || step.isContainer) {
    return null;
  }
  const isBack = item.returning;
  const body = step.directory.org(registration.num(isBack ? F.SENDER : F.RECIPIENT) as number, entry.index);
  const start = isBack && item.visits.length ? item.visits[item.turned] : registration.place;
  if (!body || body.servedBy === null || !start) {
    return null;
  }
  return step.directory.way(start, body.servedBy, entry.index, isBack);
}
