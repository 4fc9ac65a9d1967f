/** The button that silences the page, tones and voice together; remembered on this device. */

import { behind } from "../behind";
import { el, icon } from "../dom";
import { t } from "../i18n";
import { isMuted, mute } from "../sound";
import { stopSpeech } from "../speech/speak";
import { setSetting } from "../store";

const LOUD = "M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 010 7M19 6a8.5 8.5 0 010 12";
const SILENT = "M4 9v6h4l5 4V5L8 9zM16 9.5l5 5M21 9.5l-5 5";

export function soundTool(onChange: () => void): HTMLElement {
  const words = isMuted() ? t("Sound is off") : t("Sound is on");
  return el("button", { type: "button", class: "tool sound", title: words, "aria-label": words, "aria-pressed": String(isMuted()), onclick: () => {
    mute(!isMuted());
    stopSpeech();
    behind(setSetting("muted", isMuted()));
    onChange();
  } }, icon(isMuted() ? SILENT : LOUD));
}
