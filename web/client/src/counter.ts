/** Entry of /counter: the acceptance form by keyboard, REGISTER signed here, the label printed, the next one. */

import { isOfStock, isScanned, isUnsealed, unanswered } from "./acceptance";
import { type FieldError, Problem, postJson } from "./api";
import { behind } from "./behind";
import { equal, fromHex } from "./bytes";
import { enhanceSelect } from "./combo";
import { byId, el, fill } from "./dom";
import { areTypedFacts, EventType, Field, fieldsOfJson } from "./event";
import { explain } from "./explain";
import { enter } from "./gate";
import { guardKeys, isHasty } from "./guard";
import { t } from "./i18n";
import { commitSeal, normaliseSeal, parseDigits } from "./label";
import { lockAndThrow } from "./lock";
import type { Outbox } from "./outbox";
import { PrinterChoice } from "./print";
import { groupNumber } from "./s10";
import { type Done, signAndSend } from "./scan/acts";
import { follow, outcomeView } from "./scan/outcome";
import { actions, button } from "./scan/view";
import { confirmPerson, OtherPersonError, type Session } from "./session";
import { play, unlockSound } from "./sound";
import { offerCamera } from "./stockscan";

export interface Issued {
  readonly number: string;
  readonly uid: string;
  readonly digits: string;
  readonly register: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
}

const NUMBERS = new Set(["sender", "recipient", "kind", "secrecy", "urgency", "mass_g", "check", "check_result"]);

const FILLED_IN = new Set(["clerk_name", "seal", "mass_g"]);

