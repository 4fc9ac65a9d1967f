/**
 * What a device checks of the other one's events before it signs, or lets go of an envelope: forms, keys as the log had
 * certified them when this device last saw it, signatures, the persons named, the moment, and the place in the chain.
 * A fault is named as the log would name it (docs/spec/findings.md). Nothing here asks the network.
 */

import { admit } from "../../../verifier/src/admission";
import { type Certificate, readCertificate } from "../../../verifier/src/certificate";
import { verifySign1 } from "../../../verifier/src/cose";
import { CustodyError } from "../../../verifier/src/errors";
import { type Event, parseEvent } from "../../../verifier/src/event";
import { E, F } from "../../../verifier/src/fields";
import type { KeyRing } from "../../../verifier/src/keys";
import { type Label, parseLabel, verifyLabel } from "../../../verifier/src/label";
import { DEFAULTS } from "../../../verifier/src/policy";
import { CUSTODY_ROLES, mayHandle, Role } from "../../../verifier/src/roles";
import { type Bytes, fromHex, toHex } from "../bytes";
import { type Cover, digestOf, Flag, Kind, type Message } from "./message";

const LATER = Number.MAX_SAFE_INTEGER; // what is checked now comes after every entry that is known here
const EPS_MS = DEFAULTS.eps_ms;
const SCREEN = 2; // PRESENCE: read from the giver's screen
const DAY_MS = 86_400_000;
const EPOCH_MS = Date.UTC(2024, 0, 1) - 7 * 3_600_000; // of the days on labels

/** What is wrong, by the code of the finding that it would amount to. */
export interface Fault {
  readonly code: string;
  readonly detail: string;
}

/** The other device's events are not acted on; the whole exchange ends. */
export class RefusedError extends Error implements Fault {
  constructor(readonly code: string, readonly detail: string) {
    super(`${code}: ${detail}`);
  }
}

/** An item as this device knew it before the exchange. */
export interface KnownItem {
  readonly seq: number;
  readonly head: string;
  readonly offerId: string | null;
}

/** What this device knows. */
export interface Ground {
  readonly net: string;
  readonly ring: KeyRing;
  readonly person: string;
  readonly kid: string;
  readonly nowMs: number;
  readonly doubtMs?: number; // by how much this device's clock may be wrong
  readonly known: ReadonlyMap<string, KnownItem>; // by uid
}

export interface OfferedItem {
  readonly uid: string;
  readonly offer: Event;
  readonly seq: number; // of the OFFER in the item's chain
  readonly prev: string;
  readonly label: Label;
  readonly cover: Cover;
  readonly fault: Fault | null; // then it may only be refused
}

export interface Offered {
  readonly giver: Certificate;
  readonly events: readonly Event[];
  readonly items: readonly OfferedItem[];
  readonly aheadMs: number; // by how much the giver's clock is before this one's, at least; 0 within what clocks may differ
}

/** The offers of *message*, checked; throws RefusedError. */
export async function checkOffer(message: Message, ground: Ground): Promise<Offered> {
  if (message.kind !== Kind.OFFER) {
    throw new RefusedError("S01", "no offer, but an answer to one");
  }
  const events = await checkedEvents(message, ground, [E.OFFER]);
  const giver = await certificateOf(message, events, ground);
  for (const event of events) {
    checkParties(event, giver, ground);
    checkExpiry(event, ground);
  }
  await checkCovers(message, events);
  const items = await itemsOf(message, events, giver, ground);
  const aheadMs = Math.max(...events.map((event) => (event.claimedMs - ground.nowMs > slackMs(event, ground) ? event.claimedMs - ground.nowMs : 0)));
  return { giver, events, items, aheadMs };
}

export interface Answered {
  readonly taker: Certificate;
  readonly events: readonly Event[];
  readonly taken: readonly string[]; // uids
  readonly refused: ReadonlyMap<string, number>; // uid -> reason
  readonly open: readonly string[]; // uids that the answer does not name
}

