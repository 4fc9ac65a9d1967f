/** A round on the screen: reads come in with nothing to touch, then the seals, one confirmation, and what became of each. */

import { behind } from "../behind";
import { fromHex } from "../bytes";
import { el, fill } from "../dom";
import { EventType, Field } from "../event";
import { explain } from "../explain";
import { settle } from "../guard";
import { t } from "../i18n";
import { logScan } from "../items";
import { groupNumber } from "../s10";
import { get, setSetting } from "../store";
import { play } from "../sound";
import { prepareSpeech, speakNumber } from "../speech/speak";
import { why } from "../teach/why";
import { type Desk, evidence, OFFER_S, RECENT } from "./acts";
import { kindOf } from "./outcome";
import type { Found } from "./reading";
import { countOf, type Expected, type Here, judge, leaveOut, type Line, missing, type Round, stepOf, take, undo } from "./round";
import { askSeals } from "./sealround";
import { draftOf, signAndKeep, type Signed } from "./signing";
import { askTaker, confirm, type SealSeen } from "./steps";
import { actions, alarm, banner, button } from "./view";
import { actionWord, resultOf, type ResultKind } from "./words";

/** What the page does for a round. */
export interface Stage {
  /** "round" while it reads, "step" while it asks, "result" when it is over. */
  show(view: "round" | "step" | "result"): void;
  /** The round is over, or was given up: another read is a single one again. */
  leave(): void;
  /** One envelope that is dealt with by itself. */
  single(found: Found): void;
  /** A false label among the envelopes: reported at once, as outside a round. */
  falseLabel(found: Found): void;
}

const LOGGED: ReadonlySet<ResultKind> = new Set(["genuine", "again", "unlisted", "misplaced", "alone", "practice"]);
const FALSE: ReadonlySet<ResultKind> = new Set(["forged", "unknown-key"]);

export class RoundView {
  private last: ResultKind | null = null;
  private note = "";
  private pending: readonly KeptRead[] = []; // of a round that was cut off, not looked at again yet

  constructor(private readonly desk: Desk, private round: Round, private readonly here: Here, private readonly stage: Stage) {
    prepareSpeech();
  }

  /** Show it, before the first read or after what was read before. */
  open(): void {
    this.stage.show("round");
    this.draw();
  }

  /** These were read before the page went away: they come in again one by one, and none is forgotten until it has. */
  expect(reads: readonly KeptRead[]): readonly KeptRead[] {
    this.pending = reads;
    return reads;
  }

  /** One read: judged, heard, counted. */
  read(found: Found): void {
    this.pending = this.pending.filter(({ text }) => text !== found.text);
    const kind = judge(this.round, found, this.here);
    this.round = take(this.round, found, kind);
    this.last = kind;
    this.note = found.number ? groupNumber(found.number) : "";
    const { done, of } = countOf(this.round);
    play(kind === "genuine" && done === of ? "done" : resultOf(kind).sound);
    if (kind === "genuine") {
      behind(speakNumber(done));
    }
    if (!LOGGED.has(kind)) {
      logScan({ text: kind === "foreign" ? "" : found.text, format: "", method: found.method, outcome: kind, place: this.desk.place });
    }
    if (FALSE.has(kind)) {
      this.stage.falseLabel(found);
    }
    this.keep();
    this.draw();
  }

  /** The round outlives a page that is closed or dies: the reads are kept until they are signed for or given up. */
  private keep(): void {
    if (this.desk.sign) {
      return; // practice leaves nothing behind
    }
    const reads = [...this.round.lines.map(({ found }) => ({ text: found.text, method: found.method })), ...this.pending];
    behind(setSetting("round", { person: this.here.person, kind: this.round.kind, reads } satisfies KeptRound));
  }

  private async forget(): Promise<void> {
    if (!this.desk.sign) {
      await setSetting("round", null);
    }
  }

