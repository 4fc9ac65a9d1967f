/** What is asked while a bag is closed or opened, one question at a time. */

import { el, fill } from "../dom";
import { settle } from "../guard";
import { t } from "../i18n";
import { normaliseSeal } from "../label";
import { groupNumber, readNumber } from "../s10";
import { actions, button } from "../scan/view";
import { why } from "../teach/why";

/** The number of the seal that was just put on, read twice. Null where the person goes back. */
export function askNewSeal(root: HTMLElement, stock: string): Promise<string | null> {
  return new Promise((resolve) => {
    const [first, again] = ["seal", "seal-again"].map((id) => el("input", {
      id, class: "seal-input", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40,
    })) as [HTMLInputElement, HTMLInputElement];
    const error = el("p", { class: "error", role: "alert" });
    const go = (): void => {
      const serial = normaliseSeal(first.value);
      if (serial === null || readNumber(first.value)) {
        error.textContent = t("Type the number that stands on the seal: letters and digits.");
        first.focus();
      } else if (normaliseSeal(again.value) !== serial) {
        error.textContent = t("The two numbers differ: read the seal once more.");
        again.value = "";
        again.focus();
      } else {
        resolve(serial);
      }
    };
    first.addEventListener("keydown", (event) => next(event, () => again.focus()));
    again.addEventListener("keydown", (event) => next(event, go));
    fill(root, el("section", { class: "step" },
      el("h2", {}, t("Put on the seal")),
      el("p", { class: "hint" }, stock
        ? t("Close the bag, put on the seal, and type its number twice. The label is {number}.", { number: groupNumber(stock) })
        : t("Close the bag, put on the seal, and type its number twice. The bag gets a new label.")),
      el("label", { for: first.id }, t("Number on the seal")), first,
      el("label", { for: again.id }, t("Read it off the seal once more")), again, error, why("compare")),
    actions(button(t("Go on"), "primary", go), button(t("Back to the bag"), "", () => resolve(null))));
    first.focus();
  });
}

/** Alone, or together with a witness; null goes back. */
export function confirmClosing(root: HTMLElement, count: number, number: string): Promise<"alone" | "together" | null> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("{n} envelopes, one seal", { n: count })),
      el("p", {}, t("You sign that all {n} are in the bag {number} and that it bears this seal. From now on they travel as one.", { n: count, number: groupNumber(number) })),
      why("bag")),
    actions(settle(button(t("Sign for all {n}", { n: count }), "primary", () => resolve("alone"))),
      settle(button(t("Sign with a witness"), "", () => resolve("together"))),
      button(t("Back to the bag"), "quiet", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}

/** A report that is written already and may be put right; null goes back. */
export function askReport(root: HTMLElement, title: string, lines: readonly Node[], report: string): Promise<string | null> {
  return new Promise((resolve) => {
    const input = el("textarea", { id: "report", rows: 4, maxlength: 400 });
    input.value = report;
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, title), ...lines,
      el("label", { for: input.id }, t("The record, for both offices (never what is inside)")), input, why("record")),
    actions(settle(button(t("Go on to the witness"), "primary", () => resolve(input.value))), button(t("Scan on"), "", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}

function next(event: KeyboardEvent, go: () => void): void {
  if (event.key === "Enter") {
    event.preventDefault();
    go();
  }
}
