/** The giver's side: which envelopes, to whom; one signed offer on the screen; the answer read back and kept. */

import { behind } from "../behind";
import { E, F } from "../../../verifier/src/fields";
import { type Bytes, equal, fromHex, sha256 } from "../bytes";
import type { Value } from "../cbor";
import { dayItem, dayItems, keepForeign, ownerOf } from "../day";
import { certificateEntry } from "../dayring";
import type { Draft } from "../device";
import { el, fill } from "../dom";
import { EventType, Field, type Fields } from "../event";
import { explain } from "../explain";
import { settle } from "../guard";
import { t } from "../i18n";
import { labelDigest, parseDigits } from "../label";
import { type Desk, OFFER_S, RECENT } from "../scan/acts";
import { draftOf, signInTurn } from "../scan/signing";
import { askTaker, confirm } from "../scan/steps";
import { actions, alarm, button } from "../scan/view";
import { play } from "../sound";
import { why } from "../teach/why";
import { get, setSetting } from "../store";
import type { DayItem } from "../told";
import { contactsOf } from "./contacts";
import { toFrames } from "./frames";
import { groundOf, type Kept, keepPass, keptPasses } from "./ground";
import { type Cover, digestOf, Flag, Kind, type Message, pack, packContacts } from "./message";
import { heading, phraseView, refusalView, rowView } from "./pieces";
import { FrameShow } from "./qr";
import { keptEvent, type PassStage, rawOf, type Read, showResult } from "./stage";
import { type Answered, checkAnswer, RefusedError } from "./verify";

const MOST = 60; // items of one offer: the answer to more would be a minute of codes

type Choosable = DayItem & { readonly two_couriers?: boolean };

export class Giver {
  private readonly chosen = new Map<string, Read | null>(); // uid -> how it was chosen: scanned, or ticked
  private items: readonly Choosable[] = [];
  private showing: FrameShow | null = null;
  private drawing = 0;

  constructor(private readonly desk: Desk, private readonly stage: PassStage, private readonly readAnswer: () => void) {}

  /** Choose envelopes: by scanning them, or from the list. */
  async open(first?: string): Promise<void> {
    const { me } = this.desk.session;
    this.items = (await dayItems(me)).filter((item) => item.actions.includes("hand_over") && item.label && item.seal_commitment);
    if (first && this.items.some(({ uid }) => uid === first)) {
      this.chosen.set(first, null);
    }
    this.stage.show("pass");
    await this.draw();
  }

  /** An envelope that was scanned is chosen. */
  async read(read: Read): Promise<void> {
    const item = this.items.find(({ number }) => number === read.number);
    if (item && this.isFull(item.uid)) {
      await this.draw(t("No more than {n} at once: hand these over first.", { n: MOST }));
      return;
    }
    if (!item || !mayPass(item)) {
      play("unlisted");
      await this.draw(t("You do not hold this envelope, or it cannot be handed over by phone."));
      return;
    }
    const isWhole = read.label !== null && item.label?.digits !== undefined && sameLabel(item.label.digits, read.label);
    this.chosen.set(item.uid, isWhole ? read : null);
    play("good");
    await this.draw();
  }

  /** Do *work*; what goes wrong is said above the list, and nothing that was chosen is lost. */
  private run(work: () => Promise<void>): void {
    void work().catch(async (error: unknown) => {
      this.stop();
      this.stage.show("pass");
      await this.draw(explain(error));
    });
  }

  stop(): void {
    this.showing?.stop();
    this.showing = null;
  }

  private async draw(said = ""): Promise<void> {
    const mine = ++this.drawing;
    const open = await this.openOffers();
    if (mine !== this.drawing) {
      return; // something else is on the page by now
    }
    const many = this.chosen.size;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["uid"];
    fill(this.desk.root, ...open,
      el("section", { class: "step pass-give" },
        heading(t("Hand over, phone to phone")),
        el("p", { class: "hint" }, t("For two phones without a connection. Scan each envelope that you give, or choose it here.")),
        said ? el("p", { class: "error", role: "alert" }, said) : null,
        this.items.length ? el("ul", { class: "pass-list" }, ...this.items.map((item) => this.choice(item)))
          : el("p", { class: "idle" }, t("You hold nothing that could be handed over.")),
        why("two-signatures")),
      actions(
        many ? button(t("Go on with {n}", { n: many }), "primary", () => this.run(() => this.toTaker()), { "data-action": "pass-on" }) : null,
        el("div", { class: "two" },
          this.items.length > 1 ? button(t("Choose all"), "", () => this.run(() => this.chooseAll())) : null,
          button(t("Back"), "", () => this.stage.leave()))));
    if (focused) {
      this.desk.root.querySelector<HTMLElement>(`[data-uid="${focused}"]`)?.focus(); // keys go on where they were
    }
  }

