/**
 * A handheld reader types wherever the cursor stands: into a search, a name, a password. There a read is no answer: it
 * submits nothing, an envelope's label or number is taken out again, and the person is told. A field that is made for
 * reads says so itself (`data-reads`); the questions of a page that signs are watched by `guard.ts`.
 */

import { behind } from "./behind";
import { el } from "./dom";
import { isGuarding, Pace } from "./guard";
import { loadWords, t } from "./i18n";
import { play } from "./sound";
import { readTyped } from "./typed";
import { characterOf, chosenText, type Key } from "./wedge";

const SHORTEST = 8; // so many keys at a reader's pace: no person's
const LONG_DIGITS = 24; // part of a label; the rest needs not come in
const LABEL_HALF = 112; // digits
const TOLD_MS = 3_000; // what is told stays so long, whatever is typed
const PAUSE_MS = 500;
const SUBMIT_MS = 300; // a form that is sent so soon after a read was sent by it

/** What a key is: a person's, the end of a read of ours, the end of another read, or a digit of a read too long to keep. */
export type Verdict = "pass" | "ours" | "other" | "long";

/** Whether a text is one of our numbers or labels, or most of a label. */
function isOurs(text: string): boolean {
  const { kind } = readTyped(text);
  return kind === "clean" || kind === "damaged" || (text.match(/[0-9]/g)?.length ?? 0) > LABEL_HALF;
}

/** The keys into fields, one after the other; moments in ms of one clock. */
export class FieldReads {
  before = ""; // what stood in the field before the read
  private readonly pace = new Pace();
  private run = 0;
  private byPlace: string | null = "";
  private lastMs = Number.NEGATIVE_INFINITY;
  private endedMs = Number.NEGATIVE_INFINITY;

  /** A key that comes to a field in which *value* stands. */
  key(key: Key, nowMs: number, value: string): Verdict {
    const { run, hasty } = this.pace.note(nowMs);
    const goesOn = this.isLong() && nowMs - this.lastMs < PAUSE_MS; // a label whose reader, or this device, paused
    this.lastMs = nowMs;
    if (key.key === "Enter" || key.key === "Tab") {
      const isRead = goesOn || (hasty && this.run >= SHORTEST);
      this.run = 0;
      if (!isRead) {
        return "pass";
      }
      this.endedMs = nowMs;
      return this.isLong() ? "long" : isOurs(chosenText(this.byPlace, value.slice(this.before.length))) ? "ours" : "other";
    }
    if (run === 1 && !goesOn) {
      this.before = value;
      this.byPlace = "";
    }
    this.run = goesOn ? this.run + 1 : run;
    const character = characterOf(key);
    this.byPlace = character === null || this.byPlace === null ? null : this.byPlace + character;
    return this.isLong() ? "long" : "pass";
  }

  private isLong(): boolean {
    return new RegExp(`^[0-9]{${LONG_DIGITS},}$`).test(this.byPlace ?? "");
  }

  /** A text that came at once, as a reader's that commits like an input method: whether it is ours. */
  commit(text: string, nowMs: number): boolean {
    const ours = isOurs(text);
    this.endedMs = ours ? nowMs : this.endedMs;
    return ours;
  }

  /** Whether a form that is sent now is sent by a read. */
  sends(nowMs: number): boolean {
    return nowMs - this.endedMs < SUBMIT_MS;
  }
}

/** Watch every field of this page. */
export function watchFields(): void {
  const reads = new FieldReads();
  let field: HTMLInputElement | null = null;
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!isWatched(target) || event.repeat || ["Shift", "CapsLock", "AltGraph"].includes(event.key)) {
      return;
    }
    field = target;
    const verdict = reads.key(event, event.timeStamp, target.value);
    if (verdict === "ours" || verdict === "long") {
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(target, takenOut(target, reads.before, verdict === "ours"));
    } else if (verdict === "pass" && event.timeStamp - toldMs > TOLD_MS) {
      told?.remove();
    }
  }, true);
  document.addEventListener("input", (event) => {
    const { target } = event;
    const text = event instanceof InputEvent && /^insert(?:Text|CompositionText)$/.test(event.inputType) ? event.data ?? "" : "";
    if (text.length >= SHORTEST && isWatched(target) && reads.commit(text, event.timeStamp)) {
      field = target;
      tell(target, takenOut(target, target.value.replace(text, ""), text.length < LONG_DIGITS));
    }
  }, true);
  document.addEventListener("submit", (event) => {
    if (field && reads.sends(event.timeStamp) && event.target === field.form && isWatched(field)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(field, !field.value);
    }
  }, true);
}

/** A field in which a read is out of place, and which nothing else watches. */
function isWatched(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && !target.matches(".wedge, [data-reads]")
    && !(isGuarding() && target.closest(".step") && !target.closest("dialog"));
}

/** Put back what stood there; a search keeps a number, for that is what it is for. Whether it was taken out. */
function takenOut(target: HTMLInputElement, before: string, isNumber: boolean): boolean {
  if (target.type === "search" && isNumber) {
    return false;
  }
  target.value = before;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

let told: HTMLElement | undefined;
let toldMs = 0;

function tell(target: HTMLInputElement, isOut: boolean): void {
  play("warn");
  const notice = el("p", { class: "error field-read", role: "alert" });
  told?.remove();
  told = notice;
  toldMs = performance.now();
  (target.closest(".field, label") ?? target).after(notice);
  const say = (): void => {
    notice.textContent = isOut
      ? t("The reader typed into this field: it was taken out again, nothing was sent. To scan an envelope, open Scan.")
      : t("The reader typed into this field: nothing was sent. Look at it, then press Enter yourself.");
  };
  say();
  behind(loadWords().then(say));
}
