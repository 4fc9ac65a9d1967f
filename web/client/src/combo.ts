/** A select with many choices becomes a field to type in: "stc" or "so tai chinh" finds "Sở Tài chính". */

import { el, fill } from "./dom";
import { t } from "./i18n";

/** Without marks, in small letters: what is compared. */
export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** How well *query* fits *name*: 0 begins it, 1 its initials, 2 every word begins one, 3 inside; null not at all. */
export function fit(query: string, name: string): number | null {
  const wanted = plain(query).trim();
  const words = plain(name).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const whole = words.join(" ");
  if (whole.startsWith(wanted)) {
    return 0;
  }
  if (words.map((word) => word[0]).join("").startsWith(wanted.replace(/\s/g, ""))) {
    return 1;
  }
  if (wanted.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)))) {
    return 2;
  }
  return whole.includes(wanted) ? 3 : null;
}

interface Choice {
  readonly value: string;
  readonly name: string;
}

/** The choice that *query* means without doubt: the only one that fits, or the one of that very name. */
export function meant<T extends { readonly name: string }>(query: string, fitting: readonly T[]): T | undefined {
  const same = fitting.filter((choice) => plain(choice.name).trim() === plain(query).trim());
  const [only, ...others] = same.length ? same : fitting;
  return others.length ? undefined : only;
}

/** Put a combobox in the place of *select*, which keeps the value; *onDone* is called once one is chosen. */
export function enhanceSelect(select: HTMLSelectElement, onDone: (input: HTMLInputElement) => void): HTMLInputElement {
  const choices: Choice[] = Array.from(select.options).filter((option) => option.value)
    .map((option) => ({ value: option.value, name: option.text }));
  const list = el("ul", { class: "combo-list", role: "listbox", id: `${select.name}-list`, hidden: true });
  const input = el("input", {
    type: "text", id: select.id, role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
    placeholder: select.options[0]?.text ?? "",
  });
  const described = select.getAttribute("aria-describedby");
  if (described) {
    input.setAttribute("aria-describedby", described);
  }
  select.removeAttribute("id");
  select.hidden = true;
  select.after(el("div", { class: "combo" }, input, list));

  let shown: Choice[] = [];
  let at = -1; // none is chosen before an arrow points to it
  const close = (): void => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (choice: Choice | undefined): void => {
    select.value = choice?.value ?? "";
    input.value = choice?.name ?? input.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  const draw = (): void => {
    const hint = !shown.length ? t("No such body in the register.") : at < 0 && !meant(input.value, shown)
      ? t("Several fit: type more letters, or choose with the arrow keys.") : "";
    fill(list, hint && el("li", { class: "hint", role: "presentation" }, hint), ...shown.map((choice, index) => el("li", {
      role: "option", id: `${list.id}-${index}`, "aria-selected": index === at,
      onmousedown: (event) => {
        event.preventDefault();
        choose(choice);
        onDone(input);
      },
    }, choice.name)));
    const pointed = list.querySelector('[aria-selected="true"]');
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.toggleAttribute("aria-invalid", false);
    if (pointed) {
      input.setAttribute("aria-activedescendant", pointed.id);
      pointed.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const search = (): void => {
    const ranked = choices.map((choice) => ({ choice, rank: fit(input.value, choice.name) }))
      .filter((entry): entry is { choice: Choice; rank: number } => entry.rank !== null);
    shown = ranked.sort((left, right) => left.rank - right.rank).map((entry) => entry.choice);
    at = -1;
    draw();
  };
  const pointedAt = (): Choice | undefined => shown[at] ?? meant(input.value, shown);
  input.addEventListener("input", () => {
    select.value = "";
    search();
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    const choice = list.hidden || !input.value ? undefined : pointedAt();
    if (choice) {
      choose(choice);
    } else if (input.value && !select.value) {
      input.setAttribute("aria-invalid", "true"); // what is typed there names no body
    }
    close();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) {
        search();
      }
      at = at < 0 && step < 0 ? shown.length - 1 : (at + step + shown.length) % Math.max(shown.length, 1);
      draw();
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && input.value && !select.value) {
      const choice = pointedAt();
      if (choice) {
        choose(choice); // the form moves on to the next field
      } else {
        event.preventDefault(); // one stays: there is no such body, or more than one
        event.stopPropagation();
        search();
      }
    }
  });
  return input;
}
