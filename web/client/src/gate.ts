/** The way into a page that signs: words, session, key, outbox; or one plain sentence on why not. */

import { Problem, Unreachable } from "./api";
import { el, fill, needStyle } from "./dom";
import { explain } from "./explain";
import { loadWords, t } from "./i18n";
import { lockForOther } from "./lock";
import { finishLeaving } from "./offline/leave";
import { isBusy } from "./offline/update";
import { Outbox } from "./outbox";
import { alarm } from "./scan/view";
import { dropWarmed } from "./warmed";
import { deviceStatus, lastSession, openSession, OtherPersonError, type Session } from "./session";

const POLL_MS = 5_000;
const CLOCK_LIMIT_MS = 120_000;

/** Open *page* once this browser may sign for the signed-in person; until then *root* says what is missing. */
export async function enter(root: HTMLElement, page: (session: Session, outbox: Outbox) => Promise<void>): Promise<void> {
  needStyle("/static/scan.css");
  const words = loadWords();
  try {
    const [session] = await Promise.all([sessionOrLast(root), words]);
    performance.mark("session");
    const outbox = new Outbox(session.me.net);
    if (session.status !== "active") {
      await dropWarmed(); // nobody scans before a supervisor has come
      await approval(root, session);
    }
    warnOfClock(root, session.skewMs ?? 0);
    await page(session, outbox);
    outbox.start();
  } catch (error) {
    await Promise.all([words, dropWarmed()]);
    fill(root, el("div", { class: "alarm", role: "alert" }, el("p", {}, explain(error))));
  }
}

/**
 * The session this browser had last, at once: an envelope may be in hand already, and each signature asks the service
 * again who is signed in. Who is not known here waits for the service's answer.
 */
async function sessionOrLast(root: HTMLElement): Promise<Session> {
  if (!(await finishLeaving())) {
    throw new OtherPersonError("");
  }
  const last = await lastSession();
  const fresh = openSession().catch((error: unknown) => lastOr(last, error));
  if (last?.status !== "active") {
    return fresh;
  }
  fresh.then((session) => keepCurrent(root, last, session)).catch(() => undefined); // each signature hears of it
  return last;
}

function lastOr(last: Session | undefined, error: unknown): Session {
  if (error instanceof Problem && error.status === 401 && !isBusy()) {
    const back = new URLSearchParams({ next: location.pathname });
    location.replace(`/sign-in?${back}`);
  }
  if (last && error instanceof Unreachable) {
    return last;
  }
  throw error;
}

/** The answer that came after the page had begun: its news are taken; a page of another person is locked. */
function keepCurrent(root: HTMLElement, last: Session, fresh: Session): void {
  if (fresh.me.person.id !== last.me.person.id) {
    lockForOther(fresh.me.person.name);
  } else if (fresh.status !== "active" && !isBusy()) {
    location.reload(); // its certificate has ended: the page says so from its beginning
  } else {
    last.me = fresh.me;
    warnOfClock(root, fresh.skewMs ?? 0);
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
