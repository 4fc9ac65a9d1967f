/** Opening a bag: the seal unseen, a witness, what came out; then one signature for all, and only what is wrong is shown. */

import { behind } from "../behind";
import { type Bytes, fromHex, toHex } from "../bytes";
import type { Value } from "../cbor";
import type { Draft } from "../device";
import { el, fill } from "../dom";
import { EventType, Field, type Fields, Method, Reason, reasonText } from "../event";
import { explain } from "../explain";
import { t } from "../i18n";
import { groupNumber } from "../s10";
import { CannotError, type Done, evidence } from "../scan/acts";
import { act } from "../scan/flows";
import { follow, outcomeView } from "../scan/outcome";
import { type Found, labelOf } from "../scan/reading";
import { draftOf, type Signed, signInTurn } from "../scan/signing";
import { askSeal, type SealSeen, showComparison } from "../scan/steps";
import { actions, alarm, banner, button } from "../scan/view";
import { resultOf, type ResultKind } from "../scan/words";
import { play } from "../sound";
import { why } from "../teach/why";
import type { Item } from "../told";
import { askWitness } from "../witness";
import { askReport } from "./asks";
import { type Emptied, judgeOut, leafIn, leafNow, missingOf, takeOut } from "./list";
import { leafOf, manifestOf } from "./manifest";
import { counter, hear, type Job, showBusy, type Stage, troubled } from "./stage";

type Step = (earlier: readonly Bytes[]) => Draft;

export class Opening implements Job {
  private bag: Emptied;
  private seal: SealSeen | null = null;
  private last: ResultKind | null = null;
  private lastNumber = "";

  constructor(private readonly stage: Stage, private readonly found: Found, private readonly item: Item) {
    this.bag = { contents: item.contents ?? [], out: new Map(), extra: [], unknown: [] };
  }

  get isBegun(): boolean {
    return this.seal !== null;
  }

  /** The seal comes first: nothing is read before it was compared. */
  async begin(): Promise<void> {
    const { desk } = this.stage;
    this.stage.view("step");
    try {
      if (!this.bag.contents.length || this.bag.contents.some((one) => !one.leaf)) {
        throw new CannotError(t("This device does not know the list of this bag. Leave it sealed and open it when the connection is back."));
      }
      const label = labelOf(this.found);
      if (!label) {
        throw new CannotError(t("The seal cannot be compared without the label. Scan the square code."));
      }
      for (;;) {
        const seen = await askSeal(desk.root, label, fromHex(this.item.seal_commitment ?? ""));
        const choice = seen && (await showComparison(desk.root, seen, t("Open the bag")));
        if (!seen || choice === null) {
          this.stage.again();
          return;
        }
        if (choice === "refuse") {
          await this.report();
          return;
        }
        if (choice === "sign") {
          this.seal = seen;
          this.draw();
          return;
        }
      }
    } catch (error) {
      fill(desk.root, alarm(explain(error)), actions(button(t("Back"), "", () => this.stage.again())));
    }
  }

  read(found: Found): void {
    this.last = found.number === this.item.number ? "again" : judgeOut(this.bag, found); // its own label is no content
    this.bag = takeOut(this.bag, found, this.last);
    this.lastNumber = found.number ? groupNumber(found.number) : "";
    hear(this.last, this.bag.out.size);
    this.draw();
  }

  draw(): void {
    this.stage.view("scan");
    const all = this.bag.contents.length;
    const out = this.bag.out.size;
    const extra = this.bag.extra.length + this.bag.unknown.length;
    fill(this.stage.desk.root,
      el("section", { class: "bag" },
        el("h2", { tabindex: -1 }, t("Open the bag {number}", { number: groupNumber(this.item.number) })),
        el("p", { class: "next" }, t("Scan each envelope as it comes out. At the end only what is wrong is shown.")),
        this.last ? banner(resultOf(this.last), this.lastNumber) : null,
        counter(t("{n} of {all}", { n: out, all }), extra ? t("taken out, and {n} too many", { n: extra }) : t("taken out")),
        why("opening")),
      actions(button(t("The bag is empty"), out === all ? "primary" : "", () => behind(this.finish()), { "data-action": "empty" })));
  }

