/** The acts of custody: questions, one signed event, and what became of it. */

import { fromHex } from "../bytes";
import type { Value } from "../cbor";
import type { Draft } from "../device";
import { EventType, Field, type Fields, Method, Reason, reasonText } from "../event";
import { t } from "../i18n";
import { type ActionName, getItem, type Item } from "../items";
import { type Label, labelDigest } from "../label";
import type { Outcome } from "../outbox";
import { get, setSetting } from "../store";
import { type Found, labelOf } from "./reading";
import { draftOf, signAndKeep, type Signed, type Signing, type Target } from "./signing";
import { attempt } from "../deliver/attempt";
import { deliverHere } from "../deliver/flow";
import { askReceiver, type Receiver } from "../deliver/named";
import { askWitness } from "../witness";
import { askReason, askSeal, askTaker, confirm, type SealSeen, showComparison } from "./steps";
import { actionWord } from "./words";

export const OFFER_S = 8 * 3_600; // a shift
export const RECENT = 6;

export interface Desk extends Signing {
  readonly root: HTMLElement;
}

/** What was signed and what became of it. */
export interface Done {
  readonly id: string; // of the event
  readonly number: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly known: boolean; // the person may open the item's page
  readonly next?: string; // who must act now
}

/** An act that cannot begin, in plain words. */
export class CannotError extends Error {}

/** Walk through *name* for what was found. Null where the person went back before signing. */
export function act(desk: Desk, found: Found, name: ActionName): Promise<Done | null> {
  const item = found.item;
  if (!item) {
    throw new CannotError(t("The service does not answer. Keep the item and scan again when the connection is back."));
  }
  switch (name) {
    case "receive":
      return take(desk, found, item, EventType.ACCEPT, name);
    case "deliver":
      return take(desk, found, item, EventType.DELIVER, name);
    case "claim":
      return claim(desk, found, item);
    case "hand_over":
      return handOver(desk, found, item);
    case "refuse":
      return refuse(desk, found, item);
    case "cancel":
      return cancel(desk, found, item);
    case "return":
      return sendBack(desk, found, item);
    case "deliver_here":
      return deliverHere(desk, found, item);
    case "attempt":
      return attempt(desk, found, item);
    case "open":
      location.assign(`/bag#${item.number}`); // where what comes out is scanned
      return Promise.resolve(null);
    default:
      return report(desk, found, item);
  }
}

async function take(desk: Desk, found: Found, item: Item, type: EventType, name: ActionName): Promise<Done | null> {
  const sign = name === "claim" ? t("Sign that I have it") : t("Sign and receive");
  const label = labelOf(found);
  if (!label) {
    throw new CannotError(t("The seal cannot be compared without the label. Scan the square code."));
  }
  const receiver: Receiver | null = type === EventType.DELIVER ? await askReceiver(desk.root, item, true) : { kind: "free" };
  if (receiver?.kind === "absent") {
    return signRefusal(desk, found, item, { code: Reason.ABSENT, text: "" }, null);
  }
  const compared = receiver && (await compareSeal(desk, label, item, sign));
  if (!receiver || !compared) {
    return null;
  }
  if (!compared.isTaken) {
    return item.offer ? refuse(desk, found, item, compared.seen) : report(desk, found, item, compared.seen);
  }
  const second = type === EventType.ACCEPT && needsPair(desk, item) ? await askWitness(desk.root, t("The second courier signs with you")) : undefined;
  if (second === null) {
    return null;
  }
  const extra = await evidence(found, compared.seen);
  if (item.offer) {
    extra.set(Field.CITES, fromHex(item.offer.id));
  }
  return signAndSend(desk, item, type, actionWord(name), receiver.kind === "instead" ? withReason(extra, receiver) : extra, second);
}

/** The seal read unseen until it is agreed to, or not (`isTaken`). Null where they go back. */
export async function compareSeal(desk: Desk, label: Label, item: Item, sign: string): Promise<{ seen: SealSeen; isTaken: boolean } | null> {
  for (;;) {
    const seen = await askSeal(desk.root, label, fromHex(item.seal_commitment ?? ""));
    const choice = seen && (await showComparison(desk.root, seen, sign));
    if (!seen || choice === null) {
      return null;
    }
    if (choice !== "again") {
      return { seen, isTaken: choice === "sign" };
    }
  }
}

/** Whether the policy of this network wants a second courier for what this one takes over. */
function needsPair(desk: Desk, item: Item): boolean {
  return item.two_couriers === true && desk.session.me.person.roles.includes("courier");
}

async function claim(desk: Desk, found: Found, item: Item): Promise<Done | null> {
  const sure = await confirm(desk.root, actionWord("claim"),
    t("You sign that the envelope is in your hands although nobody offered it to you. It is kept as evidence and flagged as a break for your supervisor: two people must explain it."),
    t("Go on"), "claim");
  return sure ? take(desk, found, { ...item, offer: null }, EventType.ACCEPT, "claim") : null;
}

