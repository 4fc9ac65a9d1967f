/** The number of a label printed in advance, read off it by the camera instead of typed. */

import { behind } from "./behind";
import { Camera, type Symbol } from "./camera";
import { el } from "./dom";
import { t } from "./i18n";
import { Agreement, isOurs } from "./scan/agree";

/** Put a button after *input* that reads a label into it, where this browser has a camera to give. */
export function offerCamera(input: HTMLInputElement): void {
  if (navigator.mediaDevices) {
    input.after(el("button", { type: "button", class: "btn small", onclick: () => behind(readInto(input)) }, t("Read it with the camera")));
  }
}

async function readInto(input: HTMLInputElement): Promise<void> {
  const agreement = new Agreement();
  const camera = new Camera((symbols) => take(agreement.believed(symbols, performance.now())));
  const hint = el("p", { class: "hint", role: "status" }, t("Hold the label before the camera."));
  const dialog = el("dialog", { class: "sheet", "aria-label": t("Read it with the camera"), onclose: () => {
    camera.close();
    dialog.remove();
    input.focus();
  } }, el("div", { class: "lens" }, camera.video), hint,
  el("div", { class: "actions" }, el("button", { type: "button", class: "action", onclick: () => dialog.close() }, t("Back"))));
  const take = (symbols: readonly Symbol[]): void => {
    const found = symbols.find(({ text }) => isOurs(text));
    if (found) {
      input.value = found.text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      dialog.close();
    } else if (symbols.length) {
      hint.textContent = t("This is not our label");
    }
  };
  document.body.append(dialog);
  dialog.showModal();
  try {
    await camera.start();
  } catch {
    hint.textContent = t("No camera found. Use the reader, a picture or the number.");
  }
}
