/** The taker's side: an offer that was read and holds; each envelope scanned and its seal read; one answer on the screen. */

import { F } from "../../../verifier/src/fields";
import { type Bytes, equal, fromHex, toHex } from "../bytes";
import type { Value } from "../cbor";
import { dayItem, dayItems, dayOf, eventsHere, keepForeign, ownerOf, putItem } from "../day";
import { certificateEntry } from "../dayring";
import { contactsView } from "../deliver/contacts";
import { askReceiver, type Receiver } from "../deliver/named";
import type { Draft } from "../device";
import { el, fill } from "../dom";
import { Condition, EventType, Field, type Fields, Method, Reason, reasonText } from "../event";
import { explain } from "../explain";
import { t } from "../i18n";
import { digitsOf, type Label, labelDigest, parseLabel } from "../label";
import { groupNumber } from "../s10";
import type { Desk } from "../scan/acts";
import { draftOf, signInTurn } from "../scan/signing";
import { askReason, askSeal, confirm, type SealSeen, showComparison } from "../scan/steps";
import { actions, alarm, button } from "../scan/view";
import { play } from "../sound";
import { why } from "../teach/why";
import type { DayItem } from "../told";
import { takeContacts } from "./contacts";
import { toFrames } from "./frames";
import { groundOf, type Kept, keepPass, keptPasses } from "./ground";
import { Flag, Kind, type Message, pack } from "./message";
import { faultWords, heading, phraseView, refusalView, rowView } from "./pieces";
import { FrameShow } from "./qr";
import { keptEvent, type PassStage, rawOf, type Read, showResult } from "./stage";
import { checkOffer, type Offered, type OfferedItem, presenceOf, RefusedError } from "./verify";

/** What the taker decided of one envelope. */
type Decision =
  | { readonly kind: "take"; readonly seen: SealSeen; readonly read: Read | null; readonly receiver: Receiver }
  | { readonly kind: "refuse"; readonly seen: SealSeen | null; readonly code: number; readonly text: string };

export class Taker {
  private readonly decided = new Map<string, Decision>();
  private offered: Offered | null = null;
  private message: Message | null = null;
  private giver = "";
  private showing: FrameShow | null = null;
  private drawing = 0;

  constructor(private readonly desk: Desk, private readonly stage: PassStage, private readonly readContacts: () => void) {}

  /** Do *work*; what goes wrong is said above the list, and no decision is lost. */
  private run(work: () => Promise<void>): void {
    void work().catch(async (error: unknown) => {
      this.stop();
      await this.list(explain(error));
    });
  }

  stop(): void {
    this.showing?.stop();
    this.showing = null;
  }

  /** An offer that was read: checked against what this device knows, then listed; or refused. */
  async open(message: Message): Promise<void> {
    const ground = await groundOf(this.desk.session);
    try {
      if (!ground) {
        throw new RefusedError("K01", "no keys are known here");
      }
      this.offered = await checkOffer(message, ground);
      this.message = message;
    } catch (error) {
      if (!(error instanceof RefusedError)) {
        throw error;
      }
      play("bad");
      this.stage.show("result");
      fill(this.desk.root, refusalView(error), actions(button(t("Back"), "primary", () => this.stage.leave())));
      return;
    }
    const day = await dayOf(this.desk.session.me);
    this.giver = day?.people.find(({ id }) => id === this.offered?.giver.person)?.name ?? t("a person not known to this device");
    const before = await this.answeredBefore();
    if (before) {
      await this.show(before);
    } else {
      await this.list();
    }
  }

  /** An envelope that was scanned: its seal is asked for at once, while it is in the hand. */
  async read(read: Read): Promise<void> {
    const item = this.offered?.items.find(({ label }) => label.number === read.number);
    if (!item || item.fault || this.showing) {
      play("unlisted");
      await this.list(item ? undefined : t("This envelope is not among those offered. Lay it aside."));
    } else if (read.label && !equal(read.label, item.cover.label)) {
      play("bad");
      await this.list(t("The label on {number} is not the one that was offered. Refuse it, and tell your supervisor.", { number: groupNumber(read.number) }));
    } else {
      play("good");
      await this.take(item, read);
    }
  }

  // -- the list ----------------------------------------------------------------------------------

