/**
 * A hand-held reader types and ends with Enter: on a page that signs, its keys must not decide anything. A key is a
 * reader's by its pace, which no person types at.
 */

const ENTER_MS = 100; // Enter so soon after another key is a reader's
const GAP_MS = 60; // between the keys of one read
const LONG_KEYS = 24; // so many keys at that pace: a label, in a field that wants a few words
const SETTLE_MS = 600; // what has just appeared has not been read yet

/** The pace of the keys so far; moments in ms of one clock. */
export class Pace {
  private lastMs = Number.NEGATIVE_INFINITY;
  private run = 0;

  /** Take note of a key: how many came at a reader's pace up to it, and whether it follows another at once. */
  note(nowMs: number): { readonly run: number; readonly hasty: boolean } {
    const gap = nowMs - this.lastMs;
    this.run = gap < GAP_MS ? this.run + 1 : 1;
    this.lastMs = nowMs;
    return { run: this.run, hasty: gap < ENTER_MS };
  }
}

/** Keys that came on their own, by the clock of this page: what a shortcut of one letter asks. */
let hastyKey = false;

/** Whether the last key followed another at a reader's pace. */
export function isHasty(): boolean {
  return hastyKey;
}

let guarding = false;

/** Whether the questions of this page are watched. */
export function isGuarding(): boolean {
  return guarding;
}

/** Watch the keys of this page; *onRead* is told of a read that went into a field of a step. */
export function guardKeys(onRead: () => void): void {
  const pace = new Pace();
  let before = "";
  guarding = true;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Shift" || event.key === "Control" || event.key === "Alt" || event.key === "Meta") {
      return;
    }
    const { run, hasty } = pace.note(event.timeStamp);
    const { target } = event;
    hastyKey = hasty;
    const presses = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
    if (presses && (hasty || event.repeat) && isSigning(target)) {
      stop(event);
      return;
    }
    if (!(target instanceof HTMLInputElement) || !target.closest(".step") || target.closest("dialog") || event.key.length > 1) {
      return;
    }
    if (run === 1) {
      before = target.value;
    } else if (run >= LONG_KEYS) {
      stop(event);
      target.value = before;
      if (run === LONG_KEYS) {
        onRead();
      }
    }
  }, true);
}

/** What has just appeared cannot be pressed for a moment: the press was meant for what stood there before. */
export function settle<T extends HTMLButtonElement>(button: T): T {
  button.disabled = true;
  setTimeout(() => {
    button.disabled = false;
  }, SETTLE_MS);
  return button;
}

/** A button, a link, or a field of a question: where Enter decides. The reader's own field is none. */
function isSigning(target: EventTarget | null): boolean {
  return target instanceof Element && !target.matches(".wedge")
    && (target.matches("button, a, summary, [type=submit]") || (target.closest(".step") !== null && !target.closest("dialog")));
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
