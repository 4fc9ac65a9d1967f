/**
 * A second person signs in the same browser: own name, own password, and a key that is made for this one act. It
 * countersigns only, ends within minutes and is never stored: this browser cannot act as that person afterwards,
 * and a key with which that person enrolled a browser is never used here.
 */

import { Problem, postJson } from "./api";
import { behind } from "./behind";
import type { Signer } from "./cose";
import { el, fill } from "./dom";
import { explain } from "./explain";
import { settle } from "./guard";
import { t } from "./i18n";
import { passingKey } from "./keys";
import { actions, button } from "./scan/view";
import type { Named } from "./told";
import { type Subject, why } from "./teach/why";

/** The second person's key for one act, and whose it is. */
export type Second = Signer & { readonly person: Named };

/** Ask the second person in; their key for this act, or null where they go back. */
export function askWitness(root: HTMLElement, heading: string, subject: Subject = "two-signatures"): Promise<Second | null> {
  return new Promise((resolve) => {
    const login = el("input", { id: "witness-login", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const password = el("input", { id: "witness-password", type: "password", autocomplete: "off" });
    const error = el("p", { class: "error keeps-height", role: "alert", id: "witness-error" });
    login.setAttribute("aria-describedby", error.id);
    password.setAttribute("aria-describedby", error.id);
    const sign = settle(el("button", { class: "action primary" }, t("Sign together")));
    let busy = false;
    const go = async (): Promise<void> => {
      if (busy) {
        return;
      }
      busy = true;
      sign.setAttribute("aria-busy", "true");
      try {
        resolve(await admit(login.value.trim(), password.value));
      } catch (failure) {
        error.textContent = failure instanceof Problem && failure.code === "wrong-sign-in"
          ? t("Name or password of the second person is wrong. You stay signed in.") : explain(failure);
        password.select();
      } finally {
        busy = false;
        sign.removeAttribute("aria-busy");
      }
    };
    const form = el("form", { class: "step", onsubmit: (event) => {
      event.preventDefault();
      behind(go());
    } },
    el("h2", {}, heading),
    el("p", { class: "hint" }, t("Both look at the envelope. The second person signs in here; you stay signed in.")),
    el("label", { for: login.id }, t("Name for signing in")), login,
    el("label", { for: password.id }, t("Password")), password, error, why(subject),
    actions(sign, button(t("Back"), "", () => resolve(null))));
    fill(root, form);
    login.focus();
  });
}

/** Have a new key certified for the second person, who has just typed the password. The key lives in this page only. */
export async function admit(login: string, password: string): Promise<Second> {
  const made = await passingKey();
  const { person } = await postJson<{ readonly person: Named }>("/api/v1/witness", { login, password, public_key: made.publicKey });
  return { ...made.signer, person };
}
