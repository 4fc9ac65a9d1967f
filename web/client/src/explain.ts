/** Failures in the words of the one who is held up by them. */

import { Problem, Unreachable } from "./api";
import { StepTakenError } from "./device";
import { t } from "./i18n";
import { KeyStoreError } from "./keys";
import { OtherPersonError, ShiftOverError } from "./session";
import { StorageFullError } from "./store";

/** What went wrong, and what to do. */
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
  if (error instanceof StorageFullError) {
    return t("This device has no room left: nothing was signed. Delete photos or files on it, send what waits, then sign again.");
  }
  if (error instanceof StepTakenError) {
    return t("You have signed this step on this device already: nothing was signed again. Scan the envelope to see how it stands now.");
  }
  if (error instanceof ShiftOverError) {
    return error.reason === "key"
      ? t("The certificate of this device has ended: nothing was signed. Connect the device, or use another one.")
      : t("This device has not reached the service for a whole shift: nothing was signed. Connect it and sign in; what waits here is kept.");
  }
  if (error instanceof OtherPersonError) {
    return error.person ? t("{name} is signed in to this browser now. Nothing was signed.", { name: error.person })
      : t("You are signed out: nothing was signed. Sign in again.");
  }
  if (error instanceof Problem) {
    return error.status === 401 ? t("You are signed out. Sign in again.") : [error.message, error.hint].filter(Boolean).join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}
