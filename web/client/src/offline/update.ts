/**
 * The kept app and its next version. A new one waits: it takes over when a person says so, never under an open step,
 * and only once all that was signed here is sent. Who closes every page of the app gets it the next time by itself.
 */

import { behind } from "../behind";
import { byId, el, fill } from "../dom";
import { t } from "../i18n";

const LOOK_MS = 30 * 60_000;
const ASK_MS = 300;
const SHOW_MS = 2_000;
const CHANNEL = "tram-update";

/** What a page needs to say of itself. */
export interface Standing {
  readonly waiting: () => Promise<number>; // signed events that are not sent yet
}

export type Offer = "none" | "send-first" | "reload";

/** What to say of a version that waits. */
export function offerOf(state: { readonly ready: boolean; readonly busy: boolean; readonly waiting: number }): Offer {
  if (!state.ready || state.busy) {
    return "none";
  }
  return state.waiting > 0 ? "send-first" : "reload";
}

/** Whether somebody is in the middle of something on this page. */
export function isBusy(): boolean {
  const step = document.querySelector('[data-view="step"], [data-busy], dialog[open]:not(.locked)');
  const form = byId("acceptance");
  return step !== null || (form instanceof HTMLFormElement && !form.hidden && form.dataset["dirty"] !== undefined);
}

/** Keep the app from now on, and offer what is newer. Where there is no service worker the page works as it is. */
export async function keepApp(standing: Standing): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  answerOthers();
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const look = (): void => void registration.update().catch(() => undefined); // no network: later
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      look();
    }
  });
  let taken = false;
  const had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    taken = had; // the first worker of a browser replaces nothing
  });
  const bar = el("div", { class: "note info update", role: "status", hidden: true });
  byId("page")?.before(bar);
  const show = async (): Promise<void> => {
    const ready = taken || (registration.waiting !== null && registration.active !== null);
    draw(bar, offerOf({ ready, busy: isBusy(), waiting: ready ? await standing.waiting() : 0 }), registration, standing);
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", () => behind(show())));
  setInterval(() => behind(show()), SHOW_MS);
  await show();
}

function draw(bar: HTMLElement, offer: Offer, registration: ServiceWorkerRegistration, standing: Standing): void {
  bar.hidden = offer === "none";
  if (bar.dataset["offer"] === offer) {
    return;
  }
  bar.dataset["offer"] = offer;
  const words = offer === "send-first"
    ? t("A new version is ready. What you signed is sent first; then you can load it.")
    : t("A new version is ready.");
  const problem = el("p", { class: "error" });
  fill(bar, el("div", {}, el("p", {}, words), problem, offer !== "reload" ? null
    : el("button", { type: "button", class: "btn main", onclick: () => behind(reload(registration, standing, problem)) }, t("Load it now"))));
}

/** Take the new version, unless a page of this browser is in the middle of something. */
async function reload(registration: ServiceWorkerRegistration, standing: Standing, problem: HTMLElement): Promise<void> {
  if (isBusy() || (await standing.waiting()) > 0) {
    return; // the bar says so by itself
  }
  if (await areOthersBusy()) {
    problem.textContent = t("Another page of Trạm is in the middle of a step. Finish it first.");
    return;
  }
  if (!registration.waiting) {
    location.reload(); // another page has taken it already
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage("take-over");
}

/** Other pages of this browser may ask whether this one is busy. */
function answerOthers(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data === "busy?" && isBusy()) {
      channel.postMessage("busy");
    }
  });
}

function areOthersBusy(): Promise<boolean> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise((resolve) => {
    const end = (busy: boolean): void => {
      channel.close();
      resolve(busy);
    };
    const timer = setTimeout(() => end(false), ASK_MS);
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data === "busy") {
        clearTimeout(timer);
        end(true);
      }
    });
    channel.postMessage("busy?");
  });
}
