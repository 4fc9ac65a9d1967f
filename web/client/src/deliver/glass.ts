/** A signature with a finger on the courier's screen: the weakest proof, so it asks why no other one was to be had. */

import { behind } from "../behind";
import { type Bytes, sha256, utf8 } from "../bytes";
import { el, fill } from "../dom";
import { settle } from "../guard";
import { t } from "../i18n";
import { reasonText } from "../event";
import { actions, button } from "../scan/view";
import { why } from "../teach/why";
import { drawingText, isDrawn, type Stroke } from "./drawing";

export interface Signature {
  readonly drawing: string;
  readonly digest: Bytes;
  readonly reason: string;
}

/** Ask for name, reason and drawing; null where they go back. */
export function askGlass(root: HTMLElement): Promise<Signature | null> {
  return new Promise((resolve) => {
    const name = el("input", { id: "glass-name", maxlength: 80, autocomplete: "off" });
    const pad = new Pad();
    const error = el("p", { class: "error", role: "alert" });
    let reason = "";
    const reasons = [t("No account and no device"), t("Their device does not work"), t("Password forgotten"), t("No connection")];
    const picks = reasons.map((text) => el("button", { type: "button", class: "pick", "aria-pressed": "false", onclick: (event) => {
      reason = text;
      picks.forEach((other) => other.setAttribute("aria-pressed", String(other === event.currentTarget)));
    } }, text));
    const go = async (): Promise<void> => {
      const who = reasonText(name.value).slice(0, 80);
      if (!reason) {
        error.textContent = t("Say why they cannot sign with a key of their own.");
      } else if (!who) {
        error.textContent = t("Write the name and position of who signs.");
        name.focus();
      } else if (!isDrawn(pad.strokes)) {
        error.textContent = t("Let them sign in the field.");
      } else {
        const drawing = drawingText(who, pad.strokes);
        resolve({ drawing, digest: await sha256(utf8(drawing)), reason: t("Signed on glass: {reason}", { reason }) });
      }
    };
    const bar = actions(settle(button(t("Deliver"), "primary", () => behind(go()))), button(t("Back"), "quiet", () => resolve(null)));
    bar.classList.add("still"); // it must not lie over the field
    fill(root, el("section", { class: "step" },
      el("h2", { tabindex: -1 }, t("Signature on the screen")),
      el("p", { class: "hint" }, t("The weakest proof. It is marked as such; name and drawing are kept apart from the log and can be erased.")),
      el("p", { class: "label" }, t("Why not with a key of their own?")), el("div", { class: "choices", role: "group" }, ...picks),
      el("label", { for: name.id }, t("Name and position of who signs")), name,
      el("div", { class: "glass-head" }, el("p", { class: "label" }, t("Sign here with a finger")),
        el("button", { type: "button", class: "quiet", onclick: () => pad.clear() }, t("Clear the field"))),
      pad.canvas, error, why("proof")),
    bar);
    root.querySelector<HTMLElement>(".step h2")?.focus();
  });
}

/** The field that is drawn in. */
class Pad {
  readonly canvas = el("canvas", { class: "glass-pad", width: 1000, height: 500, "aria-label": t("Field for the signature") });
  strokes: Stroke[] = [];
  private stroke: number[] | null = null;

  constructor() {
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.stroke = [];
      this.strokes = [...this.strokes, this.stroke];
      this.draw(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.canvas.addEventListener(end, () => {
        this.stroke = null;
      });
    }
  }

  clear(): void {
    this.strokes = [];
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  private draw(event: PointerEvent): void {
    if (!this.stroke) {
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width * 1000, (event.clientY - box.top) / box.height * 1000];
    const ink = this.canvas.getContext("2d");
    if (ink && this.stroke.length) {
      ink.strokeStyle = getComputedStyle(this.canvas).color;
      ink.lineWidth = 6;
      ink.lineCap = "round";
      ink.beginPath();
      ink.moveTo(this.stroke.at(-2) ?? x, (this.stroke.at(-1) ?? y) / 2);
      ink.lineTo(x, y / 2);
      ink.stroke();
    }
    this.stroke.push(x, y);
  }
}