  private async list(said = ""): Promise<void> {
    const { items, aheadMs, events } = this.offered as Offered;
    this.stage.show("pass");
    const mine = ++this.drawing;
    const phrase = await phraseView(events.map(({ id }) => id));
    if (mine !== this.drawing) {
      return; // an envelope was scanned meanwhile
    }
    const many = this.decided.size;
    fill(this.desk.root, el("section", { class: "step pass-take" },
      heading(t("{name} offers you {n}", { name: this.giver, n: items.length })),
      said ? el("p", { class: "error", role: "alert" }, said) : null,
      aheadMs ? alarm(t("The other phone's clock is {n} minutes ahead of yours. You may sign; the log will note it.", { n: Math.round(aheadMs / 60_000) })) : null,
      el("p", { class: "pass-progress", role: "status", "data-read": many, "data-of": items.length }, t("{n} of {m} decided", { n: many, m: items.length })),
      el("p", { class: "next" }, t("Scan each envelope, then read its seal. Refuse what you do not take.")),
      el("ul", { class: "pass-list" }, ...items.map((item) => this.row(item))), phrase, why("compare")),
    actions(many ? button(t("Sign for {n}", { n: many }), "primary", () => this.run(() => this.sign()), { "data-action": "pass-sign" }) : null,
      button(t("Leave without signing"), "quiet", () => this.stage.leave())));
  }

  private row(item: OfferedItem): HTMLElement {
    const decision = this.decided.get(item.uid);
    const { number } = item.label;
    if (decision) {
      const taken = decision.kind === "take";
      return rowView({ number, state: taken ? "good" : "bad", word: taken ? t("taken") : t("refused") },
        button(t("Change"), "quiet", () => {
          this.decided.delete(item.uid);
          this.run(() => this.list());
        }));
    }
    const refuse = button(t("Refuse"), "", () => this.run(() => this.refuse(item, null)), { "data-action": "pass-refuse" });
    if (item.fault) {
      const { text } = faultWords(item.fault);
      return rowView({ number, state: "bad", word: t("cannot be taken") },
        el("p", { class: "finding", "data-severity": "H" }, text, " ", el("small", {}, item.fault.code)), refuse);
    }
    return rowView({ number, state: "open", word: t("scan it") }, el("details", { class: "more" }, el("summary", {}, t("Not possible?")),
      el("div", { class: "two" }, refuse, button(t("The label cannot be read"), "", () => this.run(() => this.take(item, null)), { "data-action": "pass-unread" }))));
  }

  private async take(item: OfferedItem, read: Read | null): Promise<void> {
    this.drawing += 1;
    this.stage.show("step");
    const label = labelOf(item);
    const place = el("div", { class: "scan-body" });
    fill(this.desk.root, el("p", { class: "number big" }, groupNumber(label.number)), place);
    const receiver = await this.receiver(item, place);
    if (receiver?.kind === "absent") {
      this.decided.set(item.uid, { kind: "refuse", seen: null, code: Reason.ABSENT, text: "" });
    }
    if (!receiver || receiver.kind === "absent") {
      await this.list();
      return;
    }
    for (;;) {
      const seen = await askSeal(place, label, item.cover.seal);
      const good = seen?.same && seen.condition === Condition.INTACT;
      const choice = seen && (good ? "sign" : await showComparison(place, seen, t("Take it")));
      if (choice === "refuse" && seen) {
        await this.refuse(item, seen);
        return;
      }
      if (choice === "sign" && seen) {
        play("good");
        this.decided.set(item.uid, { kind: "take", seen, read, receiver });
      }
      if (choice !== "again") {
        await this.list();
        return;
      }
    }
  }

  /** Who receives, where only the named person may open it; who carries it on is not asked. */
  private async receiver(item: OfferedItem, place: HTMLElement): Promise<Receiver | null> {
    if (!this.isDelivered(item)) {
      return { kind: "free" };
    }
    const { me } = this.desk.session;
    const named = (await dayItem(me, item.uid))?.named; // the codes say that somebody is named, and not who
    const { flags, urgency } = item.cover;
    const marks = { only_named: Boolean(flags & Flag.ONLY_NAMED), is_returning: Boolean(flags & Flag.RETURNING), urgency };
    return askReceiver(place, { ...marks, ...(named ? { named } : {}) }, me.person.id);
  }

  private isDelivered(item: OfferedItem): boolean {
    return this.desk.session.me.person.roles.includes("recipient") && !(item.cover.flags & Flag.CONTAINER);
  }

  private async refuse(item: OfferedItem, seen: SealSeen | null): Promise<void> {
    this.drawing += 1;
    this.stage.show("step");
    const place = el("div", { class: "scan-body" });
    fill(this.desk.root, el("p", { class: "number big" }, groupNumber(item.label.number)), place);
    const reason = await askReason(place, t("Why do you refuse it?"), [
      [Reason.SEAL, t("Seal differs or is broken")],
      [Reason.COVER, t("Cover torn or wet")],
      [Reason.NOT_MINE, t("Not for us")],
      [Reason.OTHER, t("It is not here, or another reason")],
    ], t("Refuse"));
    if (reason) {
      this.decided.set(item.uid, { kind: "refuse", seen, ...reason });
    }
    await this.list();
  }

