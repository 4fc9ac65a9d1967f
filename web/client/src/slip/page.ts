/**
 * Recording a paper slip: what giver and taker wrote by hand, signed by the giver together with a supervisor who has
 * both parts before them. A delivery is complete with it; a colleague who took the envelope signs on their own device.
 */

import { getJson } from "../api";
import { behind } from "../behind";
import { type Bytes, fromHex, sha256, toHex, utf8 } from "../bytes";
import { el, fill } from "../dom";
import { EventType, Field, Method } from "../event";
import { explain } from "../explain";
import { guardKeys, settle } from "../guard";
import { t } from "../i18n";
import type { Outbox } from "../outbox";
import { RECORDS } from "../papers";
import { compareSeal, type Desk, type Done, evidence, OFFER_S } from "../scan/acts";
import { outcomeView } from "../scan/outcome";
import { type Found, labelKeys, labelOf, look } from "../scan/reading";
import { draftOf, type Signed, signInTurn } from "../scan/signing";
import { askTaker, confirm } from "../scan/steps";
import { actions, alarm, button } from "../scan/view";
import { actionWord } from "../scan/words";
import { placesOf, type Session } from "../session";
import { get } from "../store";
import { why } from "../teach/why";
import type { Item } from "../told";
import { askWitness } from "../witness";
import { readSlip, recordText } from "./number";

const PAPER = 3; // PROOF: a slip
const HERE: readonly string[] = ["HELD", "OFFERED"];

interface Written {
  readonly slip: string;
  readonly found: Found;
  readonly item: Item;
  readonly how: "delivered" | "handed";
  readonly taker: string;
  readonly at: string;
}

export class SlipPage {
  private readonly body = el("div", { class: "scan-body", "aria-live": "polite" });
  private readonly desk: Desk;
  private how: Written["how"] = "delivered";
  private readonly fields = {
    slip: field("slip-number", t("Number of the slip"), { maxlength: 16, placeholder: "P 0000 0000 0" }),
    item: field("slip-item", t("Number of the envelope"), { maxlength: 300, placeholder: "ZK 0000 0000 0 VN" }),
    taker: field("slip-taker", t("Who took it: name and body, as written"), { maxlength: 100 }),
    at: field("slip-at", t("When, as written"), { type: "datetime-local" }),
  };

  constructor(private readonly session: Session, outbox: Outbox, place: number) {
    this.desk = { session, outbox, place, root: this.body };
  }

  static async open(root: HTMLElement, session: Session, outbox: Outbox): Promise<void> {
    const places = placesOf(session.me.person);
    const kept = await get<number>("settings", "place");
    const place = places.find(({ code }) => code === kept) ?? places[0];
    const page = new SlipPage(session, outbox, place?.code ?? 0);
    root.classList.add("scan");
    fill(root, page.body);
    guardKeys(() => undefined);
    page.ask();
    behind(RECORDS.send(session.me.person.id).catch(() => []) // of slips whose events waited
      .then((refused) => page.body.append(...refused.map((problem) => alarm(explain(problem))))));
  }

