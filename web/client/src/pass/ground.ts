/** What this device knows when two phones meet: keys by the log, items, the time; and the exchanges it was part of. */

import { parseEvent } from "../../../verifier/src/event";
import { KeyRing } from "../../../verifier/src/keys";
import { E, F } from "../../../verifier/src/fields";
import { type Bytes, toHex } from "../bytes";
import { type Day, dayItems, dayOf, ownerOf, type SystemEntry } from "../day";
import { honestClock } from "../dayclock";
import type { Me, Session } from "../session";
import { all, get, setSetting } from "../store";
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
}

/** The keys, items and time by which the other device's events are checked; null where no day was ever brought. */
export async function groundOf(session: Session): Promise<Ground | null> {
  const ring = await ringOf(session.me);
  if (!ring) {
    return null;
  }
  const known = (await dayItems(session.me)).map((item): [string, KnownItem] =>
    [item.uid, { seq: item.seq, head: item.head, offerId: item.offer?.id ?? null }]);
  const { ms: nowMs, uncertaintyMs: doubtMs } = honestClock().now();
  return { net: session.me.net, ring, person: session.me.person.id, kid: session.key.kid, nowMs, doubtMs, known: new Map(known) };
}

/** The certificates as the log had them when this device last saw it. */
async function ringOf(me: Me): Promise<KeyRing | null> {
  const day = (await dayOf(me)) as (Day & { readonly roots?: readonly string[] }) | undefined;
  const entries = (await all<SystemEntry>("system")).filter((one) => one.net === me.net).sort((left, right) => left.index - right.index);
  if (!day || !entries.length) {
    return null;
  }
  const ring = new KeyRing(new Set(day.roots ?? []));
  for (const { index, loggedMs, raw } of entries) {
    await ring.apply({ index, event: parseEvent(bytesOf(raw)), loggedMs });
  }
  return ring;
}

/** The newest KEY_CERT entry of *kid* that this device has seen. */
export async function certificateEntry(me: Me, publicKey: string): Promise<Bytes | null> {
  const entries = (await all<SystemEntry>("system")).filter((one) => one.net === me.net).sort((left, right) => right.index - left.index);
  for (const { raw } of entries) {
    const bytes = bytesOf(raw);
    const event = parseEvent(bytes);
    if (event.type === E.KEY_CERT && toHex(event.bytes(F.PUBLIC) as Bytes) === publicKey) {
      return bytes;
    }
  }
  return null;
}

export async function keptPasses(me: Me): Promise<Kept[]> {
  return ((await get<Kept[]>("settings", "passes")) ?? []).filter((one) => one.owner === ownerOf(me));
}

/** Remember an exchange; the oldest are forgotten. */
export async function keepPass(one: Kept): Promise<void> {
  const others = ((await get<Kept[]>("settings", "passes")) ?? []).filter((kept) => kept.offerId !== one.offerId || kept.owner !== one.owner);
  await setSetting("passes", [one, ...others].slice(0, MOST_KEPT));
}

function bytesOf(base64url: string): Bytes {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
