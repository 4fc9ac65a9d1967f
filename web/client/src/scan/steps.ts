/** The questions of a handover, one at a time: seal unseen, its state, who takes it, why not. */

import { equal, type Bytes } from "../bytes";
import { el, fill } from "../dom";
import { Condition } from "../event";
import { explain } from "../explain";
import { t } from "../i18n";
import { findPeople, type Item, type Person } from "../items";
import { commitSeal, type Label, normaliseSeal } from "../label";
import { actions, alarm, button } from "./view";

/** What the taker saw of the seal. */
export interface SealSeen {
  readonly commitment: Bytes;
  readonly condition: Condition;
  readonly same: boolean;
}

const NO_SEAL: Bytes = new Uint8Array(8);

/** Ask for the seal number, unseen, and its state. Null where the person goes back. */
export function askSeal(root: HTMLElement, label: Label, expected: Bytes): Promise<SealSeen | null> {
  return new Promise((resolve) => {
    let condition: Condition | null = null;
    const input = el("input", {
      class: "seal-input", id: "seal", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
      maxlength: 40, enterkeyhint: "next",
    });
    const error = el("p", { class: "error", role: "alert" });
    const choices = choiceRow([
      [Condition.INTACT, t("Intact")], [Condition.DAMAGED, t("Damaged")], [Condition.BROKEN, t("Broken open")],
    ], (value) => {
      condition = value;
    });
    const go = async (): Promise<void> => {
      const serial = normaliseSeal(input.value);
      if (serial === null) {
        error.textContent = t("Type the number that stands on the seal: letters and digits.");
        input.focus();
      } else if (condition === null) {
        error.textContent = t("Say how the seal looks.");
        choices.querySelector("button")?.focus();
      } else {
        const commitment = await commitSeal(label, serial);
        resolve({ commitment, condition, same: equal(commitment, expected) });
      }
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        void go();
      }
    });
    fill(root, el("section", { class: "step" },
      el("h2", {}, t("Read the seal")),
      el("p", { class: "hint" }, t("Type what you see on the seal. The number it should bear is not shown, so that your reading counts.")),
      el("label", { for: "seal" }, t("Number on the seal")), input,
      el("p", { class: "label" }, t("How does the seal look?")), choices, error,
      button(t("The seal is missing or cannot be read"), "quiet", () =>
        resolve({ commitment: NO_SEAL, condition: Condition.BROKEN, same: false }))),
    actions(button(t("Compare"), "primary", () => void go()), button(t("Back"), "", () => resolve(null))));
    input.focus();
  });
}

/** Show same or different, before it is signed. "again" types once more, "refuse" refuses, null goes back. */
export function showComparison(root: HTMLElement, seen: SealSeen, sign: string): Promise<"sign" | "again" | "refuse" | null> {
  return new Promise((resolve) => {
    const good = seen.same && seen.condition === Condition.INTACT;
    const read = !equal(seen.commitment, NO_SEAL);
    const word = seen.same ? t("SAME") : read ? t("DIFFERENT") : t("NO SEAL READ");
    const text = good
      ? t("The seal is the one that was entered, and it is intact.")
      : seen.same
        ? t("The number is right, but the seal is not intact. Look with the deliverer, make a record and report at once.")
        : t("This is not the seal that was entered. Look once more with the deliverer; if it stays so, make a record and report at once.");
    const primary = button(good ? sign : t("Refuse and report"), "primary", () => resolve(good ? "sign" : "refuse"));
    fill(root, el("section", { class: "step" },
      el("div", { class: "compare", "data-same": good ? "yes" : "no", role: "status" }, el("b", {}, word), el("p", {}, text))),
    actions(primary,
      good ? null : button(t("Sign all the same; the difference is recorded"), "danger", () => resolve("sign")),
      good ? null : button(t("Read the seal again"), "", () => resolve("again")),
      button(t("Back"), "quiet", () => resolve(null))));
    primary.focus();
  });
}

