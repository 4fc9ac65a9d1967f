/** The questions of a handover, one at a time: seal unseen, its state, who takes it, why not. */

import { behind } from "../behind";
import { equal, type Bytes } from "../bytes";
import { el, fill } from "../dom";
import { Condition } from "../event";
import { explain } from "../explain";
import { settle } from "../guard";
import { t } from "../i18n";
import { findPeople } from "../items";
import { commitSeal, type Label, normaliseSeal } from "../label";
import { readNumber } from "../s10";
import { type Subject, why } from "../teach/why";
import type { Item, Person } from "../told";
import { groupWord, roleWords, type TakerGroup, takersOf } from "./takers";
import { actions, alarm, button } from "./view";

/** What the taker saw of the seal. */
export interface SealSeen {
  readonly commitment: Bytes;
  readonly condition: Condition;
  readonly same: boolean;
}

export const NO_SEAL: Bytes = new Uint8Array(8);

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
      if (readNumber(input.value)) {
        error.textContent = t("That is the number of the envelope, not of its seal.");
        input.select();
      } else if (serial === null) {
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
        behind(go());
      }
    });
    fill(root, el("section", { class: "step" },
      el("h2", {}, t("Read the seal")),
      el("p", { class: "hint" }, t("Type what you see on the seal. The number it should bear is not shown, so that your reading counts.")),
      el("label", { for: "seal" }, t("Number on the seal")), input,
      el("p", { class: "label" }, t("How does the seal look?")), choices, error,
      button(t("The seal is missing or cannot be read"), "quiet", () =>
        resolve({ commitment: NO_SEAL, condition: Condition.BROKEN, same: false })),
      why("compare")),
    actions(button(t("Compare"), "primary", () => behind(go())), button(t("Back"), "", () => resolve(null))));
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
    const compared = el("div", { class: "compare", "data-same": good ? "yes" : "no", role: "status", tabindex: -1 },
      el("b", {}, word), el("p", {}, text));
    fill(root, el("section", { class: "step" }, compared, why(good ? "compare" : "record")), actions(settle(primary),
      good ? null : settle(button(t("Sign all the same; the difference is recorded"), "danger", () => resolve("sign"))),
      good ? null : button(t("Read the seal again"), "", () => resolve("again")),
      button(t("Back"), "quiet", () => resolve(null))));
    compared.focus(); // never a button: a reader's Enter would press it
  });
}

/** Choose who takes it: the addressee's people, couriers, others; those of before first in each; or by name. */
export function askTaker(root: HTMLElement, item: Item, mine: { id: string; office: number }, recent: readonly string[]): Promise<Person | null> {
  return new Promise((resolve) => {
    const list = el("div", { class: "people" });
    const search = el("input", {
      type: "search", class: "search", "aria-label": t("Search by name"), placeholder: t("Search by name"), autocomplete: "off",
    });
    const show = (people: readonly Person[]): void => {
      const groups = takersOf(people.filter((person) => person.id !== mine.id), item, recent);
      fill(list, ...groups.flatMap(([group, of]) => [groupHeading(group), ...of.map((person) => personButton(person, recent, resolve))]),
        groups.length ? null : el("p", { class: "hint" }, t("Nobody found.")));
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
      timer = setTimeout(() => behind(load()), 250);
    });
    fill(root, el("section", { class: "step" },
      heading(t("Who takes it?")),
      el("p", { class: "hint" }, t("It stays in your name until they sign on their own device.")), search, list, why("two-signatures")),
    actions(button(t("Back"), "", () => resolve(null))));
    focusHeading(root);
    behind(load());
  });
}

/** Ask for a reason by its code, with a line of text where wanted. */
export function askReason(
  root: HTMLElement,
  title: string,
  reasons: readonly (readonly [number, string])[],
  sign: string,
  subject: Subject = "record",
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
      heading(title),
      el("p", { class: "hint" }, t("Say what you saw. It is signed with your name and stays in the chain.")),
      reasons.length > 1 ? choiceRow(reasons, (value) => {
        code = value;
      }) : null,
      el("label", { for: "reason" }, t("In a few words (never what is inside)")), input, error, why(subject)),
    actions(settle(button(sign, "primary", go)), button(t("Back"), "", () => resolve(null))));
    if (reasons.length > 1) {
      focusHeading(root);
    } else {
      input.focus();
    }
  });
}

/** Say what is about to be signed, and let go of it or not. */
export function confirm(root: HTMLElement, title: string, text: string, sign: string, subject: Subject = "two-signatures"): Promise<boolean> {
  return new Promise((resolve) => {
    fill(root, el("section", { class: "step" }, heading(title), el("p", {}, text), why(subject)),
      actions(settle(button(sign, "primary", () => resolve(true))), button(t("Back"), "", () => resolve(false))));
    focusHeading(root);
  });
}

/** The heading of a step takes the focus: it is read out, and a reader's Enter presses nothing. */
function heading(text: string): HTMLElement {
  return el("h2", { tabindex: -1 }, text);
}

function focusHeading(root: HTMLElement): void {
  root.querySelector<HTMLElement>(".step h2")?.focus();
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

function groupHeading(group: TakerGroup): HTMLElement {
  return el("h3", {}, groupWord(group));
}

function personButton(person: Person, recent: readonly string[], choose: (person: Person) => void): HTMLElement {
  const place = person.agency?.name ?? person.office?.name ?? "";
  return el("button", { type: "button", class: "person", onclick: () => choose(person) },
    el("b", {}, person.name), el("small", {}, [roleWords(person.roles), place].filter(Boolean).join(" · ")),
    recent.includes(person.id) ? el("span", { class: "pill" }, t("recent")) : null);
}
