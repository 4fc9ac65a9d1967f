/** The way into a page that signs: words, session, key, outbox; or one plain sentence on why not. */

import { Unreachable } from "./api";
import { el, fill, needStyle } from "./dom";
import { explain } from "./explain";
import { loadWords, t } from "./i18n";
import { Outbox } from "./outbox";
import { alarm } from "./scan/view";
import { deviceStatus, lastSession, openSession, type Session } from "./session";

const POLL_MS = 5_000;
const CLOCK_LIMIT_MS = 120_000;

/** Open *page* once this browser may sign for the signed-in person; until then *root* says what is missing. */
export async function enter(root: HTMLElement, page: (session: Session, outbox: Outbox) => Promise<void>): Promise<void> {
  needStyle("/static/scan.css");
  await loadWords();
  try {
    const session = await sessionOrLast();
    const outbox = new Outbox(session.me.net);
    if (session.status !== "active") {
      await approval(root, session);
    }
    warnOfClock(root, session.skewMs ?? 0);
    await page(session, outbox);
    outbox.start();
  } catch (error) {
    fill(root, el("div", { class: "alarm", role: "alert" }, el("p", {}, explain(error))));
  }
}

async function sessionOrLast(): Promise<Session> {
  try {
    return await openSession();
  } catch (error) {
    const last = error instanceof Unreachable ? await lastSession() : undefined;
    if (!last) {
      throw error;
    }
    return last;
  }
}

/** Every event bears this device's time: one that is far off is said above every page that signs. */
function warnOfClock(root: HTMLElement, skewMs: number): void {
  if (Math.abs(skewMs) > CLOCK_LIMIT_MS) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    root.before(alarm(t("The clock of this device is {n} minutes off. Set it right before you sign.", { n: minutes })));
  }
}

/** Wait until a supervisor has approved this device. */
async function approval(root: HTMLElement, session: Session): Promise<void> {
  fill(root, el("section", { class: "step approval" },
    el("h2", {}, t("This device waits for approval")),
    el("p", {}, t("A supervisor must approve it before you can sign. Show them this screen.")),
    el("p", { class: "print" }, (session.key.kid.match(/.{4}/g) ?? []).join(" ")),
    el("p", { class: "hint" }, t("This page goes on by itself once it is approved."))));
  let status = session.status;
  while (status !== "active") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    status = await deviceStatus(session).catch(() => status);
  }
}