  // -- signing -----------------------------------------------------------------------------------

  private async sign(): Promise<void> {
    const { items } = this.offered as Offered;
    const chosen = items.filter(({ uid }) => this.decided.has(uid));
    const taken = chosen.filter(({ uid }) => this.decided.get(uid)?.kind === "take").length;
    this.drawing += 1;
    this.stage.show("step");
    const sure = await confirm(this.desk.root, t("Receive {n} from {name}?", { n: taken, name: this.giver }),
      t("You sign for each that it is in your hands and that you read its seal. Refused: {m}. Without an answer: {k}.",
        { m: chosen.length - taken, k: items.length - chosen.length }), t("Sign"));
    if (!sure) {
      await this.list();
      return;
    }
    await this.show(await this.signed(chosen));
  }

  /** The offer is kept first: whatever happens then, this device knows what it was asked. */
  private async signed(chosen: readonly OfferedItem[]): Promise<Kept> {
    const { me, key } = this.desk.session;
    const { events, items } = this.offered as Offered;
    for (const item of items) {
      await putItem(me, await this.before(item));
    }
    for (const [index, event] of events.entries()) {
      const number = items.find(({ offer }) => offer.id === event.id)?.label.number ?? "";
      await keepForeign(me, this.message?.events[index] as Bytes, { number, title: t("Handover, phone to phone"), signer: this.giver });
    }
    const steps = await Promise.all(chosen.map((item) => this.draft(item)));
    const done = await signInTurn(this.desk, steps.map((draft) => () => draft));
    const raws = await Promise.all(done.map(({ id }) => rawOf(id)));
    return this.keep(raws, done.map(({ id }) => id), await certificateEntry(me, key.publicKey));
  }

  private async keep(raws: readonly Bytes[], ids: readonly string[], certificate: Bytes | null): Promise<Kept> {
    const { events, items } = this.offered as Offered;
    const kept: Kept = {
      owner: ownerOf(this.desk.session.me), offerId: events[0]?.id ?? "", side: "taker", other: this.giver, atMs: Date.now(),
      wire: await pack({ kind: Kind.ANSWER, events: raws, certificate, covers: [] }),
      ids: [...events.map(({ id }) => id), ...ids], uids: items.map(({ uid }) => uid),
    };
    await keepPass(kept);
    return kept;
  }

  private async draft(item: OfferedItem): Promise<Draft> {
    const decision = this.decided.get(item.uid) as Decision;
    const extra: Fields = new Map<number, Value>([[Field.CITES, fromHex(item.offer.id)]]);
    if (decision.seen) {
      extra.set(Field.SEAL, [decision.seen.commitment, decision.seen.condition]);
    }
    const target = { number: item.label.number, uid: item.uid, seq: item.seq, head: item.offer.id };
    if (decision.kind === "refuse") {
      extra.set(Field.REASON, decision.code);
      const text = reasonText(decision.text);
      return draftOf(this.desk, target, { type: EventType.REFUSE, title: t("Refused"), extra: text ? extra.set(Field.REASON_TEXT, text) : extra });
    }
    const isScanned = decision.read?.label !== null && decision.read !== null;
    extra.set(F.PRESENCE, [...presenceOf(item.offer)]).set(Field.METHOD, isScanned ? decision.read.method : Method.MANUAL);
    if (isScanned) {
      extra.set(Field.LABEL, await labelDigest(labelOf(item)));
    }
    if (decision.receiver.kind === "instead") {
      extra.set(Field.REASON, decision.receiver.code).set(Field.REASON_TEXT, reasonText(decision.receiver.text));
    }
    const type = this.isDelivered(item) ? EventType.DELIVER : EventType.ACCEPT;
    return draftOf(this.desk, target, { type, title: t("Taken over, phone to phone"), extra });
  }