/** The answer of *message* to *offers*, which this device made; throws RefusedError. */
export async function checkAnswer(message: Message, offers: readonly Event[], ground: Ground): Promise<Answered> {
  if (message.kind !== Kind.ANSWER) {
    throw new RefusedError("S01", "no answer, but an offer");
  }
  const events = await checkedEvents(message, ground, [E.ACCEPT, E.DELIVER, E.REFUSE]);
  const taker = await certificateOf(message, events, ground);
  const [taken, refused] = [new Set<string>(), new Map<string, number>()];
  for (const event of events) {
    const offer = offers.find((one) => one.id === event.hex(F.CITES));
    if (!offer) {
      throw new RefusedError("P04", "it answers an offer that this device does not have open");
    }
    checkReply(event, offer, taker, ground);
    for (const { uid } of event.items) {
      if (taken.has(uid) || refused.has(uid)) {
        throw new RefusedError("C04", "one item is answered twice");
      }
      event.type === E.REFUSE ? refused.set(uid, event.num(F.REASON) ?? 0) : taken.add(uid);
    }
  }
  const open = offers.flatMap((offer) => offer.items.map(({ uid }) => uid)).filter((uid) => !taken.has(uid) && !refused.has(uid));
  return { taker, events, taken: [...taken], refused, open };
}

/** Well-formed events of one key, of these types and this network, each once; signatures unchecked. */
async function checkedEvents(message: Message, ground: Ground, types: readonly number[]): Promise<Event[]> {
  const events = message.events.map((raw) => asRefusal("E01", () => parseEvent(raw)));
  const [first] = events as [Event, ...Event[]];
  for (const event of events) {
    if (event.hex(F.NET) !== ground.net) {
      throw new RefusedError("E07", `event is for network ${event.hex(F.NET)}`);
    }
    if (!types.includes(event.type)) {
      throw new RefusedError("S01", `${event.name} has no place here`);
    }
    if (event.kid !== first.kid) {
      throw new RefusedError("K01", "events of two keys in one message");
    }
  }
  if (new Set(events.map((event) => event.id)).size < events.length) {
    throw new RefusedError("E08", "an event is there twice");
  }
  return events;
}

/** The certificate that all *events* stand under, and their signatures checked: as the log had it, or as shown. */
async function certificateOf(message: Message, events: readonly Event[], ground: Ground): Promise<Certificate> {
  const kid = (events[0] as Event).kid;
  const known = ground.ring.get(kid);
  if (known) {
    checkEnded(known);
  }
  const shown = message.certificate && (await shownCertificate(message.certificate, kid, ground));
  const certificate = !known || (shown && known.notAfterMs < ground.nowMs) ? shown : known;
  if (!certificate) {
    throw new RefusedError("K01", `no certificate for key ${kid}`);
  }
  if (certificate === shown) {
    await checkVouching(message.certificate as Bytes, ground);
  }
  for (const event of events) {
    await asRefusalLater("E04", () => verifySign1(event.message, certificate.key));
  }
  checkStanding(certificate, ground);
  return certificate;
}

/** The certificate in the message itself: for a key, or a time, that this device has not seen in the log yet. */
async function shownCertificate(raw: Bytes, kid: string, ground: Ground): Promise<Certificate> {
  const event = await asRefusalLater("K08", () => admit(raw, ground.ring, ground.net));
  if (event.type !== E.KEY_CERT) {
    throw new RefusedError("K01", `${event.name} is no certificate`);
  }
  const certificate = readCertificate({ index: LATER, event, loggedMs: ground.nowMs }, "");
  if (certificate.kid !== kid || event.kid === kid || certificate.isRoot) {
    throw new RefusedError("K01", `the certificate shown is not key ${kid}'s`);
  }
  const issuer = ground.ring.get(event.kid);
  if (!issuer || issuer.compromisedMs !== null || issuer.tainted) {
    throw new RefusedError("K05", `key ${event.kid} was compromised`);
  }
  return certificate;
}

/** K08: who issued the certificate shown may do so now; when it was written is their word alone. */
async function checkVouching(raw: Bytes, { ring, nowMs }: Ground): Promise<void> {
  const event = parseEvent(raw);
  const { notBeforeMs = 0, notAfterMs = 0 } = ring.get(event.kid) ?? {};
  const atMs = Math.min(Math.max(nowMs, notBeforeMs), notAfterMs); // clocks may differ a little
  if (Math.abs(atMs - nowMs) > EPS_MS) {
    throw new RefusedError("K08", `key ${event.kid} is not valid now: it certifies nobody`);
  }
  await asRefusalLater("K08", () => ring.check(event, atMs));
}

/** K04, K05: as far as this device knows it was not revoked, for whatever reason: it signs here and now. */
function checkEnded(certificate: Certificate): void {
  if (certificate.revokedIndex !== null) {
    throw new RefusedError("K04", `key was revoked by entry ${certificate.revokedIndex}`);
  }
  if (certificate.compromisedMs !== null || certificate.tainted) {
    throw new RefusedError("K05", `key ${certificate.kid} is not believed any more`);
  }
}