  private choice(item: Choosable): HTMLElement {
    const box = el("input", { type: "checkbox", "data-uid": item.uid, checked: this.chosen.has(item.uid), disabled: !mayPass(item), onchange: () => {
      const isFull = box.checked && this.isFull(item.uid);
      box.checked && !isFull ? this.chosen.set(item.uid, null) : this.chosen.delete(item.uid);
      behind(this.draw(isFull ? t("No more than {n} at once: hand these over first.", { n: MOST }) : ""));
    } });
    const row = rowView({ number: item.number, state: this.chosen.has(item.uid) ? "good" : "open", word: item.recipient?.name ?? "" },
      mayPass(item) ? null : el("small", {}, t("Two couriers sign for this mark: that needs a connection.")));
    row.prepend(el("label", { class: "pass-tick" }, box, el("span", { class: "sr" }, item.number)));
    return row;
  }

  private isFull(uid: string): boolean {
    return this.chosen.size >= MOST && !this.chosen.has(uid);
  }

  private async chooseAll(): Promise<void> {
    this.items.filter(mayPass).slice(0, MOST).forEach(({ uid }) => this.chosen.set(uid, this.chosen.get(uid) ?? null));
    await this.draw();
  }

  /** Offers of this device that nobody has answered: shown again, or taken back. */
  private async openOffers(): Promise<HTMLElement[]> {
    const found: HTMLElement[] = [];
    for (const kept of await keptPasses(this.desk.session.me)) {
      const left = kept.side === "giver" ? await this.unanswered(kept) : [];
      if (left.length) {
        found.push(el("section", { class: "aside pass-open" },
          el("p", {}, t("Not answered yet: {n} for {name}", { n: left.length, name: kept.other })),
          el("div", { class: "two" },
            button(t("Show the codes again"), "", () => this.run(() => this.show(kept)), { "data-action": "pass-again" }),
            button(t("Take them back"), "danger", () => this.run(() => this.cancel(kept, left)), { "data-action": "pass-cancel" }))));
      }
    }
    return found;
  }

  private async unanswered(kept: Kept): Promise<DayItem[]> {
    const items = await Promise.all(kept.uids.map((uid) => dayItem(this.desk.session.me, uid)));
    return items.filter((item): item is DayItem => item?.state === "OFFERED" && item.offer?.id === kept.offerId);
  }

  // -- signing -----------------------------------------------------------------------------------

  private async toTaker(): Promise<void> {
    const items = this.items.filter(({ uid }) => this.chosen.has(uid));
    const [first] = items;
    if (!first) {
      return;
    }
    this.drawing += 1;
    this.stage.show("step");
    const { me } = this.desk.session;
    const recent = (await get<string[]>("settings", "recent-takers")) ?? [];
    const goal = items.every((item) => item.recipient?.code === first.recipient?.code) ? first.recipient : null;
    const taker = await askTaker(this.desk.root, { ...first, recipient: goal }, { id: me.person.id, office: this.desk.place }, recent);
    const sure = taker && (await confirm(this.desk.root, t("Hand over {n} to {name}?", { n: items.length, name: taker.name }),
      t("Your phone then shows codes that only {name} can answer. Until they have answered, you answer for the envelopes.", { name: taker.name }),
      t("Sign the handover")));
    if (!taker || !sure) {
      this.stage.show("pass");
      await this.draw();
      return;
    }
    await setSetting("recent-takers", [taker.id, ...recent.filter((id) => id !== taker.id)].slice(0, RECENT));
    await this.show(await this.sign(items, taker));
  }

