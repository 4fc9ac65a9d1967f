/** Entry of /counter: the acceptance form by keyboard, REGISTER signed here, the label printed, the next one. */

import { Problem, postJson } from "./api";
import { equal, fromHex } from "./bytes";
import { enhanceSelect } from "./combo";
import { byId, el, fill } from "./dom";
import { areTypedFacts, EventType, Field, fieldsOfJson } from "./event";
import { explain } from "./explain";
import { enter } from "./gate";
import { t } from "./i18n";
import { commitSeal, normaliseSeal, parseDigits } from "./label";
import type { Outbox } from "./outbox";
import { printLabel } from "./print";
import { groupNumber } from "./s10";
import { type Done, signAndSend } from "./scan/flows";
import { actions, banner, button } from "./scan/view";
import { resultOf } from "./scan/words";
import type { Session } from "./session";
import { play, unlockSound } from "./sound";

export interface Issued {
  readonly number: string;
  readonly uid: string;
  readonly digits: string;
  readonly register: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
}

const NUMBERS = new Set(["sender", "recipient", "kind", "secrecy", "urgency", "mass_g", "check", "check_result"]);

class Counter {
  private busy = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly result: HTMLElement,
    private readonly session: Session,
    private readonly outbox: Outbox,
  ) {}

  open(): void {
    for (const select of this.form.querySelectorAll<HTMLSelectElement>("select")) {
      enhanceSelect(select, (input) => this.moveOn(input));
    }
    this.form.addEventListener("keydown", (event) => this.onKey(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.first();
  }

  private first(): void {
    this.controls()[0]?.focus();
  }

  /** Enter: the next question. Ctrl+Enter: accept. A digit or a letter: that choice of the group. */
  private onKey(event: KeyboardEvent): void {
    const target = event.target;
    if (!(target instanceof HTMLInputElement)) {
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        void this.submit();
      } else {
        this.moveOn(target);
      }
    } else if (target.type === "radio" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const choice = this.choiceFor(target.name, event.key);
      if (choice) {
        event.preventDefault();
        choice.click();
        choice.focus();
        this.moveOn(choice);
      }
    } else if (target.type === "checkbox" && /^[1yx]$/i.test(event.key)) {
      event.preventDefault();
      target.click();
      this.moveOn(target);
    }
  }

  /** "2" is the second choice shown; a letter is the one whose word begins with it. */
  private choiceFor(name: string, key: string): HTMLInputElement | undefined {
    const group = this.controls().filter((control): control is HTMLInputElement =>
      control instanceof HTMLInputElement && control.type === "radio" && control.name === name);
    if (/^[1-9]$/.test(key)) {
      return group[Number(key) - 1];
    }
    return key.length === 1 ? group.find((radio) => radio.closest("label")?.textContent?.trim().toLowerCase().startsWith(key.toLowerCase())) : undefined;
  }

  /** The next control that is shown and not of the same group. */
  private moveOn(from: HTMLInputElement): void {
    const controls = this.controls();
    const rest = controls.slice(controls.indexOf(from) + 1).filter((control) => !("name" in control) || control.name !== from.name || !from.name);
    const next = rest[0];
    if (next instanceof HTMLInputElement && next.type === "radio") {
      const group = rest.filter((control): control is HTMLInputElement => control instanceof HTMLInputElement && control.name === next.name);
      (group.find((radio) => radio.checked) ?? next).focus();
    } else {
      next?.focus();
    }
  }

  private controls(): (HTMLInputElement | HTMLButtonElement | HTMLTextAreaElement)[] {
    const all = this.form.querySelectorAll<HTMLInputElement | HTMLButtonElement | HTMLTextAreaElement>(
      "input:not([type=hidden]), textarea, button[type=submit]");
    return Array.from(all).filter((control) => !control.disabled && control.checkVisibility());
  }

  private async submit(): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    unlockSound();
    const send = this.form.querySelector<HTMLButtonElement>("button[type=submit]");
    send?.setAttribute("aria-busy", "true");
    this.clearErrors();
    try {
      const values = formValues(this.form);
      const issued = await postJson<Issued>("/api/v1/labels", values);
      await this.show(await this.register(issued, values), issued);
    } catch (error) {
      play("warn");
      this.showErrors(error);
    } finally {
      this.busy = false;
      send?.removeAttribute("aria-busy");
    }
  }

  /** Sign that the item exists and is held by this person; only what the clerk typed is signed. */
  private async register(issued: Issued, values: Readonly<Record<string, unknown>>): Promise<Done> {
    const label = parseDigits(issued.digits);
    const commitment = await commitSeal(label, normaliseSeal(String(values["seal"] ?? "")) ?? "");
    const extra = fieldsOfJson(issued.register);
    if (label.number !== issued.number || !equal(commitment, label.sealCommitment) || !areTypedFacts(extra, values)) {
      throw new Error(t("What came back is not what was typed. Nothing was signed; tell your administrator."));
    }
    extra.set(Field.LABEL_RAW, label.raw);
    if (!extra.has(Field.SEAL)) {
      extra.set(Field.SEAL, [commitment, 0]);
    }
    const desk = { session: this.session, outbox: this.outbox, place: this.session.me.person.office?.code ?? 0 };
    const target = { number: issued.number, uid: fromHex(issued.uid), seq: -1, head: new Uint8Array(32) };
    return signAndSend(desk, target, EventType.REGISTER, t("Accepted"), extra);
  }

  private show(done: Done, issued: Issued): void {
    const { outcome } = done;
    const result = resultOf(outcome.kind === "stored" ? "done" : outcome.kind === "waiting" ? "waiting" : "refused");
    play(result.sound);
    const note = outcome.kind === "stored" ? t("Entry {index} of the log.", { index: outcome.index })
      : outcome.kind === "refused" ? outcome.problem : "";
    const problem = el("p", { class: "error", role: "alert" });
    const print = button(t("Print the label (P)"), "primary", () =>
      void printLabel(issued.number).catch((error: unknown) => fill(problem, explain(error))));
    const next = button(t("Next envelope (N)"), "", () => this.next());
    fill(this.result, banner(result, note),
      el("p", { class: "number big" }, groupNumber(issued.number)),
      el("img", { class: "label-image", src: `/labels/${issued.number}.svg`, alt: t("Label {number}", { number: issued.number }), width: 400, height: 280 }),
      problem,
      actions(print, next, el("a", { class: "action quiet", href: `/items/${issued.number}` }, t("Open the whole chain"))));
    this.form.hidden = true;
    this.result.hidden = false;
    this.result.onkeydown = (event) => {
      const chosen = { p: print, n: next }[event.key.toLowerCase()];
      if (chosen && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        chosen.click();
      }
    };
    print.focus();
  }

  private next(): void {
    this.form.reset();
    this.clearErrors();
    this.result.hidden = true;
    this.form.hidden = false;
    this.first();
  }

  private clearErrors(): void {
    for (const place of this.form.querySelectorAll("[data-error]")) {
      place.textContent = "";
    }
    for (const control of this.form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
    }
    fill(byId("acceptance-error") ?? el("p"));
  }

  private showErrors(error: unknown): void {
    const faults = error instanceof Problem ? error.errors : [];
    const unplaced: string[] = [];
    for (const { field, message } of faults) {
      const name = field.replace(/_ms$/, "");
      const place = this.form.querySelector<HTMLElement>(`[data-error="${CSS.escape(field)}"], [data-error="${CSS.escape(name)}"]`);
      const question = place?.closest(".field");
      if (!place || !question?.checkVisibility()) {
        unplaced.push(message);
        continue;
      }
      const unanswered = question.querySelector("select")?.value === "";
      place.textContent = [place.textContent, unanswered ? t("Choose one from the list.") : message].filter(Boolean).join(" ");
      question.querySelector("input, textarea")?.setAttribute("aria-invalid", "true");
    }
    const whole = faults.length ? unplaced.join(" ") : explain(error);
    fill(byId("acceptance-error") ?? el("p"), whole);
    (this.form.querySelector<HTMLElement>("[aria-invalid]") ?? this.form.querySelector<HTMLElement>("button[type=submit]"))?.focus();
  }
}

