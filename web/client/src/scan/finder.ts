/** Where reads come from: camera, hand-held reader, a picture, or a typed number. One alert while a code stays in view. */

import { behind } from "../behind";
import { type Abilities, Camera, decodePicture, pointIn, type Symbol } from "../camera";
import { el, fill, icon } from "../dom";
import { Method } from "../event";
import { explain } from "../explain";
import { t } from "../i18n";
import { type Reason, Reasons } from "../luma";
import { readNumber } from "../s10";
import { isHandheld } from "../session";
import { unlockSound } from "../sound";
import { Wedge } from "../wedge";
import { Agreement, isOurs } from "./agree";
import { InView } from "./inview";
import { askWhether, Suggestions } from "./suggest";

const TORCH = "M9 2h6l-1 6h2l-6 14 1-10H8z";
const PHOTO = "M4 7h3l2-3h6l2 3h3v13H4zM12 9.5a4 4 0 100 8 4 4 0 000-8";
const TYPE = "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8";
const ZOOM = "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5M11 8v6M8 11h6";
const CAMERA = "M4 8V4h4M20 8V4h-4M4 16v4h4M20 16v4h-4M8 12h8";

const LOADING_MS = 1_000; // a decoder that is kept is there sooner

export type OnRead = (text: string, format: string, method: Method) => void;

export class Finder {
  readonly element = el("section", { class: "finder", "data-state": "idle" });
  readonly wedge: Wedge; // its field stands beside the finder: it hears the reader while the camera rests
  private readonly hint = el("p", { class: "finder-hint" });
  private readonly tools = el("div", { class: "finder-tools" });
  private readonly camera: Camera;
  private readonly inView = new InView();
  private readonly agreement = new Agreement();
  private readonly reasons = new Reasons();
  private readonly suggestions = new Suggestions();
  private asking: HTMLDialogElement | null = null;
  private torchOn = false;
  private decoder: "loading" | "works" | "broken" = "loading";

  constructor(private readonly onRead: OnRead, private readonly onNothing: () => void) {
    this.camera = new Camera((symbols) => this.onSymbols(symbols), (reason) => this.onUnread(reason), (number) => {
      const likely = this.suggestions.next(number);
      if (likely) {
        this.askWhether(likely);
      }
    }, (works) => this.onDecoder(works));
    this.wedge = new Wedge((text) => onRead(text, "", Method.WEDGE), t("Hand-held reader"));
    this.element.append(this.camera.video, el("div", { class: "finder-frame", "aria-hidden": "true" }),
      this.hint, this.tools);
    document.addEventListener("keydown", (event) => this.catchKey(event), true);
    this.showTools({ torch: false, zoom: null, focus: false });
    this.hint.textContent = t("Ready for the hand-held reader. Or open the camera.");
  }

  /** Open the camera, and say so where it cannot be had; reader, picture and number remain. */
  async open(): Promise<void> {
    if (!navigator.mediaDevices) {
      this.blocked(t("This browser gives no camera to this address. Use the reader, a picture or the number."));
      return;
    }
    this.hint.textContent = t("Opening the camera…");
    try {
      const abilities = await this.camera.start();
      this.element.dataset["state"] = "open";
      this.hint.textContent = hintFor(null);
      this.showTools(abilities);
      setTimeout(() => this.decoder === "loading" && this.say(null), LOADING_MS);
    } catch (error) {
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      this.blocked(refused
        ? t("The camera is not allowed. Allow it in the browser's address bar, or use the reader, a picture or the number.")
        : t("No camera found. Use the reader, a picture or the number."));
    }
  }

  pause(): void {
    this.asking?.close(); // something was read meanwhile
    this.camera.pause();
    this.element.hidden = true;
    this.wedge.focus();
  }

  resume(): void {
    this.inView.stay(performance.now()); // what was acted on may still lie there: it alerts no second time
    this.element.hidden = false;
    this.camera.resume();
    this.wedge.focus();
  }

  private blocked(text: string): void {
    this.element.dataset["state"] = "blocked";
    this.hint.textContent = text;
  }

  /** Whether frames are looked at at all: said, since one would hold an envelope there for nothing. */
  private onDecoder(works: boolean): void {
    const now = works ? "works" : "broken";
    if (this.decoder !== now) {
      this.decoder = now;
      this.say(null);
    }
  }

  /** Why nothing is read, once it is clear: the same words for as long as it stays so. */
  private onUnread(reason: Reason | null): void {
    const now = performance.now();
    this.reasons.note(reason, now);
    this.say(this.reasons.current(now));
  }

  private say(reason: Reason | null): void {
    const words = this.decoder === "works" ? hintFor(reason) : this.decoder === "broken"
      ? t("The camera's decoder could not be loaded; it is tried again. Use the reader or the number meanwhile.")
      : t("The camera's decoder is being loaded. The reader and the number work already.");
    if (this.element.dataset["state"] === "open" && this.hint.textContent !== words) {
      this.hint.textContent = words;
      this.element.dataset["reason"] = reason ?? "";
    }
  }

  private onSymbols(seen: readonly Symbol[]): void {
    const now = performance.now();
    const symbols = this.agreement.believed(seen, now);
    this.reasons.read(now);
    this.say(seen.some(({ text }) => isOurs(text)) ? null : "foreign");
    const [squares, bars] = [true, false].map((isSquare) => symbols.filter(({ format }) => (format === "QRCode") === isSquare));
    const texts = (of: readonly Symbol[] = []): string[] => of.map(({ text }) => text);
    for (const text of this.inView.freshOf(texts(squares), texts(bars), now)) {
      this.onRead(text, symbols.find((symbol) => symbol.text === text)?.format ?? "", cameraMethod());
    }
  }

