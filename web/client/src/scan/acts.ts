/** What every act of custody is made of: the seal compared, the evidence of a read, a report, one signed event. */

import { fromHex } from "../bytes";
import type { Value } from "../cbor";
import type { Draft } from "../device";
import { EventType, Field, type Fields, Method, Reason, reasonText } from "../event";
import { t } from "../i18n";
import { getItem } from "../items";
import { type Label, labelDigest } from "../label";
import type { Outcome } from "../outbox";
import { get, setSetting } from "../store";
import type { Item } from "../told";
import type { Found } from "./reading";
import { draftOf, signAndKeep, type Signed, type Signing, type Target } from "./signing";
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

export async function report(desk: Desk, found: Found, item: Item, seen: SealSeen | null = null): Promise<Done | null> {
  const reason = await askReason(desk.root, t("What did you see?"), [
    [Reason.SEAL, t("Seal differs or is broken")],
    [Reason.COVER, t("Cover torn or wet")],
    [Reason.NOT_MINE, t("Found in the wrong place")],
    [Reason.OTHER, t("Another reason")],
  ], t("Sign the report"));
  return reason && signAndSend(desk, item, EventType.SIGHT, actionWord("report"), withReason(await evidence(found, seen), reason));
}

export async function signRefusal(desk: Desk, found: Found, item: Item, reason: { code: number; text: string }, seen: SealSeen | null): Promise<Done | null> {
  if (!item.offer) {
    return null;
  }
  const extra = withReason(await evidence(found, seen), reason);
  extra.set(Field.CITES, fromHex(item.offer.id));
  return signAndSend(desk, item, EventType.REFUSE, actionWord("refuse"), extra);
}

/** Offer it to whom they choose; it stays theirs until that one has signed. Null where they went back. */
export async function handOver(desk: Desk, found: Found, item: Item): Promise<Done | null> {
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

export function withReason(extra: Fields, reason: { code: number; text: string }): Fields {
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
