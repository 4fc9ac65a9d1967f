/** Who is signed in, with which key, at which place; enrolment of this browser at its first sign-in. */

import { ask, bodyOf, getJson, postJson, Problem, Unreachable } from "./api";
import { dayOf, keepDayFresh } from "./day";
import { honestClock } from "./dayclock";
import { ensureKey, findKey } from "./keys";
import { forgetIn, isStillIn, timesLeft } from "./offline/leave";
import { asked, get, setSetting, type StoredKey, write } from "./store";
import type { DeviceStatus, Me, Place, Self } from "./told";

export interface Session {
  me: Me; // its anchor moves on
  readonly key: StoredKey;
  readonly status: DeviceStatus;
  readonly skewMs?: number; // this device's clock before (+) or behind the service's, where the service answered
}

const CHECK_MS = 4_000;
const HOPELESS_MS = 1_000; // there was no answer a moment ago
const HOPELESS_FOR_MS = 60_000;
/** How long one may sign after the service last knew who is signed in: a long shift. */
export const SHIFT_MS = 24 * 3_600_000;
const listeners = new Set<(me: Me) => void>();

/** Tell *listener* of the person, once a session has been opened on this page. */
export function onSession(listener: (me: Me) => void): void {
  listeners.add(listener);
}

/** The page's person is not (or no longer) the one who is signed in at the service; nothing was signed. */
export class OtherPersonError extends Error {
  constructor(readonly person: string) {
    super(`signed in is ${person || "nobody"}`);
  }
}

/** Without the service one signs for a shift, and as long as the certificate is valid; nothing was signed. */
export class ShiftOverError extends Error {
  constructor(readonly reason: "shift" | "key") {
    super(`no signature offline: ${reason}`);
  }
}

let silentAtMs = Number.NEGATIVE_INFINITY; // by the page's clock, when the service last did not answer

/**
 * Before each signature: is the session still this page's person's? Where the service does not answer, or is in
 * trouble, signing goes on as offline, for a shift. Throws OtherPersonError, ShiftOverError.
 */
export async function confirmPerson(session: Session): Promise<void> {
  const isHopeless = performance.now() - silentAtMs < HOPELESS_FOR_MS;
  try {
    const answer = await ask("/api/v1/me", { signal: AbortSignal.timeout(isHopeless ? HOPELESS_MS : CHECK_MS) });
    const { person } = await bodyOf<Me>(answer);
    if (person.id !== session.me.person.id) {
      throw new OtherPersonError(person.name);
    }
    silentAtMs = Number.NEGATIVE_INFINITY;
    await noteSeen(session.me);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      throw new OtherPersonError("");
    }
    if (!(error instanceof Unreachable || error instanceof Problem)) {
      throw error;
    }
    silentAtMs = performance.now();
    const over = await offlineEnd(session.me);
    if (over) {
      throw new ShiftOverError(over);
    }
  }
}

/** Why *me* may not sign without the service any more, or null. */
async function offlineEnd(me: Me): Promise<"shift" | "key" | null> {
  const { ms, uncertaintyMs, sinceS } = honestClock().now();
  const endMs = me.device?.not_after_ms ?? Number.POSITIVE_INFINITY;
  if (ms - Math.min(uncertaintyMs, SHIFT_MS) > endMs) {
    return "key";
  }
  const seen = await get<Seen>("settings", "seen");
  const isSame = seen?.person === me.person.id && seen.net === me.net;
  return isSame && Math.max(ms - seen.ms, sinceS * 1000) > SHIFT_MS ? "shift" : null;
}

/** The service has just known *me* to be signed in here. */
async function noteSeen(me: Me): Promise<void> {
  await setSetting("seen", { net: me.net, person: me.person.id, ms: honestClock().now().ms } satisfies Seen);
}

interface Seen {
  readonly net: string;
  readonly person: string;
  readonly ms: number; // by the service's clock
}

