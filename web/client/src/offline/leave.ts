/**
 * Leaving: what this browser keeps of a person goes, what they signed stays until it is sent. Without a network the
 * service is told at the next start, before anything else is asked of it.
 */

import { get, setSetting, write } from "../store";

const LEAVING = "leaving";
const PERSONAL = ["me", "place", "seen", "passes"]; // settings

/** Forget who was here; keys, outbox and receipts stay. */
export async function forgetPerson(): Promise<void> {
  await write(["settings", "items", "day"], (transaction) => {
    for (const name of PERSONAL) {
      transaction.objectStore("settings").delete(name);
    }
    transaction.objectStore("items").clear();
    transaction.objectStore("day").clear();
  });
}

/** End the session; true where the service has heard of it. */
export async function leave(): Promise<boolean> {
  await forgetPerson();
  await setSetting(LEAVING, true);
  return finishLeaving();
}

/** Tell the service of a leave it has not heard of; true where nothing is left to tell. */
export async function finishLeaving(): Promise<boolean> {
  if (!(await get<boolean>("settings", LEAVING))) {
    return true;
  }
  try {
    await fetch("/sign-out", { method: "POST", redirect: "manual" }); // any answer: the session is over, or was
  } catch {
    return false;
  }
  await setSetting(LEAVING, false);
  return true;
}
