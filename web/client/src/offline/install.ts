/** How the app gets onto the home screen: by the browser's own question where it has one, else in words. */

import { behind } from "../behind";
import { el, fill } from "../dom";
import { t } from "../i18n";

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

let offered: InstallEvent | undefined;
let redraw = (): void => undefined;

/** Keep the browser's offer for the moment it is wanted; to be called before the page waits for anything. */
export function watchInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offered = event as InstallEvent;
    redraw();
  });
  addEventListener("appinstalled", () => {
    offered = undefined;
    redraw();
  });
}

/** Whether this page was opened from the home screen. */
function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches;
}

/** What to press on this device; nothing where the app stands on the home screen already. */
export function installGuide(): HTMLElement | null {
  if (isInstalled()) {
    return null;
  }
  const way = el("div");
  redraw = () => fill(way, offered
    ? el("button", { type: "button", class: "btn big wide", onclick: () => behind(offered?.prompt()) }, t("Put Trạm on the home screen"))
    : el("ol", {}, ...stepsFor(navigator.userAgent).map((text) => el("li", {}, text))));
  redraw();
  return el("section", { class: "card" }, el("h3", {}, t("Put it on the home screen")),
    el("p", {}, t("It then opens like an app, with no network too, and the phone keeps what you signed for longer.")), way);
}

function stepsFor(agent: string): string[] {
  if (/iPhone|iPad/.test(agent)) {
    return [t("Press the share sign: a square with an arrow."), t("Choose “Add to Home Screen”, then “Add”.")];
  }
  return [t("Open the browser's menu: three dots or lines."), t("Choose “Install app” or “Add to home screen”.")];
}