  /** The seal is another one, and the bag stays closed: that is reported, signed. */
  private async report(): Promise<void> {
    const { desk } = this.stage;
    const done = await act(desk, this.found, "report");
    if (!done) {
      this.stage.again();
      return;
    }
    const { result, parts } = await outcomeView(done, desk.session.me.remarks, "record");
    this.stage.view("result");
    play(result.sound);
    fill(desk.root, ...parts, el("p", { class: "next" }, t("Leave the bag closed and apart until a supervisor has come.")),
      actions(button(t("Back"), "", () => this.stage.again())));
  }

  private async finish(): Promise<void> {
    const { desk } = this.stage;
    this.stage.view("step");
    try {
      const isWrong = this.isWrong();
      const text = isWrong ? await askReport(desk.root, t("Something is wrong"), this.differences(), this.record()) : "";
      const second = text === null ? null : await askWitness(desk.root, t("A witness of your office signs with you"), "opening");
      if (text === null || !second) {
        this.draw();
        return;
      }
      showBusy(this.stage);
      await this.sign(second, reasonText(text));
    } catch (error) {
      fill(desk.root, alarm(explain(error)), actions(button(t("Back to the bag"), "", () => this.draw())));
    }
  }

  private isWrong(): boolean {
    const isSealGood = this.seal?.same === true && this.seal.condition === 0;
    return missingOf(this.bag).length + this.bag.extra.length + this.bag.unknown.length > 0 || !isSealGood;
  }

  /** Only what is wrong. */
  private differences(): HTMLElement[] {
    const rows = (title: string, numbers: readonly string[]): HTMLElement[] => (numbers.length ? [el("h3", {}, title),
      el("ul", { class: "bag-list trouble" }, ...numbers.map((number) => el("li", { class: "number" }, groupNumber(number))))] : []);
    const missing = missingOf(this.bag).map(({ number }) => number);
    const extra = [...this.bag.extra.map(({ item }) => item.number), ...this.bag.unknown.map(({ number }) => number ?? "?")];
    return [
      ...rows(t("Missing: {n}", { n: missing.length }), missing), ...rows(t("Too many: {n}", { n: extra.length }), extra),
      el("p", { class: "hint" }, missing.length ? t("Turn the bag inside out and look once more, both of you.") : t("Look once more, both of you.")),
    ];
  }

  /** What both offices read: counts and places, and of what else is under way not a number. */
  private record(): string {
    const here = this.stage.offices.find(({ code }) => code === this.stage.desk.place)?.name ?? String(this.stage.desk.place);
    const seal = this.seal?.same ? (this.seal.condition === 0 ? t("seal the same") : t("seal damaged")) : t("another seal");
    return t("Opened at {place}: {all} closed, {out} found, {missing} missing, {extra} too many; {seal}.", {
      place: here, all: this.bag.contents.length, out: this.bag.out.size, missing: missingOf(this.bag).length,
      extra: this.bag.extra.length + this.bag.unknown.length, seal,
    });
  }

