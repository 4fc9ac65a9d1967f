/** Closing a bag: where it goes, what goes in, the seal, the label; then one signature for all of it. */

import { postJson, Unreachable } from "../api";
import { behind } from "../behind";
import { type Bytes, equal, toHex } from "../bytes";
import { putItem } from "../day";
import type { Draft } from "../device";
import { el, fill } from "../dom";
import { Condition, EventType, Field, type Fields, type Method } from "../event";
import type { Value } from "../cbor";
import { explain } from "../explain";
import { t } from "../i18n";
import { commitSeal, type Label, labelDigest, parseDigits, type LabelKey, readLabel } from "../label";
import { printLabel } from "../print";
import { groupNumber } from "../s10";
import { CannotError, type Done, evidence } from "../scan/acts";
import { get, setSetting } from "../store";
import type { DayItem } from "../told";
import { askWitness } from "../witness";
import { follow, outcomeView } from "../scan/outcome";
import type { Found } from "../scan/reading";
import { draftOf, type Signed, signInTurn } from "../scan/signing";
import { actions, alarm, banner, button } from "../scan/view";
import { resultOf, type ResultKind } from "../scan/words";
import { play } from "../sound";
import { why } from "../teach/why";
import { askNewSeal, confirmClosing } from "./asks";
import { judgeIn, leafNow, type Line, MOST } from "./list";
import { manifestOf } from "./manifest";
import { counter, hear, type Job, showBusy, type Stage, troubled } from "./stage";

const UNBOUND: Bytes = new Uint8Array(8);
const ZERO: Bytes = new Uint8Array(32);
const SERVICE = "ZB"; // of bags
const NEW: readonly ResultKind[] = ["unregistered", "forbidden", "offline"];

const KEPT = "bag-kept";

/** A bag that was being filled when the page went away. */
export interface KeptBag {
  readonly person: string;
  readonly destination: number;
  readonly reads: readonly { readonly text: string; readonly method: Method }[];
}

/** The bag that *person* was filling, if the page went away meanwhile. */
export async function keptBag(person: string): Promise<KeptBag | null> {
  const kept = await get<KeptBag | null>("settings", KEPT);
  return kept && kept.person === person ? kept : null;
}

/** A label and the seal that is on the bag. */
interface Sealed {
  readonly label: Label;
  readonly commitment: Bytes;
  readonly isNew: boolean; // not printed yet
}

/** The label of a bag printed in advance: a genuine one that names no seal, of a bag that nobody has closed. */
export function isBagLabel(found: Found): found is Found & { readonly label: Label } {
  return found.label !== null && found.label.number.startsWith(SERVICE) && !found.item && NEW.includes(found.kind)
    && equal(found.label.sealCommitment, UNBOUND);
}

export class Closing implements Job {
  private lines: readonly Line[] = [];
  private stock: Found | null = null;
  private last: ResultKind | null = null;
  private lastNumber = "";

  constructor(private readonly stage: Stage, private readonly keys: ReadonlyMap<string, LabelKey & { bytes: Bytes }>, private destination: number) {}

  get isBegun(): boolean {
    return this.lines.length > 0;
  }

  /** Reads of a bag that was cut off count again, against what the items are by now; not heard. */
  restore(found: Found): void {
    if (isBagLabel(found)) {
      this.stock = found;
    } else if (found.item && judgeIn(this.lines, found, this.stage.desk.session.me.person.id, this.destination) === "genuine") {
      this.lines = [...this.lines, { found, item: found.item }];
    }
  }

  read(found: Found): void {
    this.lastNumber = found.number ? groupNumber(found.number) : "";
    if (isBagLabel(found)) {
      this.stock = found;
      this.last = null;
      play("good");
    } else if (!this.destination) {
      play("warn");
      this.last = null;
    } else {
      this.last = this.lines.length >= MOST ? "alone" : judgeIn(this.lines, found, this.stage.desk.session.me.person.id, this.destination);
      if (this.last === "genuine" && found.item) {
        this.lines = [...this.lines, { found, item: found.item }];
      }
      hear(this.last, this.lines.length);
    }
    behind(this.remember());
    this.draw();
  }

  /** What was scanned outlives the page; a bag that was signed for is not begun again. */
  private async remember(isOver = false): Promise<void> {
    const found = [...(this.stock ? [this.stock] : []), ...this.lines.map((line) => line.found)];
    const reads = found.map(({ text, method }) => ({ text, method }));
    const kept: KeptBag = { person: this.stage.desk.session.me.person.id, destination: this.destination, reads };
    await setSetting(KEPT, isOver || !reads.length ? null : kept);
  }

