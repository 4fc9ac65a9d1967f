/**
 * Printing a label: drawn alone on a page of its own size, by this page. (A PDF in a hidden frame crashes headless
 * Chromium when it is told to print, and phones cannot print it at all.) The PDF is asked for first, because that is
 * what the service writes down as a print, and what it refuses for a second one without a reason.
 */

import { ask, getJson, postJson } from "./api";
import { behind } from "./behind";
import { el } from "./dom";
import { t } from "./i18n";

const CHOSEN = "tram-printer";

/** A printer of the house, as the administrator named it. */
export interface Printer {
  readonly name: string;
  readonly title: string;
}

interface PrinterState {
  readonly state: "ready" | "trouble" | "off" | "unknown";
  readonly words: readonly string[];
}

/** Say in *place* how a printer is; nothing for this browser's own, or where the service does not tell. */
export async function sayState(name: string, place: HTMLElement): Promise<void> {
  place.dataset["of"] = name;
  place.textContent = "";
  place.classList.remove("good", "warn", "bad");
  const found = name ? await getJson<PrinterState>(`/api/v1/printers/${name}/state`).catch(() => undefined) : undefined;
  if (found && place.dataset["of"] === name) { // another may have been chosen meanwhile
    place.textContent = found.state === "ready" ? t("The printer is ready.") : found.words.join(" ");
    place.classList.add({ ready: "good", trouble: "bad", off: "bad", unknown: "warn" }[found.state]);
  }
}

/** Where labels are printed: through this browser, or straight on a printer of the house; remembered in this browser. */
export class PrinterChoice {
  readonly element: HTMLElement | null;
  private readonly select: HTMLSelectElement | null = null;
  private readonly state = el("p", { class: "hint", role: "status" });

  constructor(printers: readonly Printer[]) {
    if (!printers.length) {
      this.element = null;
      return;
    }
    const last = localStorage.getItem(CHOSEN) ?? "";
    const options = [{ name: "", title: t("This browser's printer") }, ...printers].map(({ name, title }) =>
      el("option", { value: name, selected: name === last }, title));
    this.select = el("select", { id: "printer", onchange: () => {
      localStorage.setItem(CHOSEN, this.chosen);
      this.look();
    } }, ...options);
    this.element = el("div", { class: "field" }, el("label", { for: "printer" }, t("Print on")), this.select, this.state);
    this.look();
  }

  /** Say how the chosen printer is. */
  look(): void {
    behind(sayState(this.chosen, this.state));
  }

  /** Those of this person's office; where the service does not say, the browser's own. */
  static async load(): Promise<PrinterChoice> {
    const answer = await getJson<{ printers: Printer[] }>("/api/v1/printers").catch(() => ({ printers: [] }));
    return new PrinterChoice(answer.printers);
  }

  get chosen(): string {
    return this.select?.value ?? "";
  }

  /** Print the label of *number*; throws Problem where the printer or the service refuses. Says what to look for. */
  async print(number: string): Promise<string> {
    if (!this.chosen) {
      await printLabel(number);
      return "";
    }
    try {
      await postJson(`/api/v1/labels/${number}/print`, { printer: this.chosen });
    } finally {
      this.look(); // it may have run out just now
    }
    return t("Sent to the printer. Look whether the label came out.");
  }
}

/** Print the label of *number*; throws Problem where the service wants a reason for another print. A bag's says where it goes. */
export async function printLabel(number: string, query = "", paper = ""): Promise<void> {
  await ask(`/labels/${number}.pdf${query}`, {});
  const image = el("img", { src: `/labels/${number}.svg${query}`, alt: t("Label {number}", { number }) });
  const sheet = el("div", { class: `print-sheet ${paper}`.trim() }, image);
  document.body.append(sheet);
  try {
    await image.decode();
    print();
  } finally {
    sheet.remove();
  }
}
