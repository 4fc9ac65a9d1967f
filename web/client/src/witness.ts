/** A second person signs in the same browser: own name, own password, own key; nobody is signed out. */

import { Problem, postJson } from "./api";
import { el, fill } from "./dom";
import { explain } from "./explain";
import { t } from "./i18n";
import { ensureKey } from "./keys";
import { actions, button } from "./scan/view";
import type { DeviceStatus, Named, Session } from "./session";
import type { StoredKey } from "./store";

interface Answer {
  readonly person: Named;
  readonly status: DeviceStatus;
}

/** Ask the second person in; their key of this browser, or null where they go back. */
export function askWitness(root: HTMLElement, session: Session, heading: string): Promise<StoredKey | null> {
  return new Promise((resolve) => {
    const login = el("input", { id: "witness-login", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const password = el("input", { id: "witness-password", type: "password", autocomplete: "off" });
    const error = el("p", { class: "error", role: "alert" });
    const go = async (): Promise<void> => {
      error.textContent = "";
      try {
        resolve(await admit(session, login.value.trim(), password.value));
      } catch (failure) {
        error.textContent = failure instanceof Problem && failure.status === 401
          ? t("Name or password is wrong.") : explain(failure);
        password.select();
      }
    };
    const form = el("form", { class: "step", onsubmit: (event) => {
      event.preventDefault();
      void go();
    } },
    el("h2", {}, heading),
    el("p", { class: "hint" }, t("Both look at the envelope. The second person signs in here; you stay signed in.")),
    el("label", { for: login.id }, t("Name for signing in")), login,
    el("label", { for: password.id }, t("Password")), password, error,
    actions(el("button", { class: "action primary" }, t("Sign together")), button(t("Back"), "", () => resolve(null))));
    fill(root, form);
    login.focus();
  });
}

async function admit(session: Session, login: string, password: string): Promise<StoredKey> {
  const first = await postJson<Answer>("/api/v1/witness", { login, password });
  if (first.person.id === session.me.person.id) {
    throw new Error(t("The second person must be somebody else."));
  }
  const key = await ensureKey(session.me.net, first.person.id);
  const answer = await postJson<Answer>("/api/v1/witness", { login, password, public_key: key.publicKey });
  if (answer.status !== "active") {
    throw new Error(t("The key of {name} on this device waits for a supervisor's approval.", { name: answer.person.name }));
  }
  return key;
}