async function handOver(desk: Desk, found: Found, item: Item): Promise<Done | null> {
  const mine = { id: desk.session.me.person.id, office: desk.place };
  const recent = (await get<string[]>("settings", "recent-takers")) ?? [];
  const taker = await askTaker(desk.root, item, mine, recent);
  if (!taker) {
    return null;
  }
  const sure = await confirm(desk.root, t("Hand over to {name}?", { name: taker.name }),
    t("Give the envelope into their hands. Until they have signed, you answer for it."), t("Sign the handover"));
  if (!sure) {
    return null;
  }
  if (!desk.sign) {
    await setSetting("recent-takers", [taker.id, ...recent.filter((id) => id !== taker.id)].slice(0, RECENT));
  }
  const extra = await evidence(found, null);
  extra.set(Field.OFFEREE, fromHex(taker.id)).set(Field.EXPIRY, OFFER_S);
  const done = await signAndSend(desk, item, EventType.OFFER, actionWord("hand_over"), extra);
  return { ...done, next: t("{name} must sign now, on their own device. Until then you answer for it.", { name: taker.name }) };
}

async function refuse(desk: Desk, found: Found, item: Item, seen: SealSeen | null = null): Promise<Done | null> {
  const reason = await askReason(desk.root, t("Why do you refuse it?"), [
    [Reason.SEAL, t("Seal differs or is broken")],
    [Reason.COVER, t("Cover torn or wet")],
    [Reason.NOT_MINE, t("Not for us")],
    [Reason.ABSENT, t("The named person is absent")],
    [Reason.OTHER, t("Another reason")],
  ], t("Sign the refusal"));
  return reason && signRefusal(desk, found, item, reason, seen);
}

async function signRefusal(desk: Desk, found: Found, item: Item, reason: { code: number; text: string }, seen: SealSeen | null): Promise<Done | null> {
  if (!item.offer) {
    return null;
  }
  const extra = withReason(await evidence(found, seen), reason);
  extra.set(Field.CITES, fromHex(item.offer.id));
  return signAndSend(desk, item, EventType.REFUSE, actionWord("refuse"), extra);
}

async function cancel(desk: Desk, found: Found, item: Item): Promise<Done | null> {
  const sure = await confirm(desk.root, actionWord("cancel"),
    t("Only if the envelope is still in your hands."), t("Sign and take it back"));
  if (!sure || !item.offer) {
    return null;
  }
  const extra = await evidence(found, null);
  extra.set(Field.CITES, fromHex(item.offer.id));
  return signAndSend(desk, item, EventType.CANCEL, actionWord("cancel"), extra);
}

async function sendBack(desk: Desk, found: Found, item: Item): Promise<Done | null> {
  const reason = await askReason(desk.root, t("Why does it go back?"), [
    [Reason.NOT_MINE, t("Addressee not found")],
    [Reason.ABSENT, t("Nobody entitled to receive")],
    [Reason.OTHER, t("Another reason")],
  ], t("Sign"), "back");
  return reason && signAndSend(desk, item, EventType.RETURN, actionWord("return"), withReason(await evidence(found, null), reason));
}

export async function report(desk: Desk, found: Found, item: Item, seen: SealSeen | null = null): Promise<Done | null> {
  const reason = await askReason(desk.root, t("What did you see?"), [
    [Reason.SEAL, t("Seal differs or is broken")],
    [Reason.COVER, t("Cover torn or wet")],
    [Reason.NOT_MINE, t("Found in the wrong place")],
    [Reason.OTHER, t("Another reason")],
  ], t("Sign the report"));
  return reason && signAndSend(desk, item, EventType.SIGHT, actionWord("report"), withReason(await evidence(found, seen), reason));
}

/** A signed sighting that carries the label's bytes: of a false label, or of an item that is not one's own. */
export async function sight(desk: Desk, found: Found, reason: number, title: string): Promise<Done | null> {
  const label = found.label;
  if (!label) {
    return null;
  }
  const item = await getItem(label.number).catch(() => null);
  const extra: Fields = new Map<number, Value>([
    [Field.LABEL_RAW, label.raw], [Field.METHOD, found.method], [Field.REASON, reason],
  ]);
  const unseen = { number: label.number, uid: label.uid, seq: -1, head: new Uint8Array(32) };
  return signAndSend(desk, item ?? unseen, EventType.SIGHT, title, extra);
}

/** Fields that say how the item was read and what its seal was. */
export async function evidence(found: Found, seen: SealSeen | null): Promise<Fields> {
  const extra: Fields = new Map<number, Value>([[Field.METHOD, found.label ? found.method : Method.MANUAL]]);
  if (found.label) {
    extra.set(Field.LABEL, await labelDigest(found.label));
  }
  if (seen) {
    extra.set(Field.SEAL, [seen.commitment, seen.condition]);
  }
  return extra;
}

function withReason(extra: Fields, reason: { code: number; text: string }): Fields {
  const text = reasonText(reason.text);
  extra.set(Field.REASON, reason.code);
  return text ? extra.set(Field.REASON_TEXT, text) : extra;
}

/** Sign one event, as the person who is signed in, about *target*, keep it, send it, and say what became of it. */
export async function signAndSend(
  desk: Signing,
  target: Target,
  type: EventType,
  title: string,
  extra: Fields,
  second?: Draft["second"],
): Promise<Done> {
  const [signed] = await signAndKeep(desk, [draftOf(desk, target, { type, title, extra, ...(second ? { second } : {}) })]);
  const known = !desk.sign && (typeof target.head === "string" || type === EventType.REGISTER);
  return { ...(signed as Signed), number: target.number, title, known };
}
