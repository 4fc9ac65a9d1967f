/** Entry of every page of a signed-in person: what waits is shown, sent, and not forgotten at sign-out; the app is kept. */

import { behind, onFailed } from "./behind";
import { byId, el, fill } from "./dom";
import { explain } from "./explain";
import { watchFields } from "./fieldreads";
import { loadWords, t } from "./i18n";
import { announce, watchSession } from "./lock";
import { finishLeaving, forgetPerson, isLeaving, leave } from "./offline/leave";
import { keepLook, keepThisLook, readLook } from "./offline/looks";
import { dressShell, isShell, sayShell } from "./offline/shell";
import { keepApp } from "./offline/update";
import { Outbox, type OutboxState, waitingWords } from "./outbox";
import { onSession, openSession } from "./session";
import { all, get, type OutboxEntry } from "./store";
import type { Me } from "./told";

const READY_MS = 1_500;
const person = document.documentElement.dataset["person"] ?? "";

function show(badge: HTMLElement, state: OutboxState, me: string): void {
  const refused = state.refused.length + state.papers.length;
  badge.hidden = state.waiting === 0 && refused === 0;
  badge.textContent = state.waiting ? waitingWords(state, me) : t("Refused: {n}", { n: refused });
}

/** Show what waits here and send it; *me* is the person of this browser's last session. */
function begin(me: Me): void {
  const outbox = new Outbox(me.net);
  const badge = byId("scan") ? null : byId("outbox"); // the scan page has its own
  outbox.onChange((state) => {
    if (badge) {
      show(badge, state, me.person.id === (person || me.person.id) ? me.person.name : "");
    }
  });
  outbox.start();
}

/** Signed events of this browser that are not sent yet, whosever they are. */
async function waiting(): Promise<number> {
  return (await all<OutboxEntry>("outbox").catch(() => [])).filter((entry) => entry.status === "waiting").length;
}

/** At once where this browser has had a session, else as soon as this page opens its first. */
async function main(): Promise<void> {
  let begun = false;
  const start = (me: Me): void => {
    if (isShell()) {
      dressShell(me);
      keepToPerson(me.person.id);
    }
    if (!begun) {
      begun = true;
      begin(me);
    }
  };
  onSession(start);
  const known = await get<Me>("settings", "me");
  if (known && person && known.person.id !== person) {
    await forgetPerson(); // another has signed in since: with no network the page must not open as the one before
  } else if (known) {
    start(known);
  }
  if (!begun && person && document.querySelector('a[href="/scan"]')) {
    setTimeout(() => void (begun || openSession().catch(() => undefined)), READY_MS); // so that /scan opens with no network
  }
}

/** Tabs of one browser agree on who is signed in; one that a person has left signs nothing more. */
function keepToPerson(who: string): void {
  watchSession(who);
  announce(who);
}

/** What this browser knows of the person goes at sign-out; what they signed does not. */
function watchSignOut(): void {
  byId("sign-out")?.addEventListener("submit", (event) => {
    event.preventDefault();
    behind((async () => {
      const left = await waiting();
      if (left > 0 && !window.confirm(t("{n} signed events are not yet sent. They stay on this device. Sign out all the same?", { n: left }))) {
        return;
      }
      announce("");
      await leave().catch(() => false);
      location.assign("/sign-in");
    })());
  });
}

/** The colours change where one stands: nothing that was typed is lost. */
function changeThemeInPlace(): void {
  const buttons = document.querySelectorAll<HTMLButtonElement>("[data-set-theme]");
  for (const chosen of buttons) {
    chosen.addEventListener("click", (event) => {
      event.preventDefault();
      const theme = chosen.dataset["setTheme"] ?? "auto";
      document.documentElement.dataset["theme"] = theme;
      keepThisLook();
      markChosen();
      behind(prefer({ theme }));
    });
  }
}

/** The next page may be a kept one: it must know the language; on a kept page nobody else changes it. */
function changeLanguage(): void {
  for (const chosen of document.querySelectorAll<HTMLButtonElement>("button[name=lang]")) {
    chosen.addEventListener("click", (event) => {
      keepLook({ ...readLook(), lang: chosen.value });
      if (isShell()) {
        event.preventDefault();
        behind(prefer({ lang: chosen.value }).finally(() => location.reload()));
      }
    });
  }
}

function markChosen(): void {
  const { lang, dataset } = document.documentElement;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-set-theme], button[name=lang]")) {
    const isChosen = button.name === "lang" ? button.value === lang : button.value === dataset["theme"];
    isChosen ? button.setAttribute("aria-pressed", "true") : button.removeAttribute("aria-pressed");
  }
}

/** What failed with nobody waiting for it stands above the page until that is loaded again. */
function sayFailure(error: unknown): void {
  console.error(error);
  const bar = byId("failure") ?? el("div", { id: "failure", class: "alarm", role: "alert" });
  fill(bar, el("p", {}, t("Something on this page did not work. What you signed is kept. Load the page again.")), el("p", { class: "small" }, explain(error)));
  byId("page")?.before(bar);
}

/** Tell the service of a preference; the page shows it all the same. */
async function prefer(choice: Record<string, string>): Promise<void> {
  await fetch("/preferences", { method: "POST", body: new URLSearchParams({ ...choice, back: "/about" }), redirect: "manual" })
    .catch(() => undefined);
}

async function open(): Promise<void> {
  watchFields();
  await loadWords();
  if (isShell()) {
    sayShell();
    markChosen();
  } else {
    keepThisLook();
  }
  if (person && (await isLeaving())) {
    await endLeaving();
    return;
  }
  void keepApp({ waiting }).catch(() => undefined); // a private window keeps no app
  await main();
}

/** The person of this page left with no network: the service hears of it now, or the page is covered until it does. */
async function endLeaving(): Promise<void> {
  if (await finishLeaving()) {
    location.replace("/sign-in");
  } else {
    announce("");
  }
}

onFailed(sayFailure);
changeThemeInPlace();
changeLanguage();
if (person) {
  keepToPerson(person);
}
watchSignOut();
void open().catch(() => undefined); // a browser without a database has nothing waiting
