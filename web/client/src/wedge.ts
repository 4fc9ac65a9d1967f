/**
 * A hand-held reader that types (keyboard wedge). Two records of a read are kept: its keys by their place on the
 * keyboard, which no layout and no input method changes, and the field's text, for a reader that commits like an
 * input method and shows only `input` events. `typed.ts` says which of them is whole. A read ends with Enter or Tab,
 * after 80 ms of silence where it is whole, and otherwise after 1.5 s: a slow reader pauses in the middle.
 */

import { readTyped } from "./typed";

const SILENCE_MS = 80;
const SHORTEST = 8; // below that, silence is a person's stray key and not the end of a read
const FORGET_MS = 1_500;
const MODIFIERS: readonly string[] = ["Shift", "CapsLock", "NumLock", "AltGraph", "Dead"];

export interface Key {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/**
 * The character a key stands for: a digit by its place, whatever layout, shift or input method makes of it; a letter
 * by its place where an input method hides it. Null where only the field can tell.
 */
export function characterOf(key: Key): string | null {
  if (key.ctrlKey || key.altKey || key.metaKey) {
    return null;
  }
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(key.code)?.[1];
  if (digit !== undefined) {
    return digit;
  }
  const letter = /^Key([A-Z])$/.exec(key.code)?.[1];
  const hidden = key.key === "Process" || key.key === "Unidentified" || (key.key.length === 1 && key.key > "~");
  if (hidden) {
    return letter ?? null;
  }
  return key.key.length === 1 ? key.key : null;
}

/** What was read, of the two records: the one that is whole; by place first. */
export function chosenText(byPlace: string | null, shown: string): string {
  const whole = [byPlace, shown].find((text) => text && readTyped(text).kind === "clean");
  return whole ?? (shown || byPlace || "");
}

export class Wedge {
  readonly input: HTMLInputElement;
  private byPlace: string | null = ""; // null once a key came that has no place
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onRead: (text: string) => void, label: string) {
    const input = document.createElement("input");
    for (const [name, value] of Object.entries({
      type: "text", inputmode: "none", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      class: "wedge", "aria-label": label,
    })) {
      input.setAttribute(name, value);
    }
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("input", () => this.wait());
    input.addEventListener("compositionend", () => this.wait());
    this.input = input;
  }

  /** Take the keyboard, unless a person is typing somewhere. */
  focus(): void {
    const busy = document.activeElement;
    const typing = busy instanceof HTMLInputElement || busy instanceof HTMLTextAreaElement || busy instanceof HTMLSelectElement;
    if (!typing || busy === this.input) {
      this.input.focus({ preventScroll: true });
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === "Tab") {
      if (this.input.value || this.byPlace) {
        event.preventDefault(); // it ends the read and must not press a button
        this.commit();
      }
      return;
    }
    if (MODIFIERS.includes(event.key)) {
      return;
    }
    const character = characterOf(event);
    this.byPlace = character === null || this.byPlace === null ? null : this.byPlace + character;
    this.wait();
  }

  /** Look again when it has been silent: a whole read is taken, a part waits for its rest, a stray key is dropped. */
  private wait(sinceMs = 0): void {
    clearTimeout(this.timer);
    const nextMs = sinceMs < SILENCE_MS ? SILENCE_MS : FORGET_MS;
    this.timer = setTimeout(() => {
      const text = chosenText(this.byPlace, this.input.value);
      if (readTyped(text).kind === "clean") {
        this.commit();
      } else if (nextMs === SILENCE_MS) {
        this.wait(nextMs);
      } else if (text.length >= SHORTEST) {
        this.commit();
      } else {
        this.clear();
      }
    }, nextMs - sinceMs);
  }

  private commit(): void {
    const text = chosenText(this.byPlace, this.input.value);
    this.clear();
    if (text.trim()) {
      this.onRead(text);
    }
  }

  private clear(): void {
    clearTimeout(this.timer);
    this.input.value = "";
    this.byPlace = "";
  }
}
