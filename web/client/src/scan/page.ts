/** The scan page: place first, then read after read; what is found, what to do, what became of it. */

import { askedFor } from "../address";
import { behind } from "../behind";
import { el, fill } from "../dom";
import { Method, Reason } from "../event";
import { dayItems, dayOf, refreshDay } from "../day";
import { explain } from "../explain";
import { t } from "../i18n";
import { logScan } from "../items";
import { guardKeys } from "../guard";
import { latch } from "../latch";
import { markFirst } from "../marks";
import { type Outbox, waitingWords } from "../outbox";
import { groupNumber } from "../s10";
import { placesOf, type Session } from "../session";
import { mute, play, unlockSound } from "../sound";
import { get, setSetting } from "../store";
import { offerTour, startTour } from "../teach/tour";
import { why } from "../teach/why";
import { bagDoor } from "../bag/door";
import type { ActionName, Item, Place } from "../told";
import { type Desk, type Done, sight } from "./acts";
import { Finder } from "./finder";
import { act } from "./flows";
import { follow, outcomeView } from "./outcome";
import { showShift } from "./shift";
import { PassDoor } from "./passdoor";
import type { Play } from "./play";
import { type Found, KeyBook } from "./reading";
import { beginRound, type RoundKind, stepOf } from "./round";
import { keptRound, RoundView, type Stage } from "./roundview";
import { soundTool } from "./soundtool";
import { actions, alarm, banner, button, itemCard } from "./view";
import { actionWord, arrange, resultOf, type ResultKind } from "./words";

const UNKNOWN: readonly ResultKind[] = ["forbidden", "unregistered"];
const REPORTED: readonly ResultKind[] = ["forged", "unknown-key"];

export class ScanPage {
  private readonly bar = el("header", { class: "scan-bar" });
  private readonly body = el("div", { class: "scan-body", "aria-live": "polite" });
  private readonly finder = new Finder((text, _format, method) => behind(this.onText(text, method)), () => this.show("nothing"));
  private readonly seen = new Map<string, number>();
  private readonly reported = new Set<string>();
  private keys = KeyBook.of(new Map());
  private readonly drawn = latch(); // reads before it wait
  private place: Place;
  private reading = 0;
  private unfollow = (): void => undefined;
  private round: RoundView | null = null;
  private readonly phones = new PassDoor({
    ...this.turns(),
    desk: () => this.desk(),
    view: () => this.root.dataset["view"],
    begin: () => {
      unlockSound();
      this.unfollow();
      this.round = null;
    },
  });
  private reads: Promise<void> = Promise.resolve(); // of a round: one after the other, none lost

  constructor(
    private readonly root: HTMLElement,
    private readonly session: Session,
    private readonly outbox: Outbox,
    private readonly play: Play | null = null,
  ) {
    this.place = placesOf(session.me.person)[0] ?? session.me.person.agency ?? { code: 0, name: "" };
  }

  async open(): Promise<void> {
    this.root.classList.add("scan");
    fill(this.root, this.bar, this.finder.element, this.finder.wedge.input, this.body);
    const camera = this.finder.open(); // what takes longest
    const book = this.play ? KeyBook.of(this.play.keys) : KeyBook.open();
    const [kept, muted, keys] = await Promise.all([get<number>("settings", "place"), get<boolean>("settings", "muted"), book]);
    this.keys = keys;
    this.place = placesOf(this.session.me.person).find((place) => place.code === kept) ?? this.place;
    mute(muted ?? false);
    this.root.addEventListener("pointerdown", unlockSound, { once: true });
    guardKeys(() => this.notNow());
    this.outbox.onChange(() => behind(this.showBar()));
    this.outbox.onChange(() => void this.outbox.sendPapers(this.session.me.person.id).catch(() => undefined));
    setInterval(() => behind(this.bar.querySelector(".waiting") && this.showBar()), 30_000);
    await this.showBar();
    this.welcome();
    if (!this.play && new URLSearchParams(location.search).has("tour")) {
      history.replaceState(null, "", location.pathname + location.hash);
      startTour(this.root, this.session.me.person.id);
    }
    const asked = askedFor(location.hash);
    if (asked) {
      history.replaceState(null, "", location.pathname);
      behind(this.onText(asked, Method.MANUAL));
    }
    this.drawn.done();
    await camera;
    this.finder.wedge.focus();
  }

