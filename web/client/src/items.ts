/** Items as the service shows them to one person, and where that person stands towards each. */

import { ask, getJson } from "./api";
import { type Bytes, toHex } from "./bytes";
import type { Named, Place } from "./session";

export type ActionName =
  | "receive" | "hand_over" | "deliver" | "refuse" | "cancel" | "sight"
  | "return" | "relabel" | "void" | "override" | "report" | "claim";

export interface Finding {
  readonly id: string;
  readonly code: string;
  readonly severity: string;
  readonly title: string;
  readonly advice: string;
  readonly resolved: boolean;
}

export interface Item {
  readonly number: string;
  readonly uid: string;
  readonly state: string;
  readonly seq: number;
  readonly head: string;
  readonly custodian: Named | null;
  readonly offer: { readonly id: string; readonly giver: Named; readonly taker: Named; readonly expires_ms: number } | null;
  readonly instance: number;
  readonly label: { readonly digits: string } | null;
  readonly seal_commitment: string | null;
  readonly kind: number | null;
  readonly secrecy: number | null;
  readonly urgency: number | null;
  readonly due_ms: number | null;
  readonly sender: Place | null;
  readonly recipient: Place | null;
  readonly verdict: string;
  readonly findings: readonly Finding[];
  readonly held: boolean;
  readonly actions: readonly ActionName[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly office: Place | null;
  readonly agency: Place | null;
}

/** An item; who has its *label* in hand (by its digest) sees what a scan needs even where it is not theirs. */
export function getItem(number: string, label?: Bytes): Promise<Item> {
  const shown = label ? `?label=${toHex(label)}` : "";
  return getJson<Item>(`/api/v1/items/${encodeURIComponent(number)}${shown}`);
}

/** People who may take an item: by agency, office or a word of their name. */
export async function findPeople(query: Readonly<Record<string, string | number>>): Promise<readonly Person[]> {
  const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  return (await getJson<{ people: Person[] }>(`/api/v1/people?${words}`)).people;
}

/** Tell the service of a read that led to no item, or to a false one. A text that is not ours stays here. */
export function logScan(scan: {
  text: string; format: string; method: number; outcome: string; place: number;
}): void {
  const body = JSON.stringify(scan);
  void ask("/api/v1/scans", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => undefined);
}

/** The outer marks, as they stand on the cover. */
export function marksOf(item: Pick<Item, "secrecy" | "urgency">): string[] {
  const secrecy = ["", "A", "B", "C"][item.secrecy ?? 0];
  const urgency = ["", "Hỏa tốc", "Hẹn giờ"][item.urgency ?? 0];
  return [secrecy, urgency].filter((mark): mark is string => Boolean(mark));
}
