/** An envelope of practice, drawn: its label, its number, its seal. To be held before the reader, shown large, or printed. */

import { correction, generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";
import { el } from "../dom";
import { t } from "../i18n";
import { marksOf } from "../items";
import { groupNumber } from "../s10";
import { button } from "../scan/view";
import type { Envelope } from "./world";

const QUIET = 4; // modules of white around a code
const SVG = "http://www.w3.org/2000/svg";

/** The envelope; *onScan* holds it before the reader of this page. */
export function envelopeView(envelope: Envelope, onScan: (digits: string) => void): HTMLElement {
  const scan = button(t("Scan this envelope"), "", () => onScan(envelope.digits), { "data-scan": envelope.number });
  const large = button(t("Show the label large, for another device"), "quiet", () => showLarge(envelope));
  return el("figure", { class: "envelope", "data-digits": envelope.digits }, face(envelope), el("figcaption", {}, scan, large));
}

/** What stands on the envelope. */
export function face(envelope: Envelope): HTMLElement {
  return el("div", { class: "envelope-face" }, codeOf(envelope.digits, groupNumber(envelope.number)),
    el("div", {}, el("p", { class: "practice-mark" }, t("PRACTICE")), el("p", { class: "number" }, groupNumber(envelope.number)),
      ...marksOf({ secrecy: envelope.secrecy, urgency: 0 }).map((mark) => el("span", { class: "mark" }, mark)),
      el("p", { class: "seal-strip" }, el("small", {}, t("Seal")), " ", el("b", {}, envelope.shown))));
}

function showLarge(envelope: Envelope): void {
  const dialog = el("dialog", { class: "sheet practice-large", onclose: () => dialog.remove() }, codeOf(envelope.digits, groupNumber(envelope.number)),
    el("p", { class: "number" }, groupNumber(envelope.number)), el("p", {}, el("small", {}, t("Seal")), " ", el("b", {}, envelope.shown)),
    button(t("Back"), "", () => dialog.close()));
  document.body.append(dialog);
  dialog.showModal();
}

function codeOf(digits: string, name: string): SVGSVGElement {
  const code = generate(digits, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
  const svg = document.createElementNS(SVG, "svg");
  const size = code.size + 2 * QUIET;
  svg.setAttribute("viewBox", `${-QUIET} ${-QUIET} ${size} ${size}`);
  svg.setAttribute("class", "envelope-code");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("Practice label {number}", { number: name }));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", toSvgPath(code));
  svg.append(path);
  return svg;
}
