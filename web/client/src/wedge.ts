/**
 * A hand-held reader that types (keyboard wedge). Its keys are taken by their place on the keyboard, so that no
 * layout changes a digit; a reader that commits like an input method shows only `input` events, so the field's
 * text counts as well. A read ends with Enter or Tab, or after 80 ms of silence.
 */

const SILENCE_MS = 80;
const SHORTEST = 8; // below that, silence is a person's stray key and not the end of a read
const FORGET_MS = 1_500;

/** The digit row of the old "Vietnamese" layout: one to one, undone before any normalisation. */
const DIGIT_ROW: Readonly<Record<string, string>> = {
  "\u0103": "1", "\u00e2": "2", "\u00ea": "3", "\u00f4": "4", "\u0300": "5",
  "\u0309": "6", "\u0303": "7", "\u0301": "8", "\u0323": "9", "\u0111": "0",
};

export interface Key {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The character a key stands for by its place, where the layout or an input method hides it; else null. */
export function characterOf(key: Key): string | null {
  if (key.ctrlKey || key.altKey || key.metaKey) {
    return null;
  }
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(key.code)?.[1];
  if (digit !== undefined && !key.shiftKey) {
    return digit;
  }
  const letter = /^Key([A-Z])$/.exec(key.code)?.[1];
  const hidden = key.key === "Process" || key.key === "Unidentified" || (key.key.length === 1 && key.key > "~");
  return letter !== undefined && hidden ? letter : null;
}

/** Text as a reader meant it: the digit row undone, blanks at the ends gone. */
export function undoLayout(text: string): string {
  return Array.from(text, (character) => DIGIT_ROW[character] ?? character).join("").trim();
}

export class Wedge {
  readonly input: HTMLInputElement;
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
    input.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) {
        this.wait();
      }
    });
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
      if (this.input.value) {
        event.preventDefault(); // it ends the read and must not press a button
        this.commit();
      }
      return;
    }
    const character = characterOf(event);
    if (character !== null) {
      event.preventDefault();
      this.input.value += character;
      this.wait();
    }
  }

  private wait(): void {
    clearTimeout(this.timer);
    const long = this.input.value.length >= SHORTEST;
    this.timer = setTimeout(() => (long ? this.commit() : this.clear()), long ? SILENCE_MS : FORGET_MS);
  }

  private commit(): void {
    const text = undoLayout(this.input.value);
    this.clear();
    if (text) {
      this.onRead(text);
    }
  }

  private clear(): void {
    clearTimeout(this.timer);
    this.input.value = "";
  }
}