/** The form as the service reads it; questions that are not shown are not answered, missing answers are 0 or "". */
function formValues(form: HTMLFormElement): Record<string, unknown> {
  const values: Record<string, unknown> = { sender: 0, recipient: 0, kind: 0, mass_g: 0, seal: "", clerk_name: "" };
  for (const control of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input[name], select[name]")) {
    const answered = control instanceof HTMLSelectElement || control.checkVisibility();
    const type = control instanceof HTMLInputElement ? control.type : "select";
    if (!answered || control.value === "" || (type === "radio" && !(control as HTMLInputElement).checked)) {
      continue;
    }
    if (type === "checkbox") {
      values[control.name] = (control as HTMLInputElement).checked;
    } else if (type === "datetime-local") {
      values[`${control.name}_ms`] = Date.parse(`${control.value}+07:00`);
    } else {
      values[control.name] = NUMBERS.has(control.name) ? Math.round(Number(control.value)) || 0 : control.value;
    }
  }
  return values;
}

const form = byId("acceptance");
const result = byId("label-result");
if (form instanceof HTMLFormElement && result) {
  const blocked = el("div");
  form.before(blocked);
  void enter(blocked, async (session, outbox) => {
    blocked.remove();
    new Counter(form, result, session, outbox).open();
  });
}