/** The signed-in person with a key of this browser, enrolled where it was not. Throws KeyStoreError, Problem. */
export async function openSession(): Promise<Session> {
  const left = await timesLeft();
  const first = await getJson<Me>("/api/v1/me");
  const key = await ensureKey(first.net, first.person.id);
  let me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`);
  let status = me.device?.status ?? "none";
  if (status === "none") {
    status = await enrol(key);
    me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`); // the certificate names the places that count
  }
  const skewMs = Date.now() - me.now_ms;
  await keepMe(me, left);
  await noteSeen(me);
  void navigator.storage?.persist?.().catch(() => false); // each time: a browser may grant later what it did not at first
  for (const tell of listeners) {
    tell(me);
  }
  const session: Session = { me, key, status, skewMs };
  if (globalThis.document) {
    keepDayFresh(session); // so that the shift goes on where the network ends
  }
  return session;
}

/** From now on this browser is *me*'s, and forgets who was before; not if somebody has left since *left*: OtherPersonError. */
async function keepMe(me: Me, left: number): Promise<void> {
  await write(["settings", "items", "day"], async (transaction) => {
    if (!(await isStillIn(transaction, left))) {
      throw new OtherPersonError("");
    }
    const settings = transaction.objectStore("settings");
    const before = await asked<Me | undefined>(settings.get("me"));
    if (before && before.person.id !== me.person.id) {
      forgetIn(transaction);
    }
    settings.put(me, "me");
  });
}

/**
 * What was known at the last sign-in, for a page opened with no network; undefined where nothing was, and once that is
 * longer ago than a shift.
 */
export async function lastSession(): Promise<Session | undefined> {
  const me = await get<Me>("settings", "me");
  const key = me && !(await offlineEnd(me)) ? await findKey(me.net, me.person.id) : undefined;
  return me && key && { me: { ...me, anchor: await newestAnchor(me) }, key, status: me.device?.status ?? "none" };
}

/** The newest checkpoint that this device has seen: with the session, or with the day. */
async function newestAnchor(me: Me): Promise<Me["anchor"]> {
  const seen = (await dayOf(me))?.checkpoint ?? null;
  return seen && seen.size > (me.anchor?.size ?? 0) ? { size: seen.size, root: seen.root } : me.anchor;
}

/** Ask for a certificate for *key*: at once at a demonstration, by a supervisor elsewhere. */
export async function enrol(key: StoredKey): Promise<DeviceStatus> {
  const answer = await postJson<{ status: DeviceStatus }>("/api/v1/devices", {
    public_key: key.publicKey,
    name: deviceName(),
  });
  return answer.status;
}

/** Whether the supervisor has approved by now; then the places of the certificate are known as well. */
export async function deviceStatus(session: Session): Promise<DeviceStatus> {
  const left = await timesLeft();
  const me = await getJson<Me>(`/api/v1/me?kid=${session.key.kid}`);
  const status = me.device?.status ?? "none";
  if (status === "active" && me.person.id === session.me.person.id) {
    session.me = me;
    await keepMe(me, left);
  }
  return status;
}

/** Take note of the newest checkpoint: what is signed next can then not be claimed to be older. */
export async function refreshAnchor(session: Session): Promise<void> {
  try {
    const { anchor } = await getJson<Pick<Me, "anchor">>("/api/v1/bundle");
    if ((anchor?.size ?? 0) > (session.me.anchor?.size ?? 0)) {
      session.me = { ...session.me, anchor };
    }
  } catch {
    // the last one seen still holds
  }
}

/** The offices this person may scan at, the usual one first; an agency is a place only for who has no office. */
export function placesOf(person: Self): Place[] {
  const offices = [person.office, ...(person.offices ?? [])];
  const own = offices.some((place) => place !== null) ? offices : [person.agency];
  const all = own.filter((place): place is Place => place !== null);
  return all.filter((place, index) => all.findIndex((other) => other.code === place.code) === index);
}

/** A phone or handheld rather than a desktop: its main pointer is a finger. */
export function isHandheld(): boolean {
  return globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;
}


export function deviceName(): string {
  const system = /Android|iPhone|iPad|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? "";
  const browser = /Firefox|Edg|Chrome|Safari/.exec(navigator.userAgent)?.[0] ?? "";
  return [browser === "Edg" ? "Edge" : browser, system].filter(Boolean).join(", ") || "?";
}