  private draw(): void {
    const { done, of } = countOf(this.round);
    const all = done > 0 && done === of;
    const words = { n: done, m: of };
    fill(this.desk.root,
      this.last ? banner(resultOf(this.last), this.note) : null,
      el("section", { class: "round", "data-done": done, "data-of": of },
        el("p", { class: "round-title" }, this.round.kind === "receive" ? t("Receiving what is offered to you") : t("Handing over to one person")),
        el("p", { class: "round-count", role: "status" }, el("b", {}, String(done)), " ", el("span", {}, t("of {m}", words))),
        el("progress", { max: Math.max(of, 1), value: done, "aria-label": t("{n} of {m} scanned", words) }),
        el("p", { class: "next" }, all
          ? t("All are here. Go on below.")
          : t("Scan one envelope after the other. There is nothing to touch in between.")),
        why("round"),
        list(t("Still to come: {n}", { n: missing(this.round).length }), missing(this.round), all || of > 12),
        list(t("Scanned: {n}", { n: done }), this.round.lines.map(({ item }) => ({ number: item.number, who: item.recipient?.name ?? "" })), true),
        this.asideList()),
      actions(
        done ? button(t("Go on with {n}", { n: done }), "primary", () => behind(this.goOn()), { "data-action": "go-on" }) : null,
        el("div", { class: "two" },
          done ? button(t("Undo the last"), "", () => this.undoLast(), { "data-action": "undo" }) : null,
          button(done ? t("Give up") : t("Back"), "", () => behind(this.giveUp()), { "data-action": "give-up" }))));
  }

  private asideList(): HTMLElement | null {
    const { asides } = this.round;
    return asides.length === 0 ? null : el("details", { class: "asides", open: true }, el("summary", {}, t("Laid aside: {n}", { n: asides.length })),
      el("ul", {}, ...asides.map(({ found, kind }) => el("li", {},
        el("span", { class: "number" }, groupNumber(found.number ?? "")), " ", resultOf(kind).word))));
  }

  private undoLast(): void {
    const last = this.round.lines.at(-1);
    this.round = undo(this.round);
    this.last = "undone";
    this.note = last ? groupNumber(last.item.number) : "";
    play("undone");
    this.keep();
    this.draw();
  }

  private async giveUp(): Promise<void> {
    const many = this.round.lines.length;
    this.stage.show("step");
    const sure = many === 0 || (await confirm(this.desk.root, t("Give the round up?"),
      t("{n} scans are forgotten. Nothing is signed, nothing changes hands.", { n: many }), t("Give up"), "round"));
    if (sure) {
      await this.forget();
      this.stage.leave();
    } else {
      this.open();
    }
  }

  private async goOn(): Promise<void> {
    this.stage.show("step");
    try {
      const signed = this.round.kind === "receive" ? await this.receive() : await this.handOver();
      if (signed) {
        await this.forget();
        this.stage.show("result");
        this.showSigned(signed);
      } else {
        this.open();
      }
    } catch (error) {
      this.open();
      this.desk.root.prepend(alarm(explain(error)));
    }
  }

  private async receive(): Promise<Signed[] | null> {
    const sealed = await askSeals(this.desk.root, this.round.lines);
    if (!sealed) {
      return null;
    }
    for (const uid of sealed.left) {
      this.round = leaveOut(this.round, uid);
    }
    const { lines } = this.round;
    const givers = [...new Set(lines.map(({ item }) => item.offer?.giver.name ?? "?"))].join(", ");
    const sure = lines.length > 0 && (await confirm(this.desk.root, t("Receive {n} envelopes?", { n: lines.length }),
      t("You sign for each that it is in your hands and that you read its seal, which is the one that was entered. From {names}.", { names: givers }),
      t("Sign for {n}", { n: lines.length }), "round"));
    return sure ? this.sign(lines, sealed.seen) : null;
  }

  private async handOver(): Promise<Signed[] | null> {
    const { lines } = this.round;
    const first = lines[0]?.item.recipient ?? null;
    const together = lines.every(({ item }) => item.recipient?.code === first?.code) ? first : null;
    const recent = (await get<string[]>("settings", "recent-takers")) ?? [];
    const mine = { id: this.here.person, office: this.desk.place };
    const taker = await askTaker(this.desk.root, { ...(lines[0] as Line).item, recipient: together }, mine, recent);
    const sure = taker && (await confirm(this.desk.root, t("Hand over {n} to {name}?", { n: lines.length, name: taker.name }),
      t("Give the envelopes into their hands. Until they have signed for each, you answer for it."), t("Sign for {n}", { n: lines.length })));
    if (!sure) {
      return null;
    }
    if (!this.desk.sign) {
      await setSetting("recent-takers", [taker.id, ...recent.filter((id) => id !== taker.id)].slice(0, RECENT));
    }
    return this.sign(lines, new Map(), taker.id);
  }

