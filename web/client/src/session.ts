/** Who is signed in, with which key, at which place; enrolment of this browser at its first sign-in. */

import { ask, getJson, postJson, Problem, Unreachable } from "./api";
import { ensureKey, findKey } from "./keys";
import { get, setSetting, type StoredKey } from "./store";

export interface Named<K = string> {
  readonly id: K;
  readonly name: string;
}

export interface Place {
  readonly code: number;
  readonly name: string;
}

export interface Person extends Named {
  readonly login: string;
  readonly roles: readonly string[];
  readonly office: Place | null;
  readonly offices?: readonly Place[];
  readonly agency: Place | null;
}

export interface Me {
  readonly person: Person;
  readonly net: string;
  readonly origin: string;
  readonly anchor: { readonly size: number; readonly root: string } | null;
  readonly demo: boolean;
  readonly now_ms: number;
  readonly remarks?: readonly string[]; // codes of findings that put nothing in question
  readonly device: { readonly kid: string; readonly status: DeviceStatus } | null;
}

export type DeviceStatus = "active" | "pending" | "none";

export interface Session {
  me: Me; // its anchor moves on
  readonly key: StoredKey;
  readonly status: DeviceStatus;
  readonly skewMs?: number; // this device's clock before (+) or behind the service's, where the service answered
}

const CHECK_MS = 4_000;
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

/**
 * Before each signature: is the session still this page's person's? Where the service does not answer, or is in
 * trouble, signing goes on as offline. Throws OtherPersonError.
 */
export async function confirmPerson(session: Session): Promise<void> {
  try {
    const answer = await ask("/api/v1/me", { signal: AbortSignal.timeout(CHECK_MS) });
    const { person } = (await answer.json()) as Me;
    if (person.id !== session.me.person.id) {
      throw new OtherPersonError(person.name);
    }
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      throw new OtherPersonError("");
    }
    if (!(error instanceof Unreachable || error instanceof Problem)) {
      throw error;
    }
  }
}

/** The signed-in person with a key of this browser, enrolled where it was not. Throws KeyStoreError, Problem. */
export async function openSession(): Promise<Session> {
  const first = await getJson<Me>("/api/v1/me");
  const key = await ensureKey(first.net, first.person.id);
  let me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`);
  let status = me.device?.status ?? "none";
  if (status === "none") {
    status = await enrol(key);
    me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`); // the certificate names the places that count
  }
  const skewMs = Date.now() - me.now_ms;
  await setSetting("me", me);
  for (const tell of listeners) {
    tell(me);
  }
  return { me, key, status, skewMs };
}

/** What was known at the last sign-in, for a page opened with no network; undefined where nothing was. */
export async function lastSession(): Promise<Session | undefined> {
  const me = await get<Me>("settings", "me");
  const key = me && (await findKey(me.net, me.person.id));
  return me && key && { me, key, status: me.device?.status ?? "none" };
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
  const me = await getJson<Me>(`/api/v1/me?kid=${session.key.kid}`);
  const status = me.device?.status ?? "none";
  if (status === "active") {
    session.me = me;
    await setSetting("me", me);
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
export function placesOf(person: Person): Place[] {
  const offices = [person.office, ...(person.offices ?? [])];
  const own = offices.some((place) => place !== null) ? offices : [person.agency];
  const all = own.filter((place): place is Place => place !== null);
  return all.filter((place, index) => all.findIndex((other) => other.code === place.code) === index);
}

/** A phone or handheld rather than a desktop: its main pointer is a finger. */
export function isHandheld(): boolean {
  return globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;
}


function deviceName(): string {
  const system = /Android|iPhone|iPad|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? "";
  const browser = /Firefox|Edg|Chrome|Safari/.exec(navigator.userAgent)?.[0] ?? "";
  return [browser === "Edg" ? "Edge" : browser, system].filter(Boolean).join(", ") || "?";
}