  /** A reader's first key, wherever the focus is: it must not press a button. */
  private catchKey(event: KeyboardEvent): void {
    if (/^[!-~\u00a1-\uffff]$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.wedge.focus();
    }
  }

  private showTools(abilities: Abilities): void {
    const torch = tool(TORCH, t("Torch"), () => {
      this.torchOn = !this.torchOn;
      torch.setAttribute("aria-pressed", String(this.torchOn));
      void this.camera.setTorch(this.torchOn).catch(() => undefined);
    });
    this.watchFocus(abilities.focus);
    fill(this.tools,
      this.element.dataset["state"] === "open" ? null : tool(CAMERA, t("Camera"), () => {
        unlockSound();
        behind(this.open());
      }),
      abilities.torch ? torch : null,
      abilities.zoom ? this.zoom(abilities.zoom) : null,
      this.photo(),
      tool(TYPE, t("Type the number"), () => this.askNumber()));
  }

  /** A press on the picture: the camera focuses there. */
  private watchFocus(can: boolean): void {
    const { video } = this.camera;
    this.element.onclick = !can ? null : (event) => {
      if (event.target instanceof Element && event.target.closest(".finder-tools")) {
        return;
      }
      const box = video.getBoundingClientRect();
      const press = { x: event.clientX - box.left, y: event.clientY - box.top };
      const ring = el("span", { class: "finder-focus", "aria-hidden": "true", onanimationend: () => ring.remove() });
      ring.style.left = `${press.x}px`;
      ring.style.top = `${press.y}px`;
      this.element.append(ring);
      const picture = { width: video.videoWidth, height: video.videoHeight };
      void this.camera.focusAt(pointIn(picture, box, press)).catch(() => undefined);
    };
  }

  private zoom(range: NonNullable<Abilities["zoom"]>): HTMLElement {
    const slider = el("input", {
      type: "range", min: range.min, max: Math.min(range.max, 5), step: range.step || 0.1, value: range.min, "aria-label": t("Zoom"),
      oninput: () => void this.camera.setZoom(Number(slider.value)).catch(() => undefined),
    });
    return el("label", { class: "zoom" }, icon(ZOOM), slider);
  }

  private photo(): HTMLElement {
    const input = el("input", { type: "file", accept: "image/*", class: "sr", "aria-label": t("Picture") });
    if (isHandheld()) {
      input.setAttribute("capture", "environment");
    }
    input.addEventListener("change", () => behind(this.readPicture(input)));
    return el("label", { class: "tool", title: t("Picture") }, icon(PHOTO), el("span", {}, t("Picture")), input);
  }

  private async readPicture(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = "";
    if (!file) {
      return;
    }
    const before = this.hint.textContent;
    this.hint.textContent = t("Reading the picture…");
    try {
      const { symbols, suggestion } = await decodePicture(file);
      const best = symbols.find((symbol) => /^[0-9]{200,}$/.test(symbol.text)) ?? symbols[0];
      if (best) {
        this.onRead(best.text, best.format, cameraMethod());
      } else if (suggestion) {
        this.askWhether(suggestion);
      } else {
        this.onNothing();
      }
      this.hint.textContent = before;
    } catch (error) {
      this.hint.textContent = explain(error);
    }
  }

  private askWhether(number: string): void {
    if (!this.asking?.open) {
      this.asking = askWhether(number, () => this.onRead(number, "", Method.MANUAL), () => this.askNumber());
    }
  }

  private askNumber(): void {
    const input = el("input", {
      id: "number", class: "seal-input", "data-reads": true, maxlength: 20, autocomplete: "off", autocapitalize: "characters",
      spellcheck: "false", placeholder: "ZK 0000 0000 0 VN", enterkeyhint: "go",
    });
    const error = el("p", { class: "error", role: "alert" });
    const dialog = el("dialog", { class: "sheet", onclose: () => dialog.remove() },
      el("form", { method: "dialog", class: "step", onsubmit: (event) => {
        const number = readNumber(input.value);
        if (number) {
          this.onRead(number, "", Method.MANUAL);
        } else {
          event.preventDefault();
          error.textContent = t("That is not a whole number: two letters, nine digits, two letters, and the check digit must fit.");
        }
      } },
      el("h2", {}, t("Type the number under the bars")),
      el("p", { class: "hint" }, t("It is marked as typed by hand.")),
      el("label", { for: "number" }, t("13 characters")), input, error,
      el("div", { class: "actions" }, el("button", { class: "action primary" }, t("Find")),
        el("button", { type: "button", class: "action", onclick: () => dialog.close() }, t("Back")))));
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  }
}

/** What to do about it, in a few words. */
function hintFor(reason: Reason | null): string {
  switch (reason) {
    case "dark": return t("Too dark: switch the torch on or go into the light");
    case "glare": return t("Glare: tilt the label a little");
    case "moving": return t("Moving: hold still");
    case "far": return t("Too far: go closer");
    case "blurred": return t("Not sharp: move a little away, or press on the code");
    case "foreign": return t("This is not our label");
    case null: return t("Hold the square code in the frame");
  }
}

function cameraMethod(): Method {
  return isHandheld() ? Method.PHONE : Method.DESKTOP;
}

function tool(path: string, text: string, onclick: () => void): HTMLButtonElement {
  return el("button", { type: "button", class: "tool", title: text, "aria-label": text, onclick }, icon(path), el("span", {}, text));
}
