/**
 * "Only the named person may open it": whoever receives says whether they are that person. If not, nobody else does;
 * but of an item marked Hỏa tốc the leader of the body, or whom they authorise, receives in place of who is absent.
 */

import { el, fill } from "../dom";
import { settle } from "../guard";
import { t } from "../i18n";
import { askReason } from "../scan/steps";
import { actions, button } from "../scan/view";
import { Reason } from "../event";
import { why } from "../teach/why";
import type { Item } from "../told";

const EXPRESS = 1;

/** Who receives: the named person or anybody entitled ("free"), or in their place with a reason; "absent": nobody. */
export type Receiver = { readonly kind: "free" } | { readonly kind: "instead"; readonly code: number; readonly text: string } | { readonly kind: "absent" };

/** Whether somebody else may receive while the named person is absent. */
export function mayStandIn(item: Pick<Item, "only_named" | "urgency">): boolean {
  return item.only_named !== true || item.urgency === EXPRESS;
}

/** Ask who receives, where the item asks for it. Null where they go back. *isSelf*: the recipient's own device. */
export async function askReceiver(root: HTMLElement, item: Pick<Item, "only_named" | "urgency">, isSelf: boolean): Promise<Receiver | null> {
  if (item.only_named !== true) {
    return { kind: "free" };
  }
  const answer = await askNamed(root, isSelf);
  if (answer !== "other") {
    return answer && { kind: "free" };
  }
  if (!mayStandIn(item)) {
    return (await sayNobodyElse(root, isSelf)) ? { kind: "absent" } : null;
  }
  const reason = await askReason(root, t("Hỏa tốc: who receives in place of the named person?"), [[Reason.NAMED_ABSENT, ""]], t("Go on"), "named");
  return reason && { kind: "instead", code: Reason.NAMED_ABSENT, text: t("In place of the named person: {who}", { who: reason.text }) };
}

function askNamed(root: HTMLElement, isSelf: boolean): Promise<"named" | "other" | null> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Only the named person may open it")),
      el("p", {}, isSelf ? t("Read the name on the cover. Are you that person?") : t("Read the name on the cover. Is the person before you that person?")),
      why("named")),
    actions(settle(button(isSelf ? t("Yes, it is my name") : t("Yes, it is that person"), "primary", () => resolve("named"), { "data-named": "yes" })),
      settle(button(t("No, the named person is absent"), "danger", () => resolve("other"), { "data-named": "no" })),
      button(t("Back"), "quiet", () => resolve(null))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}

function sayNobodyElse(root: HTMLElement, isSelf: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Nobody else may receive it")),
      el("p", {}, t("It is not marked Hỏa tốc: it waits for the named person, unopened.")), why("named")),
    actions(settle(button(isSelf ? t("Refuse: the named person is absent") : t("Record the attempt"), "primary", () => resolve(true))),
      button(t("Back"), "quiet", () => resolve(false))));
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}