/** Choose who takes it: those of before first, then the addressee's people and one's own office, or by name. */
export function askTaker(root: HTMLElement, item: Item, mine: { id: string; office: number }, recent: readonly string[]): Promise<Person | null> {
  return new Promise((resolve) => {
    const list = el("div", { class: "people" });
    const search = el("input", {
      type: "search", class: "search", "aria-label": t("Search by name"), placeholder: t("Search by name"), autocomplete: "off",
    });
    const show = (people: readonly Person[]): void => {
      const rank = (person: Person): number => rankOf(person, item, recent);
      const shown = people.filter((person) => person.id !== mine.id).sort((left, right) => rank(left) - rank(right));
      fill(list, ...(shown.length ? shown.slice(0, 40).map((person) => personButton(person, recent, resolve))
        : [el("p", { class: "hint" }, t("Nobody found."))]));
    };
    const load = async (): Promise<void> => {
      const word = search.value.trim();
      try {
        const found = word ? [await findPeople({ q: word })] : await Promise.all([
          mine.office ? findPeople({ office: mine.office }) : [],
          item.recipient ? findPeople({ agency: item.recipient.code }) : [],
        ]);
        show([...new Map(found.flat().map((person) => [person.id, person])).values()]);
      } catch (error) {
        fill(list, alarm(explain(error)));
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void load(), 250);
    });
    fill(root, el("section", { class: "step" },
      el("h2", {}, t("Who takes it?")),
      el("p", { class: "hint" }, t("It stays in your name until they sign on their own device.")), search, list),
    actions(button(t("Back"), "", () => resolve(null))));
    void load();
  });
}

/** Ask for a reason by its code, with a line of text where wanted. */
export function askReason(
  root: HTMLElement,
  heading: string,
  reasons: readonly (readonly [number, string])[],
  sign: string,
): Promise<{ code: number; text: string } | null> {
  return new Promise((resolve) => {
    let code: number | null = reasons.length === 1 ? (reasons[0]?.[0] ?? null) : null;
    const input = el("input", { id: "reason", maxlength: 300, autocomplete: "off" });
    const error = el("p", { class: "error", role: "alert" });
    const go = (): void => {
      const text = input.value.trim();
      if (code === null) {
        error.textContent = t("Choose a reason.");
      } else if (reasons.length === 1 && !text) {
        error.textContent = t("Say in a few words what you saw.");
        input.focus();
      } else {
        resolve({ code, text });
      }
    };
    fill(root, el("section", { class: "step" },
      el("h2", {}, heading),
      reasons.length > 1 ? choiceRow(reasons, (value) => {
        code = value;
      }) : null,
      el("label", { for: "reason" }, t("In a few words (never what is inside)")), input, error),
    actions(button(sign, "primary", go), button(t("Back"), "", () => resolve(null))));
    (reasons.length > 1 ? root.querySelector<HTMLElement>(".choices button") : input)?.focus();
  });
}

/** Say what is about to be signed, and let go of it or not. */
export function confirm(root: HTMLElement, heading: string, text: string, sign: string): Promise<boolean> {
  return new Promise((resolve) => {
    const primary = button(sign, "primary", () => resolve(true));
    fill(root, el("section", { class: "step" }, el("h2", {}, heading), el("p", {}, text)),
      actions(primary, button(t("Back"), "", () => resolve(false))));
    primary.focus();
  });
}

function choiceRow<T extends number>(options: readonly (readonly [T, string])[], onChoose: (value: T) => void): HTMLElement {
  const buttons = options.map(([value, text]) => el("button", {
    type: "button", class: "pick", "aria-pressed": "false",
    onclick: (event) => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === event.currentTarget)));
      onChoose(value);
    },
  }, text));
  return el("div", { class: "choices", role: "group" }, ...buttons);
}

/** Those of before first, then the addressee's own people, then couriers. */
function rankOf(person: Person, item: Item, recent: readonly string[]): number {
  if (recent.includes(person.id)) {
    return recent.indexOf(person.id);
  }
  const isAddressee = item.recipient !== null && person.agency?.code === item.recipient.code;
  return recent.length + (isAddressee ? 0 : person.roles.includes("courier") ? 1 : 2);
}

function personButton(person: Person, recent: readonly string[], choose: (person: Person) => void): HTMLElement {
  const place = person.agency?.name ?? person.office?.name ?? "";
  return el("button", { type: "button", class: "person", onclick: () => choose(person) },
    el("b", {}, person.name), el("small", {}, place),
    recent.includes(person.id) ? el("span", { class: "pill" }, t("recent")) : null);
}
