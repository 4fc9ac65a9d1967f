/**
 * Leaving: what this browser keeps of a person goes, what they signed stays until it is sent. Without a network the
 * service is told at the next start, before anything else is asked of it.
 */

import { asked, get, setSetting, write } from "../store";
import { noteCamera } from "../warmed";

const LEAVING = "leaving";
const LEFT = "left"; // how often somebody has left this browser
const PATIENCE_MS = 20_000;
const PERSONAL = ["me", "place", "seen", "passes", "recent-takers"]; // settings

/** Forget who was here; keys, outbox and receipts stay. */
export async function forgetPerson(): Promise<void> {
  await write(["settings", "items", "day"], forgetIn);
}

/** The same within *transaction* of settings, items and day. */
export function forgetIn(transaction: IDBTransaction): void {
  for (const name of PERSONAL) {
    transaction.objectStore("settings").delete(name);
  }
  transaction.objectStore("items").clear();
  transaction.objectStore("day").clear();
}

/** How often somebody has left so far: to be taken before the service is asked, and given to `isStillIn` with its answer. */
export async function timesLeft(): Promise<number> {
  return (await get<number>("settings", LEFT)) ?? 0;
}

/** Whether nobody has left since: what comes after a leave is of nobody, and not kept. Within *transaction* of settings. */
export async function isStillIn(transaction: IDBTransaction, times: number): Promise<boolean> {
  return ((await asked<number | undefined>(transaction.objectStore("settings").get(LEFT))) ?? 0) === times;
}

/** End the session; true where the service has heard of it. */
export async function leave(): Promise<boolean> {
  noteCamera(false); // it opens with the first line of a page only for who is signed in
  const marked = write(["settings", "items", "day"], async (transaction) => {
    forgetIn(transaction);
    const settings = transaction.objectStore("settings");
    const times = (await asked<number | undefined>(settings.get(LEFT))) ?? 0;
    settings.put(times + 1, LEFT);
    settings.put(true, LEAVING);
  });
  await marked.catch(forgetPerson).catch(() => undefined); // a browser that keeps nothing more is left all the same
  return tell();
}

/** Whether the service has not heard of a leave yet. */
export async function isLeaving(): Promise<boolean> {
  return (await get<boolean>("settings", LEAVING).catch(() => false)) === true;
}

/** Tell the service of a leave it has not heard of; true where nothing is left to tell. */
export async function finishLeaving(): Promise<boolean> {
  return !(await isLeaving()) || tell();
}

async function tell(): Promise<boolean> {
  let answer: Response;
  try {
    answer = await fetch("/sign-out", { method: "POST", redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return false;
  }
  if (answer.status >= 400 && answer.status !== 401) {
    return false; // it is in trouble: the session may still be open
  }
  await setSetting(LEAVING, false).catch(() => undefined);
  return true;
}