  /** The item as it was before the offer, for a device that may never have heard of it. */
  private async before(item: OfferedItem): Promise<DayItem> {
    const { me } = this.desk.session;
    const { cover, label } = item;
    const [day, others] = [await dayOf(me), await dayItems(me)];
    const places = [...others.flatMap((one) => [one.sender, one.recipient]), ...(day?.people ?? []).map(({ agency }) => agency)];
    const place = (code: number): DayItem["sender"] => (code ? { code, name: places.find((one) => one?.code === code)?.name ?? String(code) } : null);
    const state = cover.flags & Flag.SET_APART ? "QUAR" : "HELD";
    return {
      number: label.number, uid: item.uid, state, before: state, seq: item.seq - 1, head: item.prev, why: "pass", ahead: false,
      custodian: { id: this.offered?.giver.person ?? "", name: this.giver }, offer: null, instance: label.instance,
      label: { digits: labelOf(item).digits }, seal_commitment: toHex(cover.seal), kind: cover.kind, secrecy: cover.secrecy, urgency: cover.urgency,
      due_ms: cover.dueMs || null, sender: place(cover.sender), recipient: place(cover.recipient),
      is_container: Boolean(cover.flags & Flag.CONTAINER), only_named: Boolean(cover.flags & Flag.ONLY_NAMED),
      is_returning: Boolean(cover.flags & Flag.RETURNING), container: null, contacts: [], contents: [],
      verdict: "", findings: [], held: false, actions: [],
    };
  }

  // -- the answer --------------------------------------------------------------------------------

  /** What this device has answered to the same offer before: shown again, never signed again. */
  private async answeredBefore(): Promise<Kept | null> {
    const { events } = this.offered as Offered;
    const ids = new Set(events.map(({ id }) => id));
    const kept = (await keptPasses(this.desk.session.me)).find((one) => one.side === "taker" && ids.has(one.offerId));
    if (kept) {
      return kept;
    }
    const answers = (await eventsHere(this.desk.session.me)).filter((event) => event.kid === this.desk.session.key.kid && ids.has(event.hex(F.CITES) ?? ""));
    return answers.length ? this.keep(answers.map((event) => event.message.raw), answers.map(({ id }) => id), null) : null;
  }

  private async show(kept: Kept): Promise<void> {
    this.stop();
    this.stage.show("step");
    this.showing = new FrameShow(await toFrames(kept.wire));
    fill(this.desk.root, el("section", { class: "step pass-shown", "data-side": "taker" },
      heading(t("Signed. Show the answer to {name}", { name: kept.other })),
      this.showing.element,
      await phraseView(kept.ids),
      el("p", { class: "hint" }, t("Keep it on the screen until {name} sees the same four words. Screen as bright as it goes.", { name: kept.other })), why("two-signatures")),
    actions(button(t("They have read it"), "primary", () => this.run(() => this.over(kept)), { "data-action": "pass-read" })));
    this.showing.start();
    scrollTo({ top: 0 });
    this.desk.root.querySelector<HTMLElement>("h2")?.focus();
  }

  private async over(kept: Kept): Promise<void> {
    this.stop();
    const events = await Promise.all(kept.ids.map((id) => keptEvent(id)));
    const items = new Map((await dayItems(this.desk.session.me)).map((item) => [item.uid, item.number]));
    const answers = events.filter((event) => event.type !== EventType.OFFER);
    const rows = answers.flatMap((event) => event.items.map(({ uid }) => rowView({
      number: items.get(uid) ?? "", state: event.type === EventType.REFUSE ? "bad" : "good",
      word: event.type === EventType.REFUSE ? t("refused") : t("in your hands"),
    })));
    const isCarried = answers.some((event) => event.type === EventType.ACCEPT);
    const calls = isCarried && events.some((event) => event.type === EventType.OFFER && event.hexes(F.ATTACH).length > 1)
      ? button(t("Read whom to call off hours"), "", () => this.readContacts(), { "data-action": "pass-call" }) : null;
    await showResult(this.desk, this.stage, kept.ids, [await phraseView(kept.ids), el("ul", { class: "pass-list" }, ...rows), calls]);
  }

  /** Whom to call for what was taken over, from the phone that gave it. */
  async told(contacts: Bytes): Promise<void> {
    this.stage.show("result");
    const back = actions(button(t("Scan on"), "primary", () => this.stage.leave(), { "data-action": "pass-done" }));
    try {
      const items = await takeContacts(this.desk.session, contacts);
      play("done");
      fill(this.desk.root, el("section", { class: "pass-contacts" }, heading(t("Whom to call off hours")),
        el("p", { class: "next" }, t("Call them where nobody opens. The list stays with each envelope on this phone.")),
        ...items.flatMap((item) => [el("p", { class: "number" }, groupNumber(item.number)), contactsView(item)]), why("attempt")), back);
    } catch (error) {
      if (!(error instanceof RefusedError)) {
        throw error;
      }
      play("bad");
      fill(this.desk.root, refusalView(error), back);
    }
  }
}

/** The label of an item in the form that the steps of a handover ask for. */
function labelOf(item: OfferedItem): Label & { readonly digits: string } {
  return { ...parseLabel(item.cover.label), digits: digitsOf(item.cover.label) };
}
