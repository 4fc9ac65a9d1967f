/** Entry of /sign-in: says early whether this browser can hold a key; the demonstration's people are one press away. */

import { behind } from "./behind";
import { byId } from "./dom";
import { explain } from "./explain";
import { watchFields } from "./fieldreads";
import { loadWords } from "./i18n";
import { probeKeyStore } from "./keys";
import { finishLeaving, forgetPerson } from "./offline/leave";
import { keepThisLook } from "./offline/looks";
import { get } from "./store";
import type { Me } from "./told";

const PATIENCE_MS = 1_000; // a browser whose database hangs signs in all the same

function fillIn(form: HTMLFormElement, name: string, value: string): void {
  const control = form.elements.namedItem(name);
  if (control instanceof HTMLInputElement) {
    control.value = value;
  }
}

/** Who was here before goes when another signs in: with a slow network the next page must not open as theirs. */
async function forgetOther(login: string): Promise<void> {
  const me = await get<Me>("settings", "me");
  if (me && me.person.login !== login) {
    await forgetPerson();
  }
}

const form = byId("sign-in");
if (form instanceof HTMLFormElement) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
    const login = String(new FormData(form).get("login") ?? "").trim();
    behind(Promise.race([forgetOther(login), late]).catch(() => undefined).then(() => form.submit()));
  }, { once: true });
  for (const choice of document.querySelectorAll<HTMLElement>("[data-login]")) {
    choice.addEventListener("click", () => {
      fillIn(form, "login", choice.dataset["login"] ?? "");
      fillIn(form, "password", choice.dataset["password"] ?? "");
      form.requestSubmit();
    });
  }
}

watchFields();
keepThisLook();
void finishLeaving().catch(() => undefined);

const note = byId("device-check");
if (note) {
  probeKeyStore().catch(async (error: unknown) => {
    await loadWords();
    note.textContent = explain(error);
    note.hidden = false;
  });
}
