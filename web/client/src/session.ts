/** Who is signed in, with which key, at which place; enrolment of this browser at its first sign-in. */

import { getJson, postJson } from "./api";
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
  readonly device: { readonly kid: string; readonly status: DeviceStatus } | null;
}

export type DeviceStatus = "active" | "pending" | "none";

export interface Session {
  me: Me; // its anchor moves on
  readonly key: StoredKey;
  readonly status: DeviceStatus;
}

/** The signed-in person with a key of this browser, enrolled where it was not. Throws KeyStoreError, Problem. */
export async function openSession(): Promise<Session> {
  const first = await getJson<Me>("/api/v1/me");
  const key = await ensureKey(first.net, first.person.id);
  const me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`);
  await setSetting("me", me);
  const status = me.device?.status ?? "none";
  return { me, key, status: status === "none" ? await enrol(key) : status };
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

/** Whether the supervisor has approved by now. */
export async function deviceStatus(key: StoredKey): Promise<DeviceStatus> {
  const me = await getJson<Me>(`/api/v1/me?kid=${key.kid}`);
  return me.device?.status ?? "none";
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

/** The places this person may scan at, the usual one first. */
export function placesOf(person: Person): Place[] {
  const others = (person.offices ?? []).filter((office) => office.code !== person.office?.code);
  return [...(person.office ? [person.office] : []), ...others];
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