/** K02, K03, K06: the key is in force now, and one that signs. */
function checkStanding(certificate: Certificate, { nowMs }: Ground): void {
  if (nowMs + EPS_MS < certificate.notBeforeMs) {
    throw new RefusedError("K02", "key is not valid yet");
  }
  if (nowMs - EPS_MS > certificate.notAfterMs) {
    throw new RefusedError("K03", "certificate has ended");
  }
  if (certificate.countersignsOnly) {
    throw new RefusedError("K06", "key is certified for countersigning only");
  }
}

/** P01, P03, P05, P06, K06, K07: who gives, to whom, where, on which device. */
function checkParties(offer: Event, giver: Certificate, ground: Ground): void {
  checkActor(offer, giver);
  if (giver.person === ground.person) {
    throw new RefusedError("P05", "offered by oneself");
  }
  if (offer.hex(F.OFFEREE) !== ground.person) {
    throw new RefusedError("P03", "offered to somebody else");
  }
  if (!meets(giver.roles, CUSTODY_ROLES)) {
    throw new RefusedError("K06", "the giver has no role that may hand over");
  }
  checkDevices(giver, ground);
}

/** E04: what is said of the covers is what the giver signed. */
async function checkCovers(message: Message, events: readonly Event[]): Promise<void> {
  const said = toHex(await digestOf(message.covers));
  if (events.some((event) => !event.hexes(F.ATTACH).includes(said))) {
    throw new RefusedError("E04", "what is said of the items is not what the giver signed");
  }
}

/** S04: it is not over by this device's clock, and by more than clocks may differ. */
function checkExpiry(offer: Event, ground: Ground): void {
  const lateMs = ground.nowMs - offer.claimedMs - (offer.num(F.EXPIRY) ?? 0) * 1_000;
  if (lateMs > slackMs(offer, ground)) {
    throw new RefusedError("S04", `expired ${Math.round(lateMs / 60_000)} minutes ago`);
  }
}

/** By how much the two clocks may differ with nothing wrong: what the log lets pass, and what each device doubts of its own. */
function slackMs(event: Event, { doubtMs = 0 }: Ground): number {
  const [, theirsMs = 0] = event.nums(F.CLOCK);
  return EPS_MS + Math.min(doubtMs, DAY_MS) + Math.min(theirsMs, DAY_MS);
}

/** P01-P06, C03, X07, K06: the answer of the person named, to this offer, from its place in the chain. */
function checkReply(event: Event, offer: Event, taker: Certificate, ground: Ground): void {
  checkActor(event, taker);
  if (offer.offeree !== taker.person) {
    throw new RefusedError("P03", "it was offered to somebody else");
  }
  checkDevices(taker, ground);
  const takes = event.type !== E.REFUSE;
  const needed = event.type === E.ACCEPT ? CUSTODY_ROLES : new Set([Role.RECIPIENT, ...(takes ? [] : CUSTODY_ROLES)]);
  if (!meets(taker.roles, needed)) {
    throw new RefusedError("K06", `${event.name} needs another role`);
  }
  for (const { uid, seq, prev } of event.items) {
    const offered = offer.item(uid);
    if (!offered || prev !== offer.id || seq !== offered.seq + 1) {
      throw new RefusedError(offered ? "C03" : "C05", "it does not follow the offer");
    }
  }
  const presence = event.fields.get(F.PRESENCE) as [number, Bytes] | undefined;
  if (takes && (presence?.[0] !== SCREEN || toHex(presence[1]) !== offer.hex(F.NONCE))) {
    throw new RefusedError("X07", "it does not say that the offer was read from this screen");
  }
}

function checkActor(event: Event, certificate: Certificate): void {
  if (event.actor !== certificate.person) {
    throw new RefusedError("P01", `event says ${event.actor}, key belongs to ${certificate.person}`);
  }
  if (certificate.offices.length && !certificate.offices.includes(event.place)) {
    throw new RefusedError("K07", `signed at ${event.place}, where the key does not count`);
  }
}

function checkDevices(other: Certificate, ground: Ground): void {
  const mine = ground.ring.get(ground.kid)?.device ?? "";
  if (other.kid === ground.kid || (other.device !== "" && other.device === mine)) {
    throw new RefusedError("P06", `both signatures would come from device ${other.device}`);
  }
}