  private async sign(second: NonNullable<Draft["second"]>, record: string): Promise<void> {
    const { desk } = this.stage;
    const out = this.bag.contents.filter((one) => this.bag.out.has(one.uid));
    const leaves = [...out.map(leafIn), ...this.bag.extra.map(({ item }) => leafNow(item, crypto.getRandomValues(new Uint8Array(16))))];
    const { manifest, proofs } = manifestOf(leaves);
    const opening = await evidence(this.found, this.seal);
    opening.set(Field.MANIFEST, manifest);
    const missing = missingOf(this.bag).map((one) => leafOf(leafIn(one)));
    if (missing.length) {
      opening.set(Field.MISSING, missing);
    }
    const open: Step = () => draftOf(desk, this.item, { type: EventType.OPEN, title: t("Bag opened"), extra: opening, second });
    const things = [...out.map((one) => ({ target: one, found: this.bag.out.get(one.uid) })), ...this.bag.extra.map(({ item, found }) => ({ target: item, found }))];
    const title = t("Taken out of the bag {number}", { number: groupNumber(this.item.number) });
    const unloads = await Promise.all(things.map(async ({ target, found }, index): Promise<Step> => {
      const seen: Fields = found ? await evidence(found, null) : new Map<number, Value>([[Field.METHOD, Method.MANUAL]]);
      return (earlier) => draftOf(desk, target, { type: EventType.UNLOAD, title, extra: new Map<number, Value>([
        ...seen, [Field.CITES, earlier[0] as Bytes], [Field.CONTAINER, fromHex(this.item.uid)], [Field.LEAF, proofs[index] as [number, Bytes, Bytes[]]],
      ]) });
    }));
    const signed = await signInTurn(desk, [open, ...unloads, this.ending(record)]);
    const stray = await this.sightings();
    await this.show([...signed, ...stray], [this.item.number, ...things.map(({ target }) => target.number), this.item.number]);
  }

  /** All is well: the label is withdrawn. Something is wrong: the record, and the bag stays as it is until it is decided. */
  private ending(record: string): Step {
    const { desk } = this.stage;
    return ([opened]) => {
      const target = { number: this.item.number, uid: this.item.uid, seq: this.item.seq + 1, head: toHex(opened as Bytes) };
      const extra: Fields = new Map<number, Value>([[Field.REASON, record ? Reason.DIFFERENCE : Reason.EMPTIED]]);
      return record
        ? draftOf(desk, target, { type: EventType.SIGHT, title: t("Difference recorded"), extra: extra.set(Field.REASON_TEXT, record) })
        : draftOf(desk, target, { type: EventType.RETIRE, title: t("Bag label withdrawn"), extra });
    };
  }

  /** Genuine labels of which this device knows nothing more: each is reported by its bytes. */
  private async sightings(): Promise<Signed[]> {
    const { desk } = this.stage;
    const steps = this.bag.unknown.flatMap(({ label, method }): Step[] => (label ? [() => draftOf(desk,
      { number: label.number, uid: label.uid, seq: -1, head: new Uint8Array(32) },
      { type: EventType.SIGHT, title: t("Sighting reported"), extra: new Map<number, Value>([
        [Field.LABEL_RAW, label.raw], [Field.METHOD, method], [Field.REASON, Reason.DIFFERENCE],
      ]) })] : []));
    return steps.length ? signInTurn(desk, steps) : [];
  }

  private async show(signed: readonly Signed[], numbers: readonly string[]): Promise<void> {
    const { desk } = this.stage;
    const { remarks } = desk.session.me;
    const isWrong = this.isWrong();
    const done: Done = { ...(signed[0] as Signed), number: this.item.number, title: t("Bag opened"), known: true };
    const { result, parts } = await outcomeView(done, remarks, isWrong ? "record" : "opening");
    this.stage.view("result");
    play(result.sound);
    follow(desk.outbox, done, (later) => behind(this.show([{ id: later.id, outcome: later.outcome }, ...signed.slice(1)], numbers)));
    fill(desk.root, el("section", { class: "bag bag-done" }, ...parts.slice(0, 1),
      el("h2", { class: "entry" }, t("Bag opened"), " · ", el("span", { class: "number" }, groupNumber(this.item.number))),
      counter(String(this.bag.out.size), t("taken out; they are on your hands now")),
      ...(isWrong ? this.differences().slice(0, -1) : []), troubled(signed.slice(1), numbers.slice(1), remarks),
      el("p", { class: "next" }, isWrong
        ? t("Keep bag, seal and label as they are. Print the record: one copy for each office. Call your supervisor.")
        : t("Sort them and hand them on. The bag's label is withdrawn and cannot be used again.")),
      ...parts.slice(1)),
    actions(isWrong && done.outcome.kind === "stored"
      ? el("a", { class: "action primary", href: `/bag/${this.item.number}/record`, "data-action": "record" }, t("The record for both offices")) : null,
    button(t("Next bag"), isWrong ? "" : "primary", () => this.stage.again())));
  }
}

