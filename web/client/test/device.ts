/** A device and a service for the tests of what is signed, kept and sent. */

import "fake-indexeddb/auto";
import "./locks";
import { type Bytes, toHex } from "../src/bytes";
import { entryId } from "../src/cose";
import type { Draft } from "../src/device";
import { EventType } from "../src/event";
import { ensureKey } from "../src/keys";
import type { Outbox } from "../src/outbox";
import type { Session } from "../src/session";
import { write } from "../src/store";
import type { Me } from "../src/told";

export const NET = "0011223344556677";
export const PERSON = "0102030405060708";
export const ME: Me = {
  person: { id: PERSON, name: "An", login: "an", roles: [], office: null, agency: null },
  net: NET, origin: "test", anchor: null, demo: true, now_ms: 0, device: null,
};
export const DRAFT: Draft = {
  type: EventType.SIGHT, number: "ZK473124829VN", title: "sight", uid: new Uint8Array(8), seq: 1, prev: new Uint8Array(32),
  place: 220_001, extra: new Map(),
};

type Answer = (entries: Bytes[]) => Promise<Response> | Response;

/** What was sent since `serve`, request by request. */
export let sent: Bytes[][] = [];

/** Answer every upload with *answer*. */
export function serve(answer: Answer): void {
  sent = [];
  globalThis.fetch = async (_path, init) => {
    const { entries } = JSON.parse(String(init?.body)) as { entries: string[] };
    const raw = entries.map((entry) => Uint8Array.from(Buffer.from(entry, "base64url")));
    sent.push(raw);
    return answer(raw);
  };
}

/** The same verdict for all. */
export async function results(entries: Bytes[], status: string): Promise<Response> {
  const ids = await Promise.all(entries.map(async (raw) => toHex(await entryId(raw))));
  return Response.json({ results: ids.map((id, index) => ({
    id, status, index: index + 7, findings: ["L10"], receipt: "proof", error: status === "refused" ? { detail: "no key" } : null,
  })) });
}

export async function session(): Promise<Session> {
  return { me: ME, key: await ensureKey(NET, PERSON), status: "active" };
}

/** Send, and stop the retry that a failure would leave running. */
export async function sendOnce(outbox: Outbox, id: string): ReturnType<Outbox["send"]> {
  const outcome = await outbox.send(id);
  clearTimeout((outbox as unknown as { timer: NodeJS.Timeout }).timer);
  return outcome;
}

/** As on a device where nothing was signed. */
export async function empty(): Promise<void> {
  await write(["keys", "outbox", "receipts", "settings"], (transaction) => {
    for (const name of ["keys", "outbox", "receipts", "settings"]) {
      transaction.objectStore(name).clear();
    }
  });
}
