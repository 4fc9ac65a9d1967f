/** Entry of every page of a signed-in person: what waits is shown, sent, and not forgotten at sign-out. */

import { byId } from "./dom";
import { loadWords, t } from "./i18n";
import { announce, watchSession } from "./lock";
import { Outbox, type OutboxState, waitingWords } from "./outbox";
import { type Me, onSession } from "./session";
import { get } from "./store";

const person = document.documentElement.dataset["person"] ?? "";
let waiting = 0;

function show(badge: HTMLElement, state: OutboxState, me: string): void {
  badge.hidden = state.waiting === 0 && state.refused.length === 0;
  badge.textContent = state.waiting ? waitingWords(state, me) : t("Refused: {n}", { n: state.refused.length });
}

/** Show what waits here and send it; *me* is the person of this browser's last session. */
async function begin(me: Me): Promise<void> {
  await loadWords();
  const outbox = new Outbox(me.net);
  const badge = byId("scan") ? null : byId("outbox"); // the scan page has its own
  outbox.onChange((state) => {
    waiting = state.waiting;
    if (badge) {
      show(badge, state, me.person.id === person ? me.person.name : "");
    }
  });
  outbox.start();
}

/** At once where this browser has had a session, else as soon as this page opens its first. */
async function main(): Promise<void> {
  let begun: Promise<void> | undefined;
  onSession((me) => {
    begun ??= begin(me);
  });
  const known = await get<Me>("settings", "me");
  if (known) {
    begun ??= begin(known);
  }
}

/** Tabs of one browser agree on who is signed in; one that a person has left signs nothing more. */
function keepToPerson(): void {
  if (person) {
    watchSession(person);
    announce(person);
  }
  byId("sign-out")?.addEventListener("submit", (event) => {
    if (waiting > 0 && !window.confirm(t("{n} signed events are not yet sent. They stay on this device. Sign out all the same?", { n: waiting }))) {
      event.preventDefault();
    } else {
      announce("");
    }
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
      buttons.forEach((other) => other.removeAttribute("aria-pressed"));
      chosen.setAttribute("aria-pressed", "true");
      void fetch("/preferences", { method: "POST", body: new URLSearchParams({ theme, back: "/about" }), redirect: "manual" })
        .catch(() => undefined); // the page shows it all the same
    });
  }
}

changeThemeInPlace();
keepToPerson();
void main().catch(() => undefined); // a browser without a database has nothing waiting