  /** What stands on the slip. */
  private ask(failure?: unknown): void {
    const { slip, item, taker, at } = this.fields;
    const error = el("p", { class: "error", role: "alert" }, failure === undefined ? "" : explain(failure));
    const choices = [choice("delivered", t("Delivered to the body it is addressed to")), choice("handed", t("Handed to a colleague"))];
    const choose = (chosen: HTMLElement | undefined): void =>
      choices.forEach((other) => other.setAttribute("aria-pressed", String(other === chosen)));
    choices.forEach((one) => one.addEventListener("click", () => choose(one)));
    choose(choices.find(({ dataset }) => dataset["how"] === this.how) ?? choices[0]);
    const go = (): void => {
      this.how = choices[1]?.getAttribute("aria-pressed") === "true" ? "handed" : "delivered";
      void this.begin(this.how).catch((reason: unknown) => this.ask(reason));
    };
    fill(this.body, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Record a paper slip")),
      el("p", { class: "hint" }, t("Lay both parts side by side: same number, same names, both signed twice. Then enter what they say; a supervisor compares and signs with you.")),
      ...[slip, item].flatMap(({ label, input }) => [label, input]),
      el("p", { class: "label" }, t("What happened")), el("div", { class: "choices", role: "group", "aria-label": t("What happened") }, ...choices),
      ...[taker, at].flatMap(({ label, input }) => [label, input]), error, why("paper")),
    actions(settle(button(t("Go on"), "primary", go)), el("a", { class: "action quiet", href: "/" }, t("Back"))));
    const wrong = failure instanceof SlipError ? failure.input : null;
    (wrong ?? (slip.input.value ? this.body.querySelector<HTMLElement>("h2") : slip.input))?.focus();
  }

  private async begin(how: Written["how"]): Promise<void> {
    const { slip, item, taker, at } = this.fields;
    const number = readSlip(slip.input.value);
    if (!number) {
      throw new SlipError(t("That is no number of a slip: the letter P and nine digits that fit together."), slip.input);
    }
    const state = await getJson<{ free: boolean; struck: boolean }>(`/api/v1/slips/${number}`);
    if (!state.free) {
      throw new SlipError(state.struck ? t("This slip was struck off. Tell your supervisor.") : t("This slip was recorded before. Compare the number on both parts."), slip.input);
    }
    const found = await look(item.input.value, Method.MANUAL, await labelKeys());
    const isMine = found.item?.custodian?.id === this.session.me.person.id;
    if (!found.item || !isMine || !HERE.includes(found.item.state)) {
      throw new SlipError(t("This envelope is not in your name. Only who gave it away records the slip."), item.input);
    }
    if (taker.input.value.trim().length < 2) {
      throw new SlipError(t("Enter the name of who took it."), taker.input);
    }
    if (!at.input.value || new Date(at.input.value).getTime() > Date.now()) {
      throw new SlipError(t("Enter the date and hour on the slip; it cannot lie ahead."), at.input);
    }
    const written = { slip: number, found, item: found.item, how, taker: taker.input.value.trim(), at: at.input.value.slice(0, 16) };
    const done = await (how === "delivered" ? this.delivered(written) : this.handed(written));
    if (done) {
      await this.show(done);
    } else {
      this.ask();
    }
  }

  private async delivered(written: Written): Promise<Done | null> {
    const { item, found } = written;
    const to = item.is_returning ? item.sender : item.recipient;
    const label = labelOf(found);
    if (!to || !label) {
      throw new SlipError(t("The seal cannot be compared without the label. Scan the square code."), this.fields.item.input);
    }
    const ready = await confirm(this.body, t("Delivered to {name}", { name: to.name }),
      t("Next, type the number of the seal as the taker wrote it on the slip, and its state as they ticked it."), t("Go on"), "compare");
    const compared = ready && (await compareSeal(this.desk, label, item, t("Go on to the signatures")));
    const second = compared && (await this.supervisor());
    if (!compared || !second) {
      return null;
    }
    const digest = await this.keep(written);
    const proof = (await evidence(found, compared.seen)).set(Field.PROOF, PAPER).set(Field.ATTACH, [digest]);
    const offer = (await evidence(found, null)).set(Field.OFFEREE, to.code).set(Field.EXPIRY, OFFER_S);
    return this.sign(written, t("Delivered, recorded from paper"), await this.takenBack(item, found), [
      () => ({ type: EventType.OFFER, title: t("Offered at the door"), extra: offer }),
      (earlier) => ({ type: EventType.DELIVER, title: t("Delivered"), extra: new Map([...proof, [Field.CITES, earlier.at(-1) as Bytes]]), second }),
    ]);
  }

  private async handed(written: Written): Promise<Done | null> {
    const { item, found } = written;
    const me = { id: this.session.me.person.id, office: this.desk.place };
    const taker = await askTaker(this.body, item, me, []);
    const second = taker && (await this.supervisor());
    if (!taker || !second) {
      return null;
    }
    const extra = (await evidence(found, null)).set(Field.OFFEREE, fromHex(taker.id)).set(Field.EXPIRY, OFFER_S).set(Field.ATTACH, [await this.keep(written)]);
    const done = await this.sign(written, t("Handed over, recorded from paper"), await this.takenBack(item, found), [
      () => ({ type: EventType.OFFER, title: t("Offered"), extra, second }),
    ]);
    return { ...done, next: t("{name} must sign now, on their own device. Until then you answer for it.", { name: taker.name }) };
  }

  private supervisor(): ReturnType<typeof askWitness> {
    return askWitness(this.body, t("A supervisor compares both parts of the slip and signs with you"));
  }

  /** The record, kept until the service has it; its digest. */
  private async keep({ slip, item, how, taker, at }: Written): Promise<Bytes> {
    const { person } = this.session.me;
    const text = recordText({ slip, item: item.number, how, giver: person.name, taker, at });
    await RECORDS.keep({ number: item.number, text, signer: person.id });
    return sha256(utf8(text));
  }

  /** An offer that is still open is withdrawn first. */
  private async takenBack(item: Item, found: Found): Promise<Step[]> {
    const { offer } = item;
    if (!offer) {
      return [];
    }
    const extra = (await evidence(found, null)).set(Field.CITES, fromHex(offer.id));
    return [() => ({ type: EventType.CANCEL, title: actionWord("cancel"), extra })];
  }

  private async sign({ item }: Written, title: string, before: readonly Step[], steps: readonly Step[]): Promise<Done> {
    const signed = await signInTurn(this.desk, [...before, ...steps].map((step) => (earlier) => {
      const head = earlier.length ? toHex(earlier.at(-1) as Bytes) : item.head;
      return draftOf(this.desk, { number: item.number, uid: item.uid, seq: item.seq + earlier.length, head }, step(earlier));
    }));
    return { ...(signed.at(-1) as Signed), number: item.number, title, known: true };
  }

  private async show(done: Done): Promise<void> {
    const refused = await RECORDS.send(this.session.me.person.id).catch(() => []); // what waits is sent with the next page
    const { parts: [head, ...below] } = await outcomeView(done, this.session.me.remarks);
    for (const { input } of Object.values(this.fields)) {
      input.value = "";
    }
    fill(this.body, head, el("p", { class: "entry" }, el("b", {}, done.title)), done.next ? el("p", { class: "next" }, done.next) : null, ...refused.map((problem) => alarm(explain(problem))),
      el("p", { class: "hint" }, t("Keep both parts of the slip together, in the order of their numbers.")), ...below,
      actions(button(t("Next slip"), "primary", () => this.ask()), el("a", { class: "action", href: `/items/${done.number}` }, t("Open the whole chain"))));
  }
}

type Step = (earlier: readonly Bytes[]) => Parameters<typeof draftOf>[2];

/** What was entered cannot be recorded; the field takes the focus. */
class SlipError extends Error {
  constructor(text: string, readonly input: HTMLInputElement) {
    super(text);
  }
}

function field(id: string, word: string, more: Record<string, string | number>): { label: HTMLElement; input: HTMLInputElement } {
  return {
    label: el("label", { for: id }, word),
    input: el("input", { id, autocomplete: "off", spellcheck: "false", ...more }),
  };
}

function choice(how: Written["how"], word: string): HTMLElement {
  return el("button", { type: "button", class: "pick", "data-how": how }, word);
}
