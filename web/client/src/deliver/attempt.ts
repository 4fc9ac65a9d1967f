/** Could not deliver: one of six reasons, signed by who holds the item. It stays in their name. */

import { el, fill } from "../dom";
import { EventType, Reason } from "../event";
import { settle } from "../guard";
import { t } from "../i18n";
import { type Desk, type Done, evidence, signAndSend, withReason } from "../scan/acts";
import type { Found } from "../scan/reading";
import { actions, button } from "../scan/view";
import { why } from "../teach/why";
import type { Item } from "../told";
import { contactsView } from "./contacts";

/** The six reasons, as they are signed. */
export function attemptReasons(): readonly (readonly [number, string])[] {
  return [
    [Reason.ABSENT, t("Closed, nobody there")],
    [Reason.NAMED_ABSENT, t("The named person is absent")],
    [Reason.NOT_ENTITLED, t("Nobody entitled to receive")],
    [Reason.DECLINED, t("They do not take it")],
    [Reason.ADDRESS, t("Wrong or old address")],
    [Reason.NO_WAY, t("No way through")],
  ];
}

/** Record a failed attempt; *known* is the reason where it was said already. */
export async function attempt(desk: Desk, found: Found, item: Item, known = 0): Promise<Done | null> {
  const reason = await askAttempt(desk.root, item, known);
  if (!reason) {
    return null;
  }
  const extra = withReason(await evidence(found, null), reason);
  const done = await signAndSend(desk, item, EventType.SIGHT, t("Attempt recorded"), extra);
  return { ...done, next: t("It stays in your name. Call the contact and try again, or bring it back to the office.") };
}

function askAttempt(root: HTMLElement, item: Item, known: number): Promise<{ code: number; text: string } | null> {
  return new Promise((resolve) => {
    let code = known;
    const text = el("input", { id: "attempt-text", maxlength: 200, autocomplete: "off" });
    const error = el("p", { class: "error", role: "alert" });
    const picks = attemptReasons().map(([value, word]) => el("button", {
      type: "button", class: "pick large", "aria-pressed": String(value === known), "data-reason": value, onclick: (event) => {
        code = value;
        picks.forEach((other) => other.setAttribute("aria-pressed", String(other === event.currentTarget)));
      },
    }, word));
    const go = (): void => {
      if (code) {
        resolve({ code, text: text.value });
      } else {
        error.textContent = t("Choose a reason.");
      }
    };
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Why could it not be delivered?")),
      el("p", { class: "hint" }, t("Call first. If nobody can receive it, choose the reason and sign; it stays in your name.")),
      contactsView(item),
      el("div", { class: "choices six", role: "group" }, ...picks),
      el("label", { for: text.id }, t("More, in a few words (may stay empty)")), text, error, why("attempt")),
    actions(settle(button(t("Sign the attempt"), "primary", go)), button(t("Back"), "quiet", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}
