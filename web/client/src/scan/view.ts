/** Pieces of the scan page that only show: result banner, item card, findings, buttons. */

import { el, icon, type Child } from "../dom";
import { showTime, t } from "../i18n";
import { marksOf } from "../items";
import { groupNumber } from "../s10";
import { contactsView } from "../deliver/contacts";
import { why } from "../teach/why";
import type { Finding, Item } from "../told";
import { adviceOf, type Result, stateLine } from "./words";

const SEVERE = new Set(["C", "H", "critical", "high"]);

export function banner(result: Result, note = ""): HTMLElement {
  const shape = icon(result.shape);
  shape.classList.add("shape");
  const text = [result.text, note].filter(Boolean).join(" ");
  return el("div", { class: "result", "data-tone": result.tone, role: "status" },
    shape, el("div", {}, el("b", { class: "word" }, result.word), text ? el("p", { class: "text" }, text) : null));
}

export function itemCard(item: Item, myId: string): HTMLElement {
  const advice = adviceOf(item);
  const open = item.findings.filter((finding) => !finding.resolved);
  return el("article", { class: "item" },
    el("p", { class: "what" }, el("span", { class: "number" }, groupNumber(item.number)), ...markList(item)),
    el("p", { class: "state" }, stateLine(item, myId)),
    el("dl", { class: "facts" }, ...facts(item)),
    el("p", { class: "next" }, advice.next),
    el("p", { class: "why" }, advice.why),
    why(advice.subject),
    contactsView(item),
    open.length ? findingList(open) : null);
}

export function findingList(findings: readonly Finding[]): HTMLElement {
  return el("ul", { class: "findings" }, ...findings.map((finding) =>
    el("li", { class: "finding", "data-severity": SEVERE.has(finding.severity) ? "H" : "M" },
      el("b", {}, finding.title || finding.code), finding.advice ? el("p", {}, finding.advice) : null)));
}

export function button(text: Child, kind: string, onclick: () => void, attributes: Record<string, string | boolean> = {}): HTMLButtonElement {
  return el("button", { type: "button", class: `action ${kind}`.trim(), onclick, ...attributes }, text);
}

export function actions(...buttons: Child[]): HTMLElement {
  return el("div", { class: "actions" }, ...buttons);
}

/** Whatever went wrong, in plain words and loud. */
export function alarm(text: string): HTMLElement {
  return el("p", { class: "alarm", role: "alert" }, text);
}

function markList(item: Item): HTMLElement[] {
  return marksOf(item).map((mark) => el("span", { class: mark.length > 1 ? "mark urgent" : "mark" }, mark));
}

function facts(item: Item): HTMLElement[] {
  const kind = ["", t("Letter"), t("Packet"), t("Parcel")][item.kind ?? 0] ?? "";
  const rows: [string, string | undefined][] = [
    [t("Kind"), kind],
    [t("From"), item.sender?.name],
    [t("To"), item.recipient?.name],
    [t("Agreed time"), item.due_ms ? showTime(item.due_ms) : undefined],
  ];
  return rows.flatMap(([name, value]) => (value ? [el("dt", {}, name), el("dd", {}, value)] : []));
}