  private async showBar(): Promise<void> {
    const places = placesOf(this.session.me.person);
    const state = await this.outbox.state();
    const picker = el("select", { "aria-label": t("Where you are"), onchange: () => {
      this.place = places.find((place) => place.code === Number(picker.value)) ?? this.place;
      behind(setSetting("place", this.place.code));
      this.finder.wedge.focus();
    } }, ...places.map((place) => el("option", { value: place.code, selected: place.code === this.place.code }, place.name)));
    const where = places.length > 1 ? picker : el("b", {}, this.place.name || t("No place"));
    const refused = state.refused.length + state.papers.length;
    fill(this.bar,
      el("div", { class: "place" }, el("small", {}, t("You are at")), where),
      soundTool(() => behind(this.showBar())),
      state.waiting ? el("span", { class: "waiting" }, waitingWords(state, this.session.me.person.name)) : null,
      this.play ? null : button(refused ? t("Refused: {n}", { n: refused }) : t("End of shift"),
        refused ? "rejected" : "quiet", () => behind(this.endShift()), { "data-action": "shift" }));
  }

  /** What is on one's hands, what waits, what was refused; the scan goes on afterwards. */
  private async endShift(): Promise<void> {
    if (this.root.dataset["view"] === "step") {
      return;
    }
    this.unfollow();
    this.finder.pause();
    this.root.dataset["view"] = "step";
    await showShift(this.desk());
    this.finder.resume();
    this.welcome();
  }

  /** Nothing has been read: what is this, what next; and the rounds that the day has work for. */
  private welcome(): void {
    delete this.root.dataset["view"];
    const rounds = el("div", { class: "rounds" });
    fill(this.body, el("p", { class: "idle" }, t("Scan an envelope. What it is and what to do next is shown here.")), rounds,
      this.doors(), this.play ? null : bagDoor(this.session.me.person), why("tracked"));
    behind(this.offerRounds(rounds));
    if (!this.play) {
      behind(offerTour(this.root, this.session.me.person.id).then((offer) => offer && rounds.isConnected && rounds.after(offer)));
    }
  }

  private async offerRounds(rounds: HTMLElement): Promise<void> {
    const { me } = this.session;
    const show = async (): Promise<void> => {
      const items = await (this.play?.items() ?? dayItems(me).catch(() => []));
      const kept = this.play ? null : await keptRound(me.person.id);
      const begin = (kind: RoundKind, words: string, main: boolean): HTMLElement | null =>
        items.some((item) => stepOf(kind, item))
          ? button(words, main ? "primary" : "", () => behind(this.beginRound(kind, items)), { "data-round": kind }) : null;
      const count = (kind: RoundKind): number => beginRound(kind, items).expected.length;
      fill(rounds,
        kept ? button(t("Go on with your round: {n} scanned", { n: kept.reads.length }), "primary", () => behind(this.resumeRound(items)), { "data-round": "kept" }) : null,
        begin("receive", t("Receive what is offered to you: {n}", { n: count("receive") }), !kept),
        begin("hand_over", t("Hand over several: you hold {n}", { n: count("hand_over") }), false));
    };
    await show();
    if (!this.play && await refreshDay(this.session).catch(() => false)) {
      await show();
    }
  }

  private async beginRound(kind: RoundKind, items: readonly Item[]): Promise<void> {
    unlockSound();
    const people = new Map((this.play ? [] : (await dayOf(this.session.me))?.people ?? []).map((person) => [person.id, person.office?.code]));
    const { id, agency, roles } = this.session.me.person;
    const here = {
      place: this.place.code, person: id, agency: roles.includes("recipient") ? (agency?.code ?? null) : null, officeOf: (of: string) => people.get(of),
    };
    this.round = new RoundView(this.desk(), beginRound(kind, items), here, this.stage());
    this.round.open();
  }

