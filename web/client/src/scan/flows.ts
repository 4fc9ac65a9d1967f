/** The acts of custody: questions, one signed event, and what became of it. */

import { fromHex } from "../bytes";
import { attempt } from "../deliver/attempt";
import { deliverHere } from "../deliver/flow";
import { askReceiver, type Receiver } from "../deliver/named";
import { EventType, Field, Reason } from "../event";
import { t } from "../i18n";
import type { ActionName, Item } from "../told";
import { askWitness } from "../witness";
import { CannotError, compareSeal, type Desk, type Done, evidence, handOver, report, signAndSend, signRefusal, withReason } from "./acts";
import { type Found, labelOf } from "./reading";
import { askReason, confirm, type SealSeen } from "./steps";
import { actionWord } from "./words";

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
  const receiver: Receiver | null = type === EventType.DELIVER ? await askReceiver(desk.root, item, desk.session.me.person.id) : { kind: "free" };
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

