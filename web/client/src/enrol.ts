/**
 * Entry of /enrol: a phone is set up from a supervisor's screen. The code stands behind the # of the address and is
 * taken out of it at once. Whether this browser keeps a key is tried before the code is used up.
 */

import { askedFor } from "./address";
import { Problem, postJson } from "./api";
import { fromHex } from "./bytes";
import { checkDigits, sixDigits } from "./checkdigits";
import { byId, el, fill } from "./dom";
import { explain } from "./explain";
import { loadWords, t } from "./i18n";
import { ensureKey, keyId, KeyStoreError, probeKeyStore } from "./keys";
import { installGuide, watchInstall } from "./offline/install";
import { actions, alarm } from "./scan/view";
import { deviceName, openSession } from "./session";
import { type StoredKey, write } from "./store";

interface Look {
  readonly net: string;
  readonly person: { readonly id: string; readonly name: string };
  readonly place: string;
}

const POLL_MS = 1_500;
const AGAIN: readonly string[] = ["wrong-sign-in", "locked"];

/** Whose phone this will be: who holds it proves it by their password, of which the supervisor knows nothing. */
async function ask(root: HTMLElement, look: Look, problem = ""): Promise<string> {
  return new Promise<string>((resolve) => {
    const password = el("input", { id: "enrol-password", type: "password", autocomplete: "current-password", required: true });
    const error = el("p", { class: "error", role: "alert", id: "enrol-error" }, problem);
    password.setAttribute("aria-describedby", error.id);
    const form = el("form", { class: "step", onsubmit: (event) => {
      event.preventDefault();
      resolve(password.value);
    } },
    el("h2", { tabindex: -1 }, t("Is this you?")),
    el("p", { class: "state" }, look.person.name), look.place && el("p", { class: "muted" }, look.place),
    el("p", {}, t("This phone will then sign for you. Lend it to nobody; report it at once if it is lost.")),
    el("label", { for: password.id }, t("Your password")), password, error,
    actions(el("button", { class: "action primary" }, t("Yes, set it up for me")),
      el("a", { class: "action quiet", href: "/sign-in" }, t("No, that is somebody else"))));
    fill(root, form);
    password.focus();
  });
}

/** Ask until the password is right; the key is then this person's claim. */
async function askAndClaim(root: HTMLElement, code: string, look: Look): Promise<Awaited<ReturnType<typeof claim>>> {
  for (let problem = ""; ;) {
    try {
      return await claim(code, look, await ask(root, look, problem));
    } catch (error) {
      if (!(error instanceof Problem && AGAIN.includes(error.code))) {
        throw error;
      }
      problem = explain(error);
    }
  }
}

/** The key of this person in this browser; one that was withdrawn makes room for a new one. */
async function claim(code: string, look: Look, password: string): Promise<{ readonly ticket: string; readonly key: StoredKey }> {
  for (let fresh = false; ; fresh = true) {
    const key = await ensureKey(look.net, look.person.id);
    try {
      const body = { code, public_key: key.publicKey, name: deviceName(), password };
      const { ticket } = await postJson<{ ticket: string }>("/api/v1/enrolments/claim", body);
      return { ticket, key };
    } catch (error) {
      if (fresh || !(error instanceof Problem && error.code === "key-ended")) {
        throw error;
      }
      await write(["keys"], (transaction) => void transaction.objectStore("keys").delete(keyId(look.net, look.person.id)));
    }
  }
}

/** The digits stand here until the supervisor has decided. */
async function compare(root: HTMLElement, code: string, ticket: string, key: StoredKey): Promise<void> {
  const digits = sixDigits(await checkDigits(code, fromHex(key.publicKey)));
  fill(root, step(t("Show the supervisor these digits"), el("p", { class: "digits" }, digits),
    el("p", {}, t("The same must stand on the supervisor's screen. This page goes on once they have approved.")),
    el("p", { class: "muted", role: "status" }, t("Waiting for the supervisor…"))));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const { status } = await postJson<{ status: string }>("/api/v1/enrolments/finish", { ticket })
      .catch((error: unknown) => {
        if (error instanceof Problem && error.status < 500 && error.status !== 429) {
          throw error;
        }
        return { status: "waiting" }; // no network for a moment
      });
    if (status === "approved" || status === "done") {
      return;
    }
    if (status !== "waiting") {
      throw new Error(status === "refused" ? t("The supervisor has refused this phone.") : t("The ten minutes are over. Ask the supervisor for a new code."));
    }
  }
}

function step(title: string, ...parts: Parameters<typeof fill>[1][]): HTMLElement {
  return el("section", { class: "step" }, el("h2", { tabindex: -1 }, title), ...parts);
}

async function setUp(root: HTMLElement, code: string): Promise<void> {
  if (!code) {
    fill(root, step(t("Scan the code on the supervisor's screen"),
      el("p", {}, t("Open this phone's camera and hold it over the square code; then open the address that appears."))));
    return;
  }
  await probeKeyStore();
  const look = await postJson<Look>("/api/v1/enrolments/look", { code });
  const { ticket, key } = await askAndClaim(root, code, look);
  await compare(root, code, ticket, key);
  const { me } = await openSession();
  void navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => undefined);
  fill(root, step(t("Ready, {name}", { name: me.person.name }),
    el("p", {}, t("This phone signs for you from now on.")), installGuide(),
    actions(el("a", { class: "action primary", href: "/scan" }, t("Begin scanning")))));
  root.querySelector("h2")?.focus();
}

function refused(error: unknown): HTMLElement {
  const cause = error instanceof KeyStoreError
    ? el("p", {}, t("The code is not used up: open it again in a normal window or another browser."))
    : el("p", {}, t("Ask the supervisor to show a new code, and scan it."));
  return el("div", {}, alarm(explain(error)), cause);
}

const root = byId("enrol");
if (root) {
  const code = askedFor(location.hash);
  history.replaceState(null, "", location.pathname);
  watchInstall();
  void loadWords().then(() => setUp(root, code)).catch((error: unknown) => fill(root, refused(error)));
}
