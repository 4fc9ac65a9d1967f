/** A number that nobody read: the likeliest of ruined bars, and in the register. A person compares it, or types another. */

import { el } from "../dom";
import { t } from "../i18n";
import { groupNumber } from "../s10";

const NEEDED = 2; // stills of a camera

/** The suggestions of a stream: one counts once two stills in a row agree, and is asked about once. */
export class Suggestions {
  private last = "";
  private count = 0;
  private readonly asked = new Set<string>();

  /** The number to ask about now, or null. */
  next(number: string | null): string | null {
    this.count = number && number === this.last ? this.count + 1 : 1;
    this.last = number ?? "";
    if (!number || this.count < NEEDED || this.asked.has(number)) {
      return null;
    }
    this.asked.add(number);
    return number;
  }
}

/** Ask whether the bars are this number; *onNo* lets the person type it. The dialog is open when this returns. */
export function askWhether(number: string, onYes: () => void, onNo: () => void): HTMLDialogElement {
  const answer = (then: () => void) => () => {
    dialog.close();
    then();
  };
  const no = el("button", { type: "button", class: "action", onclick: answer(onNo) }, t("No, type the number"));
  const dialog = el("dialog", { class: "sheet", "aria-labelledby": "suggested", onclose: () => dialog.remove() },
    el("div", { class: "step" },
      el("h2", { id: "suggested" }, t("Is it this number?")),
      el("p", { class: "hint" }, t("The bars could not be read. Compare every digit with the number under them.")),
      el("p", { class: "suggested-number" }, groupNumber(number)),
      el("p", { class: "hint" }, t("It is marked as typed by hand.")),
      el("div", { class: "actions" },
        el("button", { type: "button", class: "action primary", onclick: answer(onYes) }, t("Yes, every digit")), no)));
  document.body.append(dialog);
  dialog.showModal();
  no.focus(); // a reader's Enter must not say yes
  return dialog;
}
