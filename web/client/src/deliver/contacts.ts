/** Whom to call when the office of the recipient is closed (A8): on the screen of who holds the item, and nowhere else. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Item } from "../told";

/** Name, position and phone, to be called with one touch; null where there is nobody, or the item is another's. */
export function contactsView(item: Pick<Item, "contacts" | "state">): HTMLElement | null {
  const contacts = item.contacts ?? [];
  if (!contacts.length || (item.state !== "HELD" && item.state !== "OFFERED")) {
    return null;
  }
  return el("details", { class: "contacts" }, el("summary", {}, t("Whom to call off hours")),
    el("ul", {}, ...contacts.map(({ name, duty, phone, hours }) => el("li", {},
      el("b", {}, name), duty ? el("span", {}, duty) : null, hours ? el("small", {}, hours) : null,
      el("a", { class: "action", href: `tel:${phone.replace(/[^0-9+]/g, "")}` }, t("Call {phone}", { phone }))))));
}