  /** The reads of a round that was cut off count again, against what the items are by now. */
  private async resumeRound(items: readonly Item[]): Promise<void> {
    const kept = await keptRound(this.session.me.person.id);
    if (kept) {
      await this.beginRound(kept.kind, items);
      this.round?.expect(kept.reads).forEach(({ text, method }) => behind(this.onText(text, method)));
    }
  }

  /** How a round and an exchange with another phone move this page. */
  private turns(): { show(view: string): void; leave(): void } {
    return {
      show: (view) => {
        this.root.dataset["view"] = view;
        if (view === "step") {
          this.finder.pause();
        } else {
          this.finder.resume();
        }
      },
      leave: () => {
        this.round = null;
        this.finder.resume();
        this.welcome();
      },
    };
  }

  private stage(): Stage {
    return {
      ...this.turns(),
      single: (found) => {
        this.round = null;
        this.showFound(found);
      },
      falseLabel: (found) => this.reportOnce(found),
    };
  }

  /** As if nothing had been read. */
  restart(): void {
    this.round = null;
    this.unfollow();
    this.finder.resume();
    this.welcome();
  }

  /** A read that came from elsewhere on the page: an envelope of practice that is held before the reader. */
  async read(text: string): Promise<void> {
    await this.onText(text, Method.WEDGE);
  }

  /** A read from anywhere. Of two reads under way only the later one is shown. */
  private async onText(text: string, method: Method): Promise<void> {
    await this.drawn.wait;
    if (this.root.dataset["view"] === "step") {
      this.notNow();
      return;
    }
    if (!this.play && this.phones.takes(text, method)) {
      return;
    }
    const { round } = this;
    if (round && this.root.dataset["view"] === "round") {
      this.reads = this.reads.then(() => this.readForRound(round, text, method));
      return;
    }
    this.round = null;
    this.unfollow();
    this.reading += 1;
    const mine = this.reading;
    const found = await this.keys.look(text, method);
    if (this.root.dataset["view"] === "step") {
      this.notNow(); // its answer came after the next questions had begun
    } else if (mine === this.reading) {
      this.showFound(found);
    }
  }

  private async readForRound(round: RoundView, text: string, method: Method): Promise<void> {
    const found = await this.keys.look(text, method);
    if (this.round === round && this.root.dataset["view"] === "round") {
      round.read(found);
    } else {
      this.notNow();
    }
  }

  /** A read amid the questions about another item: heard, said, and not followed. */
  private notNow(): void {
    play("warn");
    this.body.querySelector(".not-now")?.remove();
    const words = t("That read was not taken: finish this envelope first, or go back.");
    this.body.prepend(el("p", { class: "alarm not-now", role: "alert" }, words));
  }

  private showFound(found: Found): void {
    const times = found.number ? (this.seen.get(found.number) ?? 0) : 0;
    if (found.number && found.item) {
      this.seen.set(found.number, times + 1);
    }
    const kind = found.kind === "genuine" && times > 0 ? "again" : found.kind;
    const result = resultOf(kind);
    play(result.sound);
    const note = found.note || (found.number && !found.item ? found.number : "");
    fill(this.body, banner(result, note), ...(found.item ? this.itemView(found, found.item) : [this.doors(), why(REPORTED.includes(kind) ? "forged" : "tracked"), ...this.strangerView(found)]));
    this.root.dataset["view"] = found.item ? "item" : "result";
    markFirst("shown");
    if (kind !== "genuine" && kind !== "again") {
      logScan({ text: kind === "foreign" ? "" : found.text, format: "", method: found.method, outcome: kind, place: this.place.code });
    }
    if (REPORTED.includes(kind) && found.method === Method.MANUAL) { // a link, or typed: it was in nobody's hand
      this.body.append(el("p", { class: "next unsigned" }, t("Nothing was signed: a link is no envelope. If you hold it, scan its label: then it is reported.")));
    } else if (REPORTED.includes(kind)) {
      this.reportOnce(found);
    }
    scrollTo({ top: 0 });
    this.finder.wedge.focus();
  }

  /** An item of others, or of nobody: who holds it can say so, signed. */
  private strangerView(found: Found): HTMLElement[] {
    if (!found.label || !UNKNOWN.includes(found.kind)) {
      return [];
    }
    return [actions(button(t("Report that I have it"), "primary", () => behind(this.run(found, (desk) =>
      sight(desk, found, Reason.NOT_MINE, t("Sighting reported")))), { "data-action": "sight" }))];
  }

