/**
 * One person at a time in one browser: a tab that was opened under a person signs nothing more once another tab has
 * signed out, or somebody else in.
 */

import { el } from "./dom";
import { t } from "./i18n";
import { OtherPersonError } from "./session";

const CHANNEL = "tram-session";

let locked = false;

/** Whether this tab may not sign any more. */
export function isLocked(): boolean {
  return locked;
}

/** Tell the other tabs who is signed in from now on; "" for nobody. */
export function announce(person: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(person);
  channel.close();
}

/** Lock this tab, which is *person*'s, as soon as another tab tells of somebody else or nobody. */
export function watchSession(person: string): void {
  new BroadcastChannel(CHANNEL).addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string" && data !== person) {
      lock(data === "" ? signedOut() : t("Another person has signed in to this browser. Nothing more can be signed on this page."));
    }
  });
}

/** What the check before a signature found: the page is locked where it is another's, then the error goes on. */
export function lockAndThrow(error: unknown): never {
  if (error instanceof OtherPersonError && error.person) {
    lockForOther(error.person);
  }
  throw error;
}

/** Lock this tab: *name* is signed in to this browser now. */
export function lockForOther(name: string): void {
  lock(t("{name} is signed in to this browser now. Nothing was signed.", { name }));
}

function signedOut(): string {
  return t("You are signed out. Nothing more can be signed on this page.");
}

/** Cover the page for good; what was typed stays under it and is sent by nobody. */
function lock(text: string): void {
  if (locked) {
    return;
  }
  locked = true;
  const dialog = el("dialog", { class: "sheet locked", role: "alertdialog", "aria-label": text },
    el("p", { class: "alarm" }, text),
    el("div", { class: "actions" }, el("a", { class: "action", href: location.pathname }, t("Open the page again"))));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => dialog.showModal());
  document.body.append(dialog);
  dialog.showModal();
}
