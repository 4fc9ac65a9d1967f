/** A select with many choices becomes a field to type in: "stc" or "so tai chinh" finds "Sở Tài chính". */

import { el, fill } from "./dom";

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
  let at = 0;
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
    fill(list, ...shown.map((choice, index) => el("li", {
      role: "option", id: `${list.id}-${index}`, "aria-selected": index === at,
      onmousedown: (event) => {
        event.preventDefault();
        choose(choice);
        onDone(input);
      },
    }, choice.name)));
    list.children[at]?.setAttribute("aria-selected", "true");
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const search = (): void => {
    const ranked = choices.map((choice) => ({ choice, rank: fit(input.value, choice.name) }))
      .filter((entry): entry is { choice: Choice; rank: number } => entry.rank !== null);
    shown = ranked.sort((left, right) => left.rank - right.rank).map((entry) => entry.choice);
    at = 0;
    draw();
  };
  input.addEventListener("input", () => {
    select.value = "";
    search();
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    if (!list.hidden && input.value && shown.length) {
      choose(shown[at]);
    }
    close();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) {
        search();
      } else {
        at = (at + step + shown.length) % Math.max(shown.length, 1);
        draw();
      }
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && !list.hidden) {
      choose(shown[at]); // the form moves on to the next field
    }
  });
  return input;
}