  private async sign(items: readonly Choosable[], taker: { readonly id: string; readonly name: string }): Promise<Kept> {
    const { me, key } = this.desk.session;
    const covers = items.map(coverOf);
    const contacts = contactsOf(items);
    const attached = [await digestOf(covers), ...(contacts ? [await sha256(contacts)] : [])];
    const extra: Fields = new Map<number, Value>([[Field.OFFEREE, fromHex(taker.id)], [Field.EXPIRY, OFFER_S], [F.ATTACH, attached]]);
    const [first, ...rest] = items as [Choosable, ...Choosable[]];
    const scanned = rest.length ? null : this.chosen.get(first.uid);
    if (scanned?.label && first.label) {
      extra.set(Field.METHOD, scanned.method).set(Field.LABEL, await labelDigest(parseDigits(first.label.digits)));
    }
    const title = t("Handover, phone to phone");
    const draft: Draft = {
      ...draftOf(this.desk, first, { type: EventType.OFFER, title, extra }),
      also: rest.map((item) => ({ uid: fromHex(item.uid), seq: item.seq + 1, prev: fromHex(item.head) })),
    };
    const [signed] = await signInTurn(this.desk, [() => draft]);
    const offerId = signed?.id ?? "";
    const message: Message = { kind: Kind.OFFER, events: [await rawOf(offerId)], certificate: await certificateEntry(me, key.publicKey), covers };
    const kept: Kept = {
      owner: ownerOf(me), offerId, wire: await pack(message), ids: [offerId], side: "giver", uids: items.map(({ uid }) => uid),
      other: taker.name, atMs: Date.now(), ...(contacts ? { contacts } : {}),
    };
    await keepPass(kept);
    return kept;
  }

  /** The codes, until the other phone has read them. */
  private async show(kept: Kept): Promise<void> {
    this.stop();
    this.drawing += 1;
    this.stage.show("step");
    this.showing = new FrameShow(await toFrames(kept.wire));
    fill(this.desk.root, el("section", { class: "step pass-shown", "data-side": "giver" },
      heading(t("Show this to {name}", { name: kept.other })),
      this.showing.element,
      await phraseView(kept.ids),
      el("p", { class: "hint" }, t("{name} opens Scan and holds the camera over the codes. Screen as bright as it goes.", { name: kept.other })), why("two-signatures")),
    actions(button(t("Read the answer"), "primary", () => this.answer(), { "data-action": "pass-answer" }),
      button(t("Later"), "quiet", () => {
        this.stop();
        this.stage.leave();
      })));
    this.showing.start();
    scrollTo({ top: 0 });
    this.desk.root.querySelector<HTMLElement>("h2")?.focus();
  }

  private answer(): void {
    this.stop();
    this.readAnswer();
  }

  /** Only where the other one has not signed: two answers would be two stories of one envelope. */
  private async cancel(kept: Kept, left: readonly DayItem[]): Promise<void> {
    this.drawing += 1;
    this.stage.show("step");
    const sure = await confirm(this.desk.root, t("Take back {n}?", { n: left.length }),
      t("Only if the envelopes are still in your hands and {name} has not signed. Look at their screen, or ask.", { name: kept.other }),
      t("Sign and take them back"));
    if (sure) {
      const [first, ...rest] = left as [DayItem, ...DayItem[]];
      const extra: Fields = new Map<number, Value>([[Field.CITES, fromHex(kept.offerId)]]);
      await signInTurn(this.desk, [() => ({
        ...draftOf(this.desk, first, { type: EventType.CANCEL, title: t("Offer taken back"), extra }),
        also: rest.map((item) => ({ uid: fromHex(item.uid), seq: item.seq + 1, prev: fromHex(item.head) })),
      })]);
      play("done");
    }
    this.chosen.clear();
    await this.open();
  }

  // -- the answer --------------------------------------------------------------------------------

  /** What the other phone answered: checked, kept, shown; or refused by the name of what is wrong. */
  async answered(message: Message): Promise<void> {
    const { session } = this.desk;
    const ground = await groundOf(session);
    const kept = (await keptPasses(session.me)).filter((one) => one.side === "giver");
    const offers = await Promise.all(kept.map(async (one) => keptEvent(one.offerId).catch(() => null)));
    try {
      if (!ground) {
        throw new RefusedError("K01", "no keys are known here");
      }
      const found = await checkAnswer(message, offers.filter((one) => one !== null), ground);
      const cited = found.events[0]?.hex(F.CITES);
      await this.keep(message, found, kept.find((one) => one.offerId === cited) as Kept);
    } catch (error) {
      if (!(error instanceof RefusedError)) {
        throw error;
      }
      play("bad");
      this.stage.show("result");
      fill(this.desk.root, refusalView(error), actions(
        settle(button(t("Read the answer again"), "primary", () => this.readAnswer())),
        button(t("Back"), "quiet", () => this.stage.leave())));
    }
  }

