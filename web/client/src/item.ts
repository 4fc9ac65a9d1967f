/** Entry of /items/<number>: what is decided at a desk (label, void, override), each signed, some by two persons. */

import { postJson } from "./api";
import { behind } from "./behind";
import { fromHex } from "./bytes";
import type { Value } from "./cbor";
import { byId, el, fill } from "./dom";
import { EventType, Field, type Fields, fieldsOfJson, reasonText } from "./event";
import { explain } from "./explain";
import { enter } from "./gate";
import { guardKeys } from "./guard";
import { t } from "./i18n";
import { getItem } from "./items";
import { parseDigits } from "./label";
import type { Outbox } from "./outbox";
import { printLabel } from "./print";
import { type Done, signAndSend } from "./scan/acts";
import { follow, outcomeView } from "./scan/outcome";
import { askReason, askTaker } from "./scan/steps";
import { actions, alarm, button } from "./scan/view";
import { actionWord, adviceOf, arrange } from "./scan/words";
import type { Session } from "./session";
import { play } from "./sound";
import type { ActionName, Item } from "./told";
import { askWitness } from "./witness";

const AT_DESK: readonly ActionName[] = ["override", "relabel", "void"];

class ItemPage {
  constructor(
    private readonly root: HTMLElement,
    private readonly number: string,
    private readonly session: Session,
    private readonly outbox: Outbox,
  ) {}

  async open(): Promise<void> {
    const item = await getItem(this.number);
    const desk = AT_DESK.filter((name) => item.actions.includes(name));
    const decides = desk.includes("override") && (item.held || item.verdict === "BROKEN");
    const scan = arrange(item).main[0];
    if (!scan && !desk.length) {
      fill(this.root);
      return;
    }
    this.root.classList.add("scan", "desk");
    fill(this.root, el("p", { class: "next" }, adviceOf(item).next), actions(
      decides ? this.action(item, "override", "primary") : null,
      scan ? el("a", { class: decides ? "action" : "action primary", href: `/scan#${item.number}` }, actionWord(scan)) : null,
      ...desk.filter((name) => !decides || name !== "override").map((name) => this.action(item, name, name === "void" ? "danger" : ""))));
  }

  private action(item: Item, name: ActionName, kind: string): HTMLElement {
    return button(actionWord(name), kind, () => behind(this.begin(item, name)), { "data-action": name });
  }

  private async begin(item: Item, name: ActionName): Promise<void> {
    try {
      const run = name === "override" ? this.override(item) : name === "relabel" ? this.relabel(item) : this.void(item);
      const done = await run;
      if (done) {
        await this.show(done);
      } else {
        await this.open();
      }
    } catch (error) {
      fill(this.root, alarm(explain(error)), actions(button(t("Back"), "", () => behind(this.open()))));
    }
  }

  private async show(done: Done): Promise<void> {
    const { result, parts } = await outcomeView(done, this.session.me.remarks);
    const [head, ...below] = parts;
    play(result.sound);
    follow(this.outbox, done, (later) => behind(this.show(later)));
    fill(this.root, head, el("p", { class: "entry" }, el("b", {}, done.title)), ...below,
      actions(button(t("Show the chain as it is now"), "primary", () => location.reload())));
  }

  private desk(): { session: Session; outbox: Outbox; place: number } {
    return { session: this.session, outbox: this.outbox, place: this.session.me.person.office?.code ?? 0 };
  }

  /** A supervisor's decision: who holds it from now on, on which findings, why; a second supervisor signs too. */
  private async override(item: Item): Promise<Done | null> {
    const reason = await askReason(this.root, actionWord("override"), [[0, ""]], t("Go on"));
    const holder = reason && (await askTaker(this.root, item, { id: "", office: this.desk().place },
      [item.custodian?.id ?? "", this.session.me.person.id]));
    const second = holder && (await askWitness(this.root, t("A second supervisor signs with you")));
    if (!second) {
      return null;
    }
    const findings = item.findings.filter((finding) => !finding.resolved).map((finding) => fromHex(finding.id));
    const extra: Fields = new Map<number, Value>([
      [Field.OFFEREE, fromHex(holder.id)], [Field.FINDINGS, findings], [Field.REASON_TEXT, reasonText(reason.text)],
    ]);
    return signAndSend(this.desk(), item, EventType.OVERRIDE, actionWord("override"), extra, second);
  }

  /** A new label for the same item; the old one is void at once. */
  private async relabel(item: Item): Promise<Done | null> {
    const reason = await askReason(this.root, t("Why a new label?"), [[0, ""]], t("Go on"));
    const second = reason && (await askWitness(this.root, t("A witness of your office signs with you")));
    if (!second) {
      return null;
    }
    const text = reasonText(reason.text);
    const issued = await postJson<{ digits: string; register: Record<string, unknown> }>(
      `/api/v1/items/${item.number}/relabel`, { reason: text });
    const label = parseDigits(issued.digits);
    if (label.number !== item.number || label.instance <= item.instance) {
      throw new Error(t("The label that came back is not for this item. Nothing was signed; tell your administrator."));
    }
    const extra = fieldsOfJson(issued.register);
    extra.set(Field.LABEL_RAW, label.raw).set(Field.REASON_TEXT, text);
    const done = await signAndSend(this.desk(), item, EventType.RELABEL, actionWord("relabel"), extra, second);
    if (done.outcome.kind === "stored") {
      void printLabel(item.number).catch(() => undefined); // the page offers it again
    }
    return done;
  }

  private async void(item: Item): Promise<Done | null> {
    const reason = await askReason(this.root, actionWord("void"), [[0, ""]], t("Sign"));
    return reason && signAndSend(this.desk(), item, EventType.VOID, actionWord("void"),
      new Map<number, Value>([[Field.REASON_TEXT, reasonText(reason.text)]]));
  }
}

const root = byId("item-actions");
const number = byId("page")?.dataset["number"];
if (root && number) {
  guardKeys(() => play("warn"));
  behind(enter(root, (session, outbox) => new ItemPage(root, number, session, outbox).open()));
}