  /** One event for each envelope, all of them kept or none. */
  private async sign(lines: readonly Line[], seals: ReadonlyMap<string, SealSeen>, taker = ""): Promise<Signed[]> {
    const drafts = await Promise.all(lines.map(async ({ found, item }) => {
      const step = stepOf(this.round.kind, item) ?? "receive";
      const extra = await evidence(found, seals.get(item.uid) ?? null);
      if (taker) {
        extra.set(Field.OFFEREE, fromHex(taker)).set(Field.EXPIRY, OFFER_S);
      } else if (item.offer) {
        extra.set(Field.CITES, fromHex(item.offer.id));
      }
      const type = taker ? EventType.OFFER : step === "deliver" ? EventType.DELIVER : EventType.ACCEPT;
      return draftOf(this.desk, item, { type, title: actionWord(step), extra });
    }));
    return signAndKeep(this.desk, drafts);
  }

  /** What became of them, as one result; whoever was left out is named with the next step. */
  private showSigned(signed: readonly Signed[], again = false): void {
    const remarks = this.desk.session.me.remarks;
    const kinds = signed.map(({ outcome }) => kindOf(outcome, remarks));
    const worst = (["refused", "flagged", "waiting"] as const).find((kind) => kinds.includes(kind)) ?? "done";
    const { lines, asides } = this.round;
    if (!again) {
      play(resultOf(worst).sound);
    }
    const over = el("section", { class: "round over", "data-signed": signed.length },
      el("p", { class: "round-count" }, el("b", {}, String(signed.length)), " ", el("span", {}, this.round.kind === "receive" ? t("received") : t("offered"))),
        el("p", { class: "next" }, this.round.kind === "receive"
          ? t("They are in your name now.") : t("They stay in your name until each is signed for on the other device.")),
        el("ul", { class: "signed" }, ...lines.map(({ item }, index) => el("li", { "data-kind": kinds[index] ?? "" },
          el("span", { class: "number" }, groupNumber(item.number)), " ", resultOf(kinds[index] ?? "done").word))), why("round"));
    fill(this.desk.root, banner(resultOf(worst)), over,
      ...asides.map((aside) => this.aside(aside.found, aside.kind)),
      actions(settle(button(t("Scan on"), "primary", () => this.stage.leave(), { "data-action": "scan-on" }))));
    if (kinds.includes("waiting")) {
      this.follow(signed, over);
    }
  }

  /** Draw it again once what waits is answered, while it is still what is shown. */
  private follow(signed: readonly Signed[], over: HTMLElement): void {
    const { outbox } = this.desk;
    const stop = outbox.onChange(() => behind(Promise.all(signed.map(async ({ id }) => ({ id, outcome: await outbox.outcomeOf(id) }))).then((now) => {
      if (!over.isConnected) {
        stop();
      } else if (now.some(({ outcome }, index) => outcome.kind !== signed[index]?.outcome.kind)) {
        stop();
        this.showSigned(now, true);
      }
    })));
  }

  private aside(found: Found, kind: ResultKind): HTMLElement {
    const result = resultOf(kind);
    return el("section", { class: "aside" },
      el("p", {}, el("span", { class: "number" }, groupNumber(found.number ?? "")), " ", el("b", {}, result.word)),
      el("p", {}, kind === "alone" ? t("Nothing was signed for it.") : result.text),
      found.item ? button(t("Deal with it now"), "", () => this.stage.single(found)) : null);
  }
}

type KeptRead = Pick<Found, "text" | "method">;

interface KeptRound {
  readonly person: string;
  readonly kind: Round["kind"];
  readonly reads: readonly KeptRead[];
}

/** The reads of a round that was cut off, where they are *person*'s. */
export async function keptRound(person: string): Promise<KeptRound | null> {
  const kept = await get<KeptRound | null>("settings", "round");
  return kept?.person === person && kept.reads.length ? kept : null;
}

function list(title: string, of: readonly Expected[], closed: boolean): HTMLElement | null {
  return of.length === 0 ? null : el("details", { class: "round-list", open: !closed }, el("summary", {}, title),
    el("ul", {}, ...of.map(({ number, who }) => el("li", {}, el("span", { class: "number" }, groupNumber(number)), who ? el("small", {}, who) : null))));
}
