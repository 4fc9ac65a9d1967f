/** Items as the service shows them to one person, and where that person stands towards each. */

import { ask, bodyOf, Problem, Unreachable } from "./api";
import { type Bytes, toHex } from "./bytes";
import { dayItem, dayPeople, withWaiting } from "./day";
import { get } from "./store";
import type { DayItem, Item, Me, Person } from "./told";

const SOON_MS = 4_000; // a person with an envelope in hand does not wait longer
const HOPELESS_MS = 1_500; // the browser says that there is no network: it may be wrong

/** Where a page that plays (`/practice`) has its items and people from, instead of the service. */
export interface Register {
  item(number: string): Promise<Item>;
  people(): Promise<readonly Person[]>;
}

let played: Register | null = null;

/** From now on this page asks *register* and no service; a page that plays never stops playing. */
export function playRegister(register: Register): void {
  played = register;
}

/**
 * An item; who has its *label* in hand (by its digest) sees what a scan needs even where it is not theirs. Where the
 * service does not answer soon, the item as this device knows it (`local`). What waits here is counted in either way.
 */
export async function getItem(number: string, label?: Bytes): Promise<Item> {
  if (played) {
    return played.item(number);
  }
  const me = await get<Me>("settings", "me");
  const shown = label ? `?label=${toHex(label)}` : "";
  try {
    const signal = AbortSignal.timeout(patienceMs());
    const item = await bodyOf<Item>(await ask(`/api/v1/items/${encodeURIComponent(number)}${shown}`, { signal }));
    return me ? await withWaiting(me, item) : item;
  } catch (error) {
    const local = me && (await dayItem(me, number));
    if (!local || !isUnanswered(error, local)) {
      throw error;
    }
    return local;
  }
}

/** People who may take an item: by agency, office or a word of their name; those of the day where nobody answers. */
export async function findPeople(query: Readonly<Record<string, string | number>>): Promise<readonly Person[]> {
  if (played) {
    return played.people();
  }
  const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  try {
    const signal = AbortSignal.timeout(patienceMs());
    return (await bodyOf<{ people: Person[] }>(await ask(`/api/v1/people?${words}`, { signal }))).people;
  } catch (error) {
    const me = await get<Me>("settings", "me");
    const isAway = error instanceof Unreachable || (error instanceof Problem && error.status >= 500);
    const people = me && isAway ? await dayPeople(me, query) : [];
    if (!people.length) {
      throw error;
    }
    return people;
  }
}

function patienceMs(): number {
  return globalThis.navigator?.onLine === false ? HOPELESS_MS : SOON_MS;
}

/** No answer, or trouble; or the service does not know yet what this device does: an event that waits here. */
function isUnanswered(error: unknown, local: DayItem): boolean {
  return error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || local.ahead));
}

/** Tell the service of a read that led to no item, or to a false one. A text that is not ours stays here. */
export function logScan(scan: {
  text: string; format: string; method: number; outcome: string; place: number;
}): void {
  if (played) {
    return;
  }
  const body = JSON.stringify(scan);
  void ask("/api/v1/scans", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => undefined);
}

/** Whether only the named person may open it. Not its sender, to whom it comes back: they had closed it. */
export function isOnlyNamed(item: Pick<Item, "only_named" | "is_returning">): boolean {
  return item.only_named === true && item.is_returning !== true;
}

/** The outer marks, as they stand on the cover. */
export function marksOf(item: Pick<Item, "secrecy" | "urgency">): string[] {
  const secrecy = ["", "A", "B", "C"][item.secrecy ?? 0];
  const urgency = ["", "Hỏa tốc", "Hẹn giờ"][item.urgency ?? 0];
  return [secrecy, urgency].filter((mark): mark is string => Boolean(mark));
}