class Counter {
  private busy = false;
  private dirty = false;
  private unfollow = (): void => undefined;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly result: HTMLElement,
    private readonly session: Session,
    private readonly outbox: Outbox,
    private readonly printers: PrinterChoice,
  ) {}

  open(): void {
    for (const select of this.form.querySelectorAll<HTMLSelectElement>("select")) {
      enhanceSelect(select, (input) => this.moveOn(input));
    }
    this.form.addEventListener("keydown", (event) => this.onKey(event));
    this.form.addEventListener("input", () => {
      this.dirty = true;
      this.form.dataset["dirty"] = ""; // no new version of the app while somebody types
    });
    addEventListener("beforeunload", (event) => {
      if (this.dirty) {
        event.preventDefault(); // the browser asks: what was typed would be gone
      }
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      behind(this.submit());
    });
    const stock = this.form.querySelector<HTMLInputElement>("#stock");
    if (stock) {
      offerCamera(stock);
    }
    this.first();
  }

  private first(): void {
    this.controls()[0]?.focus();
  }

  /** Enter: the next question. Ctrl+Enter: accept. A digit or a letter: that choice of the group. */
  private onKey(event: KeyboardEvent): void {
    const target = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault(); // wherever the focus is
      behind(this.submit());
      return;
    }
    if (!(target instanceof HTMLInputElement)) {
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.moveOn(target);
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
      const open = unanswered(values);
      if (open.length) {
        play("warn");
        this.showFaults(open.map((field) => ({ field, message: FILLED_IN.has(field) ? t("Fill this in.") : t("Choose one.") })));
        return;
      }
      await confirmPerson(this.session).catch(lockAndThrow);
      const issued = await postJson<Issued>("/api/v1/labels", values);
      const done = await this.register(issued, values);
      this.clean();
      await this.show(done, issued, isOfStock(values));
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
    const isBound = isOfStock(values) ? isScanned(values, issued) && isUnsealed(label.sealCommitment) : equal(commitment, label.sealCommitment);
    if (label.number !== issued.number || !isBound || !areTypedFacts(extra, values)) {
      throw new Error(t("What came back is not what was typed. Nothing was signed; tell your administrator."));
    }
    extra.set(Field.LABEL_RAW, label.raw);
    extra.set(Field.SEAL, [commitment, 0]); // of the number typed here, whatever the service asks for
    const desk = { session: this.session, outbox: this.outbox, place: this.session.me.person.office?.code ?? 0 };
    const target = { number: issued.number, uid: fromHex(issued.uid), seq: -1, head: new Uint8Array(32) };
    return signAndSend(desk, target, EventType.REGISTER, t("Accepted"), extra);
  }

  /** What became of it; drawn again once the service has recorded an event that waited. */
  private async show(done: Done, issued: Issued, isOnCover: boolean): Promise<void> {
    const { result, parts } = await outcomeView(done, this.session.me.remarks);
    const [head, ...below] = parts;
    play(result.sound);
    const problem = el("p", { class: "error", role: "alert" });
    const stored = done.outcome.kind === "stored";
    const said = el("p", { class: "hint", role: "status" });
    const print = stored && !isOnCover ? button(t("Print the label (P)"), "primary", () => behind(this.print(issued.number, said, problem))) : null;
    const next = button(t("Next envelope (N)"), print ? "" : "primary", () => this.next());
    const number = el("p", { class: "number big", tabindex: -1 }, groupNumber(issued.number));
    fill(this.result, head, number, isOnCover ? el("p", { class: "next" }, t("The label is on the envelope already: stick it across the flap if it is not yet.")) : stored ? labelImage(issued.number, problem)
      : done.outcome.kind === "waiting" ? el("p", { class: "next" }, t("The label can be printed once the service has recorded it. Keep the envelope until then.")) : null,
    print ? el("p", { class: "next" }, t("Print the label and stick it across the flap. You answer for the envelope until somebody signs for it.")) : null,
    print ? this.printers.element : null, said, problem, ...below,
    actions(print, next, stored ? el("a", { class: "action quiet", href: `/items/${issued.number}` }, t("Open the whole chain")) : null));
    this.form.hidden = true;
    this.result.hidden = false;
    this.result.onkeydown = (event) => {
      const chosen = { p: print, n: next }[event.key.toLowerCase()];
      if (chosen && !event.ctrlKey && !event.metaKey && !isHasty()) {
        event.preventDefault();
        chosen.click();
      }
    };
    this.unfollow = follow(this.outbox, done, (later) => behind(this.show(later, issued, isOnCover)));
    number.focus({ preventScroll: true }); // never a button: a reader's Enter would press it
    scrollTo({ top: 0 });
  }

  private async print(number: string, said: HTMLElement, problem: HTMLElement): Promise<void> {
    fill(problem);
    try {
      fill(said, await this.printers.print(number));
    } catch (error) {
      fill(said);
      fill(problem, explain(error));
    }
  }

  private next(): void {
    this.unfollow();
    this.form.reset();
    this.clean();
    this.clearErrors();
    this.result.hidden = true;
    this.form.hidden = false;
    this.first();
  }

  private clean(): void {
    this.dirty = false;
    delete this.form.dataset["dirty"];
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
    const isOut = error instanceof OtherPersonError || (error instanceof Problem && error.status === 401);
    if (isOut) {
      fill(byId("acceptance-error") ?? el("p"), t("You are signed out; what you typed stays here."), " ",
        el("a", { href: "/sign-in", target: "_blank", rel: "noopener" }, t("Sign in on another page, then accept again.")));
      this.form.querySelector<HTMLElement>("button[type=submit]")?.focus();
      return;
    }
    const faults = error instanceof Problem ? error.errors : [];
    this.showFaults(faults, faults.length ? "" : explain(error));
  }

  /** Each fault at its question and tied to it; what has no place stands at the end, with *whole*. */
  private showFaults(faults: readonly FieldError[], whole = ""): void {
    const unplaced: string[] = [];
    for (const { field, message } of faults) {
      const name = field.replace(/_ms$/, "");
      const place = this.form.querySelector<HTMLElement>(`[data-error="${CSS.escape(field)}"], [data-error="${CSS.escape(name)}"]`);
      const question = place?.closest<HTMLElement>(".field");
      if (!place || !question?.checkVisibility()) {
        unplaced.push(message);
        continue;
      }
      const open = question.querySelector("select")?.value === "";
      place.textContent = [place.textContent, open ? t("Choose one from the list.") : message].filter(Boolean).join(" ");
      place.id ||= `${name}-error`;
      const control = question.querySelector<HTMLElement>("input, textarea");
      control?.setAttribute("aria-invalid", "true");
      for (const described of [control, question.matches("fieldset") ? question : null]) {
        tie(described, place.id);
      }
    }
    fill(byId("acceptance-error") ?? el("p"), [whole, ...unplaced].filter(Boolean).join(" "));
    (this.form.querySelector<HTMLElement>("[aria-invalid]") ?? this.form.querySelector<HTMLElement>("button[type=submit]"))?.focus();
  }
}

/** Let *control* be read out with the text of *id* as well. */
function tie(control: HTMLElement | null, id: string): void {
  const ids = (control?.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  if (control && !ids.includes(id)) {
    control.setAttribute("aria-describedby", [...ids, id].join(" "));
  }
}

/** The label as it will be printed; where it does not come, a sentence and no broken picture. */
function labelImage(number: string, problem: HTMLElement): HTMLElement {
  const image = el("img", {
    class: "label-image", src: `/labels/${number}.svg`, alt: t("Label {number}", { number }), width: 400, height: 280,
    onerror: () => {
      image.remove();
      problem.textContent = t("The label cannot be shown now. Open the whole chain once the service answers, and print it there.");
    },
  });
  return image;
}

/** The form as the service reads it; questions that are not shown are not answered, missing answers are 0 or "". */
function formValues(form: HTMLFormElement): Record<string, unknown> {
  const values: Record<string, unknown> = { sender: 0, recipient: 0, mass_g: 0, seal: "", clerk_name: "" };
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
  guardKeys(() => play("warn"));
  behind(enter(blocked, async (session, outbox) => {
    blocked.remove();
    new Counter(form, result, session, outbox, await PrinterChoice.load()).open();
  }));
}