  draw(): void {
    this.stage.view("scan");
    const n = this.lines.length;
    const select = el("select", { id: "bag-destination", onchange: () => {
      this.destination = Number(select.value);
      behind(setSetting("bag-destination", this.destination));
      this.draw();
    } }, el("option", { value: "" }, t("Choose the office")),
    ...this.stage.offices.filter(({ code }) => code !== this.stage.desk.place).map(({ code, name }) =>
      el("option", { value: code, selected: code === this.destination }, name)));
    const office = this.stage.offices.find(({ code }) => code === this.destination)?.name ?? "";
    const next = n ? t("Scan on; when all are in, put on the seal and sign once for all.") : t("Scan each envelope as you put it in.");
    fill(this.stage.desk.root,
      el("section", { class: "bag" },
        el("h2", { tabindex: -1 }, n ? t("Bag to {office}", { office }) : t("Close a bag")),
        this.last ? banner(resultOf(this.last), this.lastNumber) : el("p", { class: "next" }, this.destination ? next : t("First choose where the bag goes.")),
        ...(n ? [] : [el("label", { for: select.id }, t("Office that opens the bag")), select]),
        this.stock?.label ? el("p", { class: "bag-label" }, t("Bag label"), " ", el("span", { class: "number" }, groupNumber(this.stock.label.number))) : null,
        counter(String(n), t("in the bag")),
        n ? el("p", { class: "hint" }, next) : null,
        n ? el("ol", { class: "bag-list", reversed: true }, ...[...this.lines].reverse().map((line) => this.row(line))) : null,
        why("bag")),
      n ? actions(button(t("Put on the seal"), "primary", () => behind(this.finish()), { "data-action": "seal" })) : null);
  }

  private row({ item }: Line): HTMLElement {
    return el("li", {}, el("span", { class: "number" }, groupNumber(item.number)), " ",
      el("button", { type: "button", class: "quiet", onclick: () => {
        this.lines = this.lines.filter((line) => line.item.uid !== item.uid);
        this.last = "undone";
        behind(this.remember());
        play("undone");
        this.draw();
      } }, t("Take out")));
  }

  private async finish(): Promise<void> {
    const { desk } = this.stage;
    this.stage.view("step");
    try {
      const serial = await askNewSeal(desk.root, this.stock?.label?.number ?? "");
      showBusy(this.stage);
      const sealed = serial === null ? null : await this.seal(serial);
      const how = sealed && (await confirmClosing(desk.root, this.lines.length, sealed.label.number));
      const second = how === "together" ? await askWitness(desk.root, t("A witness of your office signs with you"), "bag") : undefined;
      if (!sealed || !how || second === null) {
        this.draw();
        return;
      }
      showBusy(this.stage);
      await this.sign(sealed, second);
    } catch (error) {
      fill(desk.root, alarm(explain(error)), actions(button(t("Back to the bag"), "", () => this.draw())));
    }
  }

  /** A label from the service, checked here; with no network the one that was scanned. */
  private async seal(serial: string): Promise<Sealed> {
    const stock = this.stock?.label ?? null;
    try {
      const issued = await postJson<{ digits: string }>("/api/v1/bags", { seal: serial, stock: stock ? this.stock?.text ?? "" : "" });
      const reading = await readLabel(issued.digits, this.keys);
      const label = parseDigits(issued.digits);
      const commitment = await commitSeal(label, serial);
      const fits = equal(label.sealCommitment, commitment) || (stock !== null && equal(label.raw, stock.raw));
      if (reading.kind !== "genuine" || !fits || !label.number.startsWith(SERVICE)) {
        throw new CannotError(t("The label that came back is not for this bag. Nothing was signed; tell your administrator."));
      }
      return { label, commitment, isNew: stock === null };
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
      if (!stock) {
        throw new CannotError(t("No connection: scan a bag label that was printed in advance, then go on."));
      }
      return { label: stock, commitment: await commitSeal(stock, serial), isNew: false };
    }
  }

