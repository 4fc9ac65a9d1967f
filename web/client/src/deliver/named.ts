/**
 * "Only the named person may open it": whoever receives says whether they are that person. If not, nobody else does;
 * but of an item marked Hỏa tốc the leader of the body, or whom they authorise, receives in place of who is absent.
 */

import { el, fill } from "../dom";
import { settle } from "../guard";
import { t } from "../i18n";
import { isOnlyNamed } from "../items";
import { askReason } from "../scan/steps";
import { actions, button } from "../scan/view";
import { Reason } from "../event";
import { why } from "../teach/why";
import type { Item } from "../told";

const EXPRESS = 1;

/** Who receives: the named person or anybody entitled ("free"), or in their place with a reason; "absent": nobody. */
export type Receiver = { readonly kind: "free" } | { readonly kind: "instead"; readonly code: number; readonly text: string } | { readonly kind: "absent" };

type Asked = Pick<Item, "only_named" | "is_returning" | "urgency" | "named">;

/** Whether somebody else may receive while the named person is absent. */
export function mayStandIn(item: Pick<Item, "only_named" | "is_returning" | "urgency">): boolean {
  return !isOnlyNamed(item) || item.urgency === EXPRESS;
}

/** Whether a person is known to be another than the one who is named. */
export function isAnother(item: Pick<Item, "only_named" | "is_returning" | "named">, person: string): boolean {
  return isOnlyNamed(item) && Boolean(item.named?.id) && item.named?.id !== person;
}

/** The named person, as the counter was told: "Trần Văn Tên, Chánh Văn phòng". */
export function whoIs({ named }: Pick<Item, "named">): string {
  return [named?.name, named?.duty].filter(Boolean).join(", ");
}

/**
 * Ask who receives, where the item asks for it. Null where they go back. *self*: whose device this is, if it is the
 * recipient's own; who is known to be another is not asked.
 */
export async function askReceiver(root: HTMLElement, item: Asked, self: string | null): Promise<Receiver | null> {
  if (!isOnlyNamed(item)) {
    return { kind: "free" };
  }
  const answer = self !== null && isAnother(item, self) ? "other" : await askNamed(root, item, self !== null);
  if (answer !== "other") {
    return answer && { kind: "free" };
  }
  if (!mayStandIn(item)) {
    return (await sayNobodyElse(root, item, self !== null)) ? { kind: "absent" } : null;
  }
  const reason = await askReason(root, t("Hỏa tốc: who receives in place of the named person?"), [[Reason.NAMED_ABSENT, ""]], t("Go on"), "named");
  return reason && { kind: "instead", code: Reason.NAMED_ABSENT, text: t("In place of the named person: {who}", { who: reason.text }) };
}

function nameView(item: Asked, text: string): (HTMLElement | null)[] {
  const name = whoIs(item);
  return [name ? el("p", {}, el("b", {}, name)) : null, el("p", {}, text)];
}

function askNamed(root: HTMLElement, item: Asked, isSelf: boolean): Promise<"named" | "other" | null> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Only the named person may open it")),
      ...nameView(item, isSelf ? t("Read the name on the cover. Are you that person?") : t("Read the name on the cover. Is the person before you that person?")),
      why("named")),
    actions(settle(button(isSelf ? t("Yes, it is my name") : t("Yes, it is that person"), "primary", () => resolve("named"), { "data-named": "yes" })),
      settle(button(t("No, the named person is absent"), "danger", () => resolve("other"), { "data-named": "no" })),
      button(t("Back"), "quiet", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}

function sayNobodyElse(root: HTMLElement, item: Asked, isSelf: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Nobody else may receive it")),
      ...nameView(item, t("It is not marked Hỏa tốc: it waits for the named person, unopened.")), why("named")),
    actions(settle(button(isSelf ? t("Refuse: the named person is absent") : t("Record the attempt"), "primary", () => resolve(true))),
      button(t("Back"), "quiet", () => resolve(false))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}
