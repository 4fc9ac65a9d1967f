/** Entry of every page of a signed-in person: what waits is shown, sent, and not forgotten at sign-out. */

import { byId } from "./dom";
import { loadWords, t } from "./i18n";
import { Outbox, type OutboxState, waitingWords } from "./outbox";
import type { Me } from "./session";
import { get } from "./store";

function show(badge: HTMLElement, state: OutboxState): void {
  badge.hidden = state.waiting === 0 && state.refused.length === 0;
  badge.textContent = state.waiting ? waitingWords(state) : t("Refused: {n}", { n: state.refused.length });
}

async function main(): Promise<void> {
  const me = await get<Me>("settings", "me");
  if (!me) {
    return; // nothing was ever signed here
  }
  await loadWords();
  const outbox = new Outbox(me.net);
  const badge = byId("scan") ? null : byId("outbox"); // the scan page has its own
  let waiting = 0;
  outbox.onChange((state) => {
    waiting = state.waiting;
    if (badge) {
      show(badge, state);
    }
  });
  byId("sign-out")?.addEventListener("submit", (event) => {
    if (waiting > 0 && !window.confirm(t("{n} signed events are not yet sent. They stay on this device. Sign out all the same?", { n: waiting }))) {
      event.preventDefault();
    }
  });
  outbox.start();
}

void main().catch(() => undefined); // a browser without a database has nothing waiting