  private async sign({ label, commitment, isNew }: Sealed, second?: Draft["second"]): Promise<void> {
    const { desk } = this.stage;
    const leaves = this.lines.map(({ item }) => leafNow(item, crypto.getRandomValues(new Uint8Array(16))));
    const { manifest, proofs } = manifestOf(leaves);
    const closing: Fields = new Map<number, Value>([
      [Field.LABEL_RAW, label.raw], [Field.SEAL, [commitment, Condition.INTACT]], [Field.MANIFEST, manifest],
    ]);
    const fresh = { number: label.number, uid: label.uid, seq: -1, head: ZERO };
    const titles = [t("Bag closed"), t("Put into the bag {number}", { number: groupNumber(label.number) })] as const;
    const loads = await Promise.all(this.lines.map(async ({ found, item }, index) => {
      const seen = await evidence(found, null);
      return (earlier: readonly Bytes[]): Draft => draftOf(desk, item, { type: EventType.LOAD, title: titles[1], extra: new Map<number, Value>([
        ...seen, [Field.CITES, earlier[0] as Bytes], [Field.CONTAINER, label.uid], [Field.LEAF, proofs[index] as [number, Bytes, Bytes[]]],
      ]) });
    }));
    const close = (): Draft => draftOf(desk, fresh, { type: EventType.CLOSE, title: titles[0], extra: closing, ...(second ? { second } : {}) });
    const signed = await signInTurn(desk, [close, ...loads]);
    await this.remember(true);
    await this.keep(signed, label, commitment, leaves.map(({ seq, prev }) => [seq, toHex(prev)] as const), proofs);
    await this.show(signed, label.number, isNew);
  }

  /** The bag is an item of this device's day, so that it can be handed on with no network. */
  private async keep(signed: readonly Signed[], label: Label, commitment: Bytes, wentIn: readonly (readonly [number, string])[], proofs: readonly [number, Bytes, Bytes[]][]): Promise<void> {
    const { me } = this.stage.desk.session;
    const contents = await Promise.all(this.lines.map(async ({ item, found }, index) => {
      const [at, salt, path] = proofs[index] as [number, Bytes, Bytes[]];
      return {
        uid: item.uid, number: item.number, seq: item.seq + 1, head: signed[index + 1]?.id ?? "", inside: true,
        leaf: [at, toHex(salt), path.map(toHex)] as const, went_in: wentIn[index] as readonly [number, string], instance: item.instance,
        label_digest: found.label ? toHex(await labelDigest(found.label)) : "",
      };
    }));
    const bag: DayItem = {
      number: label.number, uid: toHex(label.uid), state: "HELD", seq: 0, head: signed[0]?.id ?? "", custodian: { id: me.person.id, name: me.person.name },
      offer: null, instance: label.instance, label: { digits: digitsOf(label) }, seal_commitment: toHex(commitment), kind: null, secrecy: null,
      urgency: null, due_ms: null, sender: null, recipient: null, verdict: "INTACT", findings: [], held: false, actions: [], why: "held", before: "HELD",
      is_container: true, container: null, only_named: false, is_returning: false, contacts: [], contents, ahead: false,
    };
    await putItem(me, bag);
  }

  private async show(signed: readonly Signed[], number: string, isNew: boolean): Promise<void> {
    const { desk } = this.stage;
    const { remarks } = desk.session.me;
    const done: Done = { ...(signed[0] as Signed), number, title: t("Bag closed"), known: true };
    const { result, parts } = await outcomeView(done, remarks, "bag");
    const numbers = [number, ...this.lines.map(({ item }) => item.number)];
    const office = this.stage.offices.find(({ code }) => code === this.destination)?.name ?? "";
    const print = (): void => void printLabel(number, `?destination=${this.destination}`, "bag").catch((error: unknown) => {
      desk.root.querySelector(".bag-done")?.append(alarm(explain(error)));
    });
    this.stage.view("result");
    play(result.sound);
    follow(desk.outbox, done, (later) => behind(this.show([{ id: later.id, outcome: later.outcome }, ...signed.slice(1)], number, isNew)));
    fill(desk.root, el("section", { class: "bag bag-done" }, ...parts.slice(0, 1),
      el("h2", { class: "entry" }, t("Bag closed"), " · ", el("span", { class: "number" }, groupNumber(number))),
      counter(String(this.lines.length), t("in the bag")), troubled(signed.slice(1), numbers.slice(1), remarks),
      el("p", { class: "next" }, isNew ? t("Print the label, tie it to the bag, and hand the bag over: to {office}.", { office })
        : t("Tie the label to the bag and hand the bag over: to {office}.", { office })),
      ...parts.slice(1)),
    actions(isNew && done.outcome.kind === "stored" ? button(t("Print the bag label"), "primary", print, { "data-action": "print" }) : null,
      el("a", { class: isNew ? "action" : "action primary", href: `/scan#${number}` }, t("Hand over the bag")),
      button(t("Next bag"), "quiet", () => this.stage.again())));
  }
}

/** The 224 digits of a label, as they were read. */
function digitsOf(label: Label): string {
  const body = BigInt(`0x${toHex(label.raw)}`).toString().padStart(222, "0");
  return body + String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
}