  private async keep(message: Message, found: Answered, kept: Kept): Promise<void> {
    const { me } = this.desk.session;
    const items = (await Promise.all(kept.uids.map((uid) => dayItem(me, uid)))).filter((item) => item !== undefined);
    const numberOf = (uid: string): string => items.find((item) => item.uid === uid)?.number ?? "";
    const isTakenBack = (uid: string): boolean => items.some((item) => item.uid === uid && item.state !== "OFFERED" && item.custodian?.id === me.person.id);
    const clash = found.taken.filter(isTakenBack);
    for (const [index, event] of found.events.entries()) {
      const title = event.type === E.REFUSE ? t("Refused") : t("Taken over, phone to phone");
      await keepForeign(me, message.events[index] as Bytes, { number: numberOf(event.items[0]?.uid ?? ""), title, signer: kept.other });
    }
    const ids = [...kept.ids.slice(0, 1), ...found.events.map((event) => event.id)];
    const { contacts } = kept;
    const calls = contacts && found.events.some(({ type }) => type === E.ACCEPT)
      ? button(t("Show {name} whom to call off hours", { name: kept.other }), "", () => this.run(() => this.showContacts(contacts, kept.other)), { "data-action": "pass-calls" })
      : null;
    const mine = found.open.filter((uid) => kept.uids.includes(uid));
    await showResult(this.desk, this.stage, ids, [
      await phraseView(ids),
      el("ul", { class: "pass-list" },
        ...found.taken.map((uid) => clash.includes(uid)
          ? rowView({ number: numberOf(uid), state: "bad", word: t("taken by {name}, although you had taken it back", { name: kept.other }) })
          : rowView({ number: numberOf(uid), state: "good", word: t("taken by {name}", { name: kept.other }) })),
        ...[...found.refused.keys()].map((uid) => rowView({ number: numberOf(uid), state: "bad", word: t("refused: it stays with you") })),
        ...mine.map((uid) => rowView({ number: numberOf(uid), state: "open", word: t("not answered: it stays with you") }))),
      clash.length ? alarm(t("Two stories of one envelope: find out who has it, and tell your supervisor.")) : null,
      found.refused.size ? alarm(t("Take what was refused back into your hands now.")) : null,
      calls,
    ]);
  }

  /** Whom to call, for the phone that has signed: only now, and only on asking, for a screen can be photographed. */
  private async showContacts(contacts: Bytes, name: string): Promise<void> {
    this.stop();
    this.drawing += 1;
    this.stage.show("step");
    this.showing = new FrameShow(await toFrames(await packContacts(contacts)));
    fill(this.desk.root, el("section", { class: "step pass-shown", "data-side": "contacts" },
      heading(t("Whom to call: show this to {name}", { name })),
      this.showing.element,
      el("p", { class: "hint" }, t("Names and telephone numbers are in these codes: let nobody else photograph them.")), why("attempt")),
    actions(button(t("They have read it"), "primary", () => {
      this.stop();
      this.stage.leave();
    }, { "data-action": "pass-calls-read" })));
    this.showing.start();
    this.desk.root.querySelector<HTMLElement>("h2")?.focus();
  }
}

/** What two couriers must sign for, or a bag whose list only the service has, goes with a connection only. */
function mayPass(item: Choosable): boolean {
  return item.two_couriers !== true;
}

/** What the giver says of an item. */
function coverOf(item: Choosable): Cover {
  return {
    label: parseDigits(item.label?.digits ?? "").raw,
    seal: fromHex(item.seal_commitment ?? ""),
    kind: item.kind ?? 0,
    secrecy: item.secrecy ?? 0,
    urgency: item.urgency ?? 0,
    dueMs: item.due_ms ?? 0,
    sender: item.sender?.code ?? 0,
    recipient: item.recipient?.code ?? 0,
    flags: (item.is_container ? Flag.CONTAINER : 0) | (item.only_named ? Flag.ONLY_NAMED : 0)
      | (item.is_returning ? Flag.RETURNING : 0) | (item.state === "QUAR" ? Flag.SET_APART : 0),
  };
}

function sameLabel(digits: string, raw: Bytes): boolean {
  return equal(parseDigits(digits).raw, raw);
}