  /** The way to another phone: below every result, for with no network it may be what comes next. */
  private doors(): HTMLElement | null {
    return this.play ? null : this.phones.buttons();
  }

  private show(kind: ResultKind): void {
    const result = resultOf(kind);
    play(result.sound);
    fill(this.body, banner(result), this.doors());
    this.root.dataset["view"] = "result";
  }

  private itemView(found: Found, item: NonNullable<Found["item"]>): HTMLElement[] {
    const { main, more } = arrange(item);
    const big = main.map((name, index) =>
      button(actionWord(name), index === 0 ? "primary" : "", () => behind(this.begin(found, name)), { "data-action": name }));
    const byPhone = this.play ? null : this.phones.giveButton(item);
    const rest = el("details", { class: "more" }, el("summary", {}, t("More")), ...more.map((name) =>
      button(actionWord(name), "quiet", () => behind(this.begin(found, name)), { "data-action": name })),
    item.local ? null : byPhone,
    this.play ? null : el("a", { class: "action quiet", href: `/items/${item.number}` }, t("Open the whole chain")));
    const bar = actions(...big);
    bar.classList.add("pair");
    return [itemCard(item, this.session.me.person.id), ...(item.local && byPhone ? [byPhone] : []), rest, ...(big.length ? [bar] : [])];
  }

  private readonly begin = (found: Found, name: ActionName): Promise<void> => this.run(found, (desk) => act(desk, found, name));

  private async run(found: Found, work: (desk: Desk) => Promise<Done | null>): Promise<void> {
    if (this.root.dataset["view"] === "step") {
      return; // pressed twice
    }
    unlockSound();
    this.unfollow();
    this.finder.pause();
    this.root.dataset["view"] = "step";
    try {
      const done = await work(this.desk());
      this.root.dataset["view"] = "result";
      this.finder.resume();
      if (done) {
        await this.showDone(done);
      } else {
        this.showFound(found);
      }
    } catch (error) {
      this.finder.resume();
      this.root.dataset["view"] = "result";
      fill(this.body, alarm(explain(error)), this.doors());
    }
  }

  private desk(): Desk {
    return {
      session: this.session, outbox: this.outbox, place: this.place.code, root: this.body, ...(this.play ? { sign: this.play.sign } : {}),
    };
  }

  /** What became of an act; drawn again once an event that waited is answered and nothing else was read since. */
  private async showDone(done: Done): Promise<void> {
    const { result, parts } = await outcomeView(done, this.session.me.remarks);
    const [head, ...below] = parts;
    play(result.sound);
    this.root.dataset["view"] = "result";
    this.seen.delete(done.number);
    fill(this.body, head,
      el("p", { class: "entry" }, el("b", {}, done.title), " · ", el("span", { class: "number" }, groupNumber(done.number))),
      done.next && done.outcome.kind !== "refused" ? el("p", { class: "next" }, done.next) : null,
      ...below,
      el("p", { class: "idle" }, t("Scan the next envelope.")),
      done.known ? el("a", { class: "action quiet", href: `/items/${done.number}` }, t("Open the whole chain")) : null, this.doors());
    this.unfollow = follow(this.outbox, done, (later) => behind(this.showDone(later)));
    this.finder.wedge.focus();
  }

  private reportOnce(found: Found): void {
    if (!this.reported.has(found.text)) {
      this.reported.add(found.text);
      behind(this.reportFalse(found));
    }
  }

  private async reportFalse(found: Found): Promise<void> {
    try {
      const done = await sight(this.desk(), found, Reason.FORGED, t("False label reported"));
      const text = done?.outcome.kind === "stored"
        ? t("Reported and signed by you, entry {index}.", { index: done.outcome.index })
        : done?.outcome.kind === "practised" ? t("In earnest this is reported at once, signed by you.")
          : t("Report signed and kept; it is sent as soon as the service answers.");
      this.body.append(el("p", { class: "reported", role: "status" }, text));
    } catch (error) {
      this.body.append(alarm(explain(error)));
    }
  }
}
