/** Pieces of both sides' screens: the check phrase, a list of items, a refusal in words. */

import { CATALOGUE } from "../../../verifier/src/findings";
import { el } from "../dom";
import { t } from "../i18n";
import { groupNumber } from "../s10";
import { alarm } from "../scan/view";
import { why } from "../teach/why";
import { inLanguages, phraseOf } from "./phrase";
import type { Fault } from "./verify";

/** The four words, big; below them the same in the other language, for a screen that shows that one. */
export async function phraseView(ids: readonly string[]): Promise<HTMLElement> {
  const { own, other } = inLanguages(await phraseOf(ids), document.documentElement.lang);
  return el("section", { class: "pass-phrase", "aria-label": t("Check words") },
    el("p", { class: "small" }, t("Read these four words aloud. They must be the same on both screens:")),
    el("p", { class: "pass-words", lang: document.documentElement.lang }, ...own.map((word) => el("b", {}, word))),
    el("p", { class: "pass-other small" }, other.join(" · ")));
}

/** What stands against an exchange or an item: the finding's own words, what to do, and the code. */
export function faultWords(fault: Fault): { readonly text: string; readonly advice: string } {
  const kind = CATALOGUE.get(fault.code);
  return { text: kind ? t(kind.text) : fault.detail, advice: kind ? t(kind.advice) : "" };
}

/** Nothing was signed: why, in the words of the finding. */
export function refusalView(fault: Fault): HTMLElement {
  const { text, advice } = faultWords(fault);
  return el("section", { class: "pass-refused" },
    heading(t("The codes are refused")),
    alarm(t("Nothing was signed. The other phone's codes are not accepted:")),
    el("p", { class: "finding", "data-severity": "H" }, el("b", {}, text), " ", el("small", {}, fault.code)),
    advice ? el("p", { class: "next" }, advice) : null, why("two-signatures"));
}

export interface Row {
  readonly number: string;
  readonly state: "open" | "good" | "bad";
  readonly word: string;
}

const SIGNS: Readonly<Record<Row["state"], string>> = { open: "○", good: "✓", bad: "✕" };

/** A line of an item: number, sign and word; *inside* is what can be done with it. */
export function rowView(row: Row, ...inside: (HTMLElement | null)[]): HTMLElement {
  return el("li", { class: "pass-item", "data-state": row.state, "data-number": row.number },
    el("p", {}, el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[row.state]),
      el("span", { class: "number" }, groupNumber(row.number)), " ", el("b", {}, row.word)),
    ...inside);
}

export function heading(text: string): HTMLElement {
  return el("h2", { tabindex: -1 }, text);
}