// -- items -------------------------------------------------------------------------------------

async function itemsOf(message: Message, events: readonly Event[], giver: Certificate, ground: Ground): Promise<OfferedItem[]> {
  const covers = new Map(message.covers.map((cover) => {
    const label = asRefusal("L01", () => parseLabel(cover.label));
    return [label.uid, { label, cover }];
  }));
  const refs = events.flatMap((offer) => offer.items.map((ref) => ({ ...ref, offer })));
  const uids = new Set(refs.map(({ uid }) => uid));
  if (uids.size < refs.length) {
    throw new RefusedError("C04", "one item is offered twice");
  }
  if (covers.size !== message.covers.length || covers.size !== uids.size || refs.some(({ uid }) => !covers.has(uid))) {
    throw new RefusedError("L02", "labels and items do not fit together");
  }
  return Promise.all(refs.map(async ({ uid, seq, prev, offer }) => {
    const { label, cover } = covers.get(uid) as { label: Label; cover: Cover };
    const fault = (await labelFault(label, ground)) ?? markFault(cover, giver, ground) ?? goalFault(cover, ground) ?? chainFault({ uid, seq, prev }, offer, ground);
    return { uid, offer, seq, prev, label, cover, fault };
  }));
}

/** L02-L04: the label, by the issuing keys that this device knows. */
async function labelFault(label: Label, { ring }: Ground): Promise<Fault | null> {
  const key = ring.labelKey(label.kid4, LATER);
  if (!key) {
    return { code: "L03", detail: `label key ${label.kid4} is unknown` };
  }
  try {
    await verifyLabel(label, key.key);
  } catch (error) {
    return { code: "L02", detail: error instanceof Error ? error.message : String(error) };
  }
  const dayMs = EPOCH_MS + label.day * DAY_MS;
  const isInTime = dayMs + DAY_MS > key.notBeforeMs && dayMs <= key.notAfterMs && key.compromisedMs === null;
  return isInTime ? null : { code: "L04", detail: `label key ${label.kid4} was not valid` };
}

/** K06: neither may handle what their certificate does not cover. */
function markFault(cover: Cover, giver: Certificate, { ring, kid }: Ground): Fault | null {
  const mine = ring.get(kid);
  if (!mayHandle(giver.secrecyMax, cover.secrecy)) {
    return { code: "K06", detail: "the giver may not handle an item of this mark" };
  }
  return !mine || mayHandle(mine.secrecyMax, cover.secrecy) ? null : { code: "K06", detail: "you may not handle an item of this mark" };
}

/** K06, G03: a bag is no delivery, and a recipient takes what is for their own body. */
function goalFault(cover: Cover, { ring, kid }: Ground): Fault | null {
  const mine = ring.get(kid);
  if (!mine || meets(mine.roles, CUSTODY_ROLES)) {
    return null;
  }
  if (cover.flags & Flag.CONTAINER) {
    return { code: "K06", detail: "a bag is not delivered" };
  }
  const goal = cover.flags & Flag.RETURNING ? cover.sender : cover.recipient;
  return goal === 0 || goal === mine.agency ? null : { code: "G03", detail: `it goes to ${goal}, you take for ${mine.agency}` };
}

/** C04: the offer does not follow what this device knows of the item. Of what it does not know nothing is said. */
function chainFault(ref: { uid: string; seq: number; prev: string }, offer: Event, { known }: Ground): Fault | null {
  const item = known.get(ref.uid);
  if (!item || item.offerId === offer.id || ref.seq > item.seq + 1) {
    return null;
  }
  return ref.seq === item.seq + 1 && ref.prev === item.head ? null
    : { code: "C04", detail: `this device knows step ${item.seq} of the item, the offer follows step ${ref.seq - 1}` };
}

// -- -------------------------------------------------------------------------------------------

function meets(left: ReadonlySet<number>, right: ReadonlySet<number>): boolean {
  return [...left].some((one) => right.has(one));
}

function asRefusal<T>(code: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusalOf(error, code);
  }
}

async function asRefusalLater<T>(code: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error, code);
  }
}

function refusalOf(error: unknown, code: string): unknown {
  return error instanceof CustodyError ? new RefusedError(error.finding || code, error.message) : error;
}

/** Bytes of what events are bound to: the PRESENCE of an answer to *offer*. */
export function presenceOf(offer: Event): readonly [number, Bytes] {
  return [SCREEN, fromHex(offer.hex(F.NONCE) ?? "")];
}
