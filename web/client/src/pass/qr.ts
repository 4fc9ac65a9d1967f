/** Frames on the screen: one QR code after the other, for the other phone's camera; the screen stays awake meanwhile. */

import { correction, generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";
import { behind } from "../behind";
import { el } from "../dom";
import { t } from "../i18n";

const EACH_MS = 250; // two or three camera frames; two changes of light a second, below the three of WCAG 2.3.1
const QUIET = 4; // modules of white around a code
const SVG = "http://www.w3.org/2000/svg";

export class FrameShow {
  readonly element: HTMLElement;
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly path = document.createElementNS(SVG, "path");
  private readonly count = el("p", { class: "pass-count" });
  private readonly drawn: string[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private lock: WakeLockSentinel | undefined;
  private at = 0;
  private version: number | undefined; // of the first code: all are drawn alike
  private running = false;

  /** *frames* are of one length, but for the last: all are drawn as large as the first. */
  constructor(private readonly frames: readonly string[]) {
    this.svg.setAttribute("class", "pass-code");
    this.svg.setAttribute("role", "img");
    this.svg.append(this.path);
    this.element = el("figure", { class: "pass-show" }, el("div", { class: "pass-paper" }), this.count);
    this.element.firstElementChild?.append(this.svg);
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** Begin, and keep the screen awake where the browser can. */
  start(): void {
    this.running = true;
    this.draw();
    this.timer ??= this.frames.length > 1 ? setInterval(() => this.next(), EACH_MS) : undefined;
    behind(this.wake());
  }

  stop(): void {
    this.running = false;
    clearInterval(this.timer);
    this.timer = undefined;
    document.removeEventListener("visibilitychange", this.onVisible);
    void this.lock?.release().catch(() => undefined);
    this.lock = undefined;
  }

  private readonly onVisible = (): void => {
    if (document.visibilityState === "visible" && this.running) {
      behind(this.wake()); // the browser lets go of the lock whenever the page is out of sight
    }
  };

  private async wake(): Promise<void> {
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.running) {
        this.lock = lock;
      } else {
        await lock?.release();
      }
    } catch {
      // low battery, or not allowed: the screen may darken, a touch brings it back
    }
  }

  private next(): void {
    this.at = (this.at + 1) % this.frames.length;
    this.draw();
  }

  private draw(): void {
    const words = { n: this.at + 1, m: this.frames.length };
    this.path.setAttribute("d", this.codeOf(this.at));
    this.svg.setAttribute("aria-label", t("Code {n} of {m} for the other phone", words));
    this.svg.dataset["frame"] = String(words.n);
    this.count.textContent = words.m > 1 ? t("Code {n} of {m}", words) : "";
  }

  private codeOf(at: number): string {
    const known = this.drawn[at];
    if (known !== undefined) {
      return known;
    }
    const version = this.version;
    const code = generate(this.frames[at] ?? "", {
      minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M, minVersion: version ?? 1, maxVersion: version ?? 40,
    });
    this.version = (code.size - 17) / 4;
    const size = code.size + 2 * QUIET;
    this.svg.setAttribute("viewBox", `${-QUIET} ${-QUIET} ${size} ${size}`);
    const path = toSvgPath(code);
    this.drawn[at] = path;
    return path;
  }
}
