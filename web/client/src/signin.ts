/** Entry of /sign-in: says early whether this browser can hold a key; the demonstration's people are one press away. */

import { byId } from "./dom";
import { explain } from "./explain";
import { loadWords } from "./i18n";
import { probeKeyStore } from "./keys";
import { finishLeaving } from "./offline/leave";
import { keepThisLook } from "./offline/looks";

function fillIn(form: HTMLFormElement, name: string, value: string): void {
  const control = form.elements.namedItem(name);
  if (control instanceof HTMLInputElement) {
    control.value = value;
  }
}

const form = byId("sign-in");
if (form instanceof HTMLFormElement) {
  for (const choice of document.querySelectorAll<HTMLElement>("[data-login]")) {
    choice.addEventListener("click", () => {
      fillIn(form, "login", choice.dataset["login"] ?? "");
      fillIn(form, "password", choice.dataset["password"] ?? "");
      form.requestSubmit();
    });
  }
}

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
