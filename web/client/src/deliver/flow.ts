/**
 * Delivery on the courier's device: offered to the agency and delivered in one go, on the recipient's own key (they
 * sign in here for this one act) or, weakest, on a drawing. Their own device stays the best way.
 */

import { fromHex, toHex, type Bytes } from "../bytes";
import type { Draft } from "../device";
import { el, fill } from "../dom";
import { EventType, Field, type Fields, Reason } from "../event";
import { t } from "../i18n";
import { DRAWINGS } from "../papers";
import { CannotError, compareSeal, type Desk, type Done, evidence, handOver, report } from "../scan/acts";
import { type Found, labelOf } from "../scan/reading";
import { draftOf, type Signed, signInTurn, type Target } from "../scan/signing";
import type { SealSeen } from "../scan/steps";
import { actions, button } from "../scan/view";
import { actionWord } from "../scan/words";
import { why } from "../teach/why";
import type { Item } from "../told";
import { askWitness, type Second } from "../witness";
import { attempt } from "./attempt";
import { contactsView } from "./contacts";
import { askGlass, type Signature } from "./glass";
import { askReceiver, isAnother, type Receiver, whoIs } from "./named";

const BADGE = 1;
const GLASS = 2;
const EXPIRY_S = 600; // offered and taken in one go

type Way = "device" | "badge" | "glass";
type Step = (earlier: readonly Bytes[]) => Draft;
type Proof = { readonly second: Second } | { readonly signature: Signature };

/** Deliver *item* at the door. Null where they went back before anything was signed. */
export async function deliverHere(desk: Desk, found: Found, item: Item): Promise<Done | null> {
  const to = item.is_returning ? item.sender : item.recipient;
  const label = labelOf(found);
  if (!to || !label) {
    throw new CannotError(t("The seal cannot be compared without the label. Scan the square code."));
  }
  const way = await askWay(desk.root, item, to.name);
  if (way === "device") {
    return handOver(desk, found, item);
  }
  const receiver = way && (await askReceiver(desk.root, item, null));
  if (!way || !receiver) {
    return null;
  }
  if (receiver.kind === "absent") {
    return attempt(desk, found, item, Reason.NAMED_ABSENT);
  }
  const compared = await compareSeal(desk, label, item, t("Go on to the signature"));
  if (!compared) {
    return null;
  }
  if (!compared.isTaken) {
    return report(desk, found, item, compared.seen);
  }
  const proof = way === "badge" ? await askBadge(desk.root, to.name) : await glassProof(desk.root);
  if (proof && "second" in proof && receiver.kind === "free" && isAnother(item, proof.second.person.id)) {
    throw new CannotError(t("{other} has signed in, and it is for {name} alone. Nothing was signed.", { other: proof.second.person.name, name: whoIs(item) }));
  }
  return proof && deliver(desk, { item, found, to: to.code, seen: compared.seen, receiver, proof });
}

async function askBadge(root: HTMLElement, name: string): Promise<Proof | null> {
  const second = await askWitness(root, t("{name}: sign here with your own name and password", { name }));
  return second && { second };
}

async function glassProof(root: HTMLElement): Promise<Proof | null> {
  const signature = await askGlass(root);
  return signature && { signature };
}

interface Delivery {
  readonly item: Item;
  readonly found: Found;
  readonly to: number; // code of the agency
  readonly seen: SealSeen;
  readonly receiver: Receiver;
  readonly proof: Proof;
}

async function deliver(desk: Desk, { item, found, to, seen, receiver, proof }: Delivery): Promise<Done> {
  fill(desk.root, el("p", { class: "idle", role: "status" }, t("One moment…")));
  const read = await evidence(found, null);
  const delivered = await evidence(found, seen);
  const glass = "signature" in proof ? proof.signature : null;
  const reasons = [receiver.kind === "instead" ? receiver.text : "", glass?.reason ?? ""].filter(Boolean).join("; ");
  delivered.set(Field.PROOF, glass ? GLASS : BADGE);
  if (receiver.kind === "instead") {
    delivered.set(Field.REASON, receiver.code);
  }
  if (reasons) {
    delivered.set(Field.REASON_TEXT, reasons);
  }
  if (glass && !desk.sign) {
    await DRAWINGS.keep({ number: item.number, text: glass.drawing, signer: desk.session.me.person.id });
  }
  if (glass) {
    delivered.set(Field.ATTACH, [glass.digest]);
  }
  const after = (earlier: readonly Bytes[]): Target => ({
    number: item.number, uid: item.uid, seq: item.seq + earlier.length, head: earlier.length ? toHex(earlier.at(-1) as Bytes) : item.head,
  });
  const step = (type: EventType, title: string, extra: (earlier: readonly Bytes[]) => Fields, second?: Draft["second"]): Step =>
    (earlier) => draftOf(desk, after(earlier), { type, title, extra: extra(earlier), ...(second ? { second } : {}) });
  const { offer } = item;
  const cancel = offer ? [step(EventType.CANCEL, actionWord("cancel"), () => new Map([...read, [Field.CITES, fromHex(offer.id)]]))] : [];
  const signed = await signInTurn(desk, [
    ...cancel,
    step(EventType.OFFER, t("Offered at the door"), () => new Map([...read, [Field.OFFEREE, to], [Field.EXPIRY, EXPIRY_S]])),
    step(EventType.DELIVER, t("Delivered"), (earlier) => new Map([...delivered, [Field.CITES, earlier.at(-1) as Bytes]]),
      "second" in proof ? proof.second : undefined),
  ]);
  if (glass && !desk.sign) {
    void desk.outbox.sendPapers(desk.session.me.person.id).catch(() => undefined); // what waits is sent with the next page
  }
  const done: Done = { ...(signed.at(-1) as Signed), number: item.number, title: t("Delivered"), known: true };
  return { ...done, next: glass ? t("Marked as the weakest proof. Ask them to get a sign-in of their own.") : t("Delivered on the recipient's own signature.") };
}

/** Three ways, the strongest first. */
function askWay(root: HTMLElement, item: Item, name: string): Promise<Way | null> {
  return new Promise((resolve) => {
    const choice = (way: Way, title: string, text: string, kind: string): HTMLElement =>
      el("button", { type: "button", class: `person way ${kind}`.trim(), "data-way": way, onclick: () => resolve(way) }, el("b", {}, title), el("small", {}, text));
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("How does the recipient sign?")),
      el("p", { class: "hint" }, t("For {name}. Take the strongest way that they have.", { name })),
      contactsView(item),
      el("div", { class: "people" },
        item.actions.includes("hand_over") ? choice("device", t("On their own device"), t("Strongest: they read the seal and sign by themselves."), "") : null,
        choice("badge", t("Here, with their own sign-in"), t("Strong: their name and password make a key for this one delivery. Needs a connection."), ""),
        choice("glass", t("With a finger on this screen"), t("Weakest: marked for good, and only with its reason."), "weak")),
      why("proof")),
    actions(button(t("Back"), "", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}
