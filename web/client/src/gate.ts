/** The way into a page that signs: words, session, key, outbox; or one plain sentence on why not. */

import { Problem, Unreachable } from "./api";
import { el, fill, needStyle } from "./dom";
import { loadWords, t } from "./i18n";
import { KeyStoreError } from "./keys";
import { Outbox } from "./outbox";
import { deviceStatus, lastSession, openSession, type Session } from "./session";

const POLL_MS = 5_000;

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
    status = await deviceStatus(session.key).catch(() => status);
  }
}

/** Any failure of opening, in words. */
export function explain(error: unknown): string {
  if (error instanceof KeyStoreError) {
    switch (error.reason) {
      case "insecure":
        return t("This address is not secure (https), so the browser keeps no key. Ask your administrator for the https address.");
      case "algorithm":
        return t("This browser cannot sign (no Ed25519). Use a current Chrome, Edge, Firefox or Safari.");
      case "storage":
        return t("This browser does not keep a key: a private window, or storage is switched off. Open the page in a normal window.");
    }
  }
  if (error instanceof Unreachable) {
    return t("The service does not answer. Nothing is lost; try again in a moment.");
  }
  if (error instanceof Problem) {
    return error.status === 401 ? t("You are signed out. Sign in again.") : [error.message, error.hint].filter(Boolean).join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}
