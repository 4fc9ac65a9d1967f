/** What this device knows when two phones meet: keys by the log, items, the time; and the exchanges it was part of. */

import type { Bytes } from "../bytes";
import { dayItems, ownerOf } from "../day";
import { honestClock } from "../dayclock";
import { dayRing } from "../dayring";
import type { Session } from "../session";
import { get, setSetting } from "../store";
import type { Me } from "../told";
import type { Ground, KnownItem } from "./verify";

const MOST_KEPT = 30;

/** An exchange that this device was part of: what it showed, to be shown again. */
export interface Kept {
  readonly owner: string;
  readonly offerId: string;
  readonly wire: Bytes; // the message that it shows: an offer it made, an answer it gave
  readonly ids: readonly string[]; // of the check phrase
  readonly side: "giver" | "taker";
  readonly uids: readonly string[];
  readonly other: string; // name of the other person
  readonly atMs: number;
  readonly contacts?: Bytes; // whom to call: shown by the giver once the other one has signed
}

/** The keys, items and time by which the other device's events are checked; null where no day was ever brought. */
export async function groundOf(session: Session): Promise<Ground | null> {
  const ring = await dayRing(session.me);
  if (!ring) {
    return null;
  }
  const known = (await dayItems(session.me)).map((item): [string, KnownItem] =>
    [item.uid, { seq: item.seq, head: item.head, offerId: item.offer?.id ?? null }]);
  const { ms: nowMs, uncertaintyMs: doubtMs } = honestClock().now();
  return { net: session.me.net, ring, person: session.me.person.id, kid: session.key.kid, nowMs, doubtMs, known: new Map(known) };
}

export async function keptPasses(me: Me): Promise<Kept[]> {
  return ((await get<Kept[]>("settings", "passes")) ?? []).filter((one) => one.owner === ownerOf(me));
}

/** Remember an exchange; the oldest are forgotten. */
export async function keepPass(one: Kept): Promise<void> {
  const others = ((await get<Kept[]>("settings", "passes")) ?? []).filter((kept) => kept.offerId !== one.offerId || kept.owner !== one.owner);
  await setSetting("passes", [one, ...others].slice(0, MOST_KEPT));
}
