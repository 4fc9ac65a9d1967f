/** The way to the page of bags, from where envelopes are scanned. */

import { el } from "../dom";
import { t } from "../i18n";
import type { Person } from "../told";

const CARRIERS = ["issuer", "clerk", "courier", "supervisor", "security"]; // as `web/access.py` has it

/** Where many envelopes become one bag; a recipient makes none. */
export function bagDoor(person: Person): HTMLElement | null {
  return CARRIERS.some((role) => person.roles.includes(role))
    ? el("a", { class: "action quiet", href: "/bag", "data-action": "bag" }, t("Close or open a bag")) : null;
}
