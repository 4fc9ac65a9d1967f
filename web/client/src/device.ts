/**
 * Signing with the device's chain. An event is signed, and it and the new head of the chain are on the disk in
 * one transaction, before anything is sent: no event is lost, no place in the chain is used twice.
 */

import { OBSERVATIONS } from "../../verifier/src/machine";
import { type Bytes, fromHex, toHex } from "./bytes";
import { entryId, type Signer } from "./cose";
import { readEvent } from "./day";
import { honestClock, type Moment } from "./dayclock";
import { EventType, type Fields, type ItemRef, makeFields, signEvent } from "./event";
import { signerOf } from "./keys";
import { isLocked } from "./lock";
import { refusePractice } from "./practice/net";
import { OtherPersonError, type Session } from "./session";
import {
  all, allIn, asked, get, nextOrder, type OutboxEntry, StorageFullError, type StoredKey, type StoredReceipt, write,
} from "./store";

const LEAST_ROOM = 1_000_000; // bytes: hundreds of events, and what the browser needs beside them

/** What is to be signed about one item. */
export interface Draft {
  readonly type: EventType;
  readonly number: string;
  readonly title: string;
  readonly uid: Bytes;
  readonly seq: number;
  readonly prev: Bytes;
  readonly place: number;
  readonly extra: Fields;
  readonly second?: Signer;
  readonly also?: readonly ItemRef[]; // further items of the same event
}

/** The chain moved while an event was being signed; nothing was kept. */
export class ChainMovedError extends Error {}

/** This very step was signed on this device before, by another page or before an error: the same again would be a fork. */
export class StepTakenError extends Error {}

/** Sign *draft* and keep it in the outbox; the id of the event. Nothing has been sent yet. */
export async function record(session: Session, draft: Draft, moment = honestClock().now()): Promise<string> {
  const [id] = await recordAll(session, [() => draft], moment);
  return toHex(id as Bytes);
}

/**
 * Sign several events in one go, each made when the ids of those before it are known: all of them are kept, in one
 * transaction, or none. Their ids, in order.
 */
export async function recordAll(
  session: Session,
  steps: readonly ((earlier: readonly Bytes[]) => Draft)[],
  moment = honestClock().now(),
): Promise<Bytes[]> {
  refusePractice(session.me.net);
  if (isLocked()) {
    throw new OtherPersonError("");
  }
  await needRoom();
  return exclusively(`tram-key-${session.key.kid}`, async () => {
    const key = await get<StoredKey>("keys", session.key.id);
    if (!key || key.kid !== session.key.kid) {
      throw new ChainMovedError("the key of this page is no longer the key of this browser");
    }
    const ids: Bytes[] = [];
    const entries: OutboxEntry[] = [];
    const waiting = (await all<OutboxEntry>("outbox")).filter((entry) => entry.kid === key.kid && entry.status === "waiting");
    const taken = new Set(waiting.flatMap(stepsOf));
    for (const step of steps) {
      const draft = step(ids);
      await needNewStep(draft, key.kid, taken);
      const at = { ...key, dseq: key.dseq + ids.length, dprev: ids.at(-1) ?? key.dprev };
      const fields = makeFields(draft.type, frameOf(session, draft, at, moment), draft.extra);
      const raw = await signEvent(fields, signerOf(key), draft.second);
      const id = await entryId(raw);
      ids.push(id);
      entries.push({
        id: toHex(id),
        raw,
        net: key.net,
        kid: key.kid,
        dseq: at.dseq,
        number: draft.number,
        title: draft.title,
        signer: session.me.person.name,
        createdMs: moment.ms,
        uncertaintyMs: moment.uncertaintyMs,
        status: "waiting",
        problem: "",
      });
    }
    await keep(key, entries, ids.at(-1) ?? key.dprev);
    return ids;
  });
}

/** Throws StepTakenError where *draft* is a step of *taken*, or one that the log took from this key without a question. */
async function needNewStep(draft: Draft, kid: string, taken: ReadonlySet<string>): Promise<void> {
  if (OBSERVATIONS.has(draft.type) || !draft.uid.length) {
    return;
  }
  const receipts = await allIn<StoredReceipt>("receipts", IDBKeyRange.only(draft.number), "number");
  const stored = new Set(receipts.filter((one) => one.kid === kid && !one.findings.length).flatMap(stepsOf));
  for (const { uid, seq, prev } of [draft, ...(draft.also ?? [])]) {
    const step = `${toHex(uid)} ${seq} ${toHex(prev)}`;
    if (taken.has(step) || stored.has(step)) {
      throw new StepTakenError(`step ${seq} of ${draft.number} is signed already`);
    }
  }
}

/** What an entry builds on, item by item; an observation takes no step. */
function stepsOf(entry: Pick<OutboxEntry, "id" | "raw">): string[] {
  return readEvent(entry).filter(({ type }) => !OBSERVATIONS.has(type))
    .flatMap(({ items }) => items.map(({ uid, seq, prev }) => `${uid} ${seq} ${prev}`));
}

/** Nothing is signed that could not be kept: throws StorageFullError where the browser has no room left. */
async function needRoom(): Promise<void> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  if (quota !== undefined && usage !== undefined && quota - usage < LEAST_ROOM) {
    throw new StorageFullError(`${quota - usage} bytes of storage are left`);
  }
}

function frameOf(session: Session, draft: Draft, key: StoredKey, moment: Moment): Parameters<typeof makeFields>[1] {
  const anchor = session.me.anchor;
  return {
    uid: draft.uid,
    seq: draft.seq,
    prev: draft.prev,
    net: fromHex(session.me.net),
    actor: fromHex(session.me.person.id),
    place: draft.place,
    dseq: key.dseq,
    dprev: key.dprev,
    anchor: anchor && anchor.size > 0 ? { size: anchor.size, root: fromHex(anchor.root) } : null,
    claimedMs: moment.ms,
    clock: clockOf(moment),
    nonce: crypto.getRandomValues(new Uint8Array(8)),
    also: draft.also ?? [],
  };
}

function clockOf({ sinceS, uncertaintyMs, epoch }: Moment): [number, number, number] {
  return [sinceS, uncertaintyMs, epoch];
}

/** Report how far this key's chain has come (DEVICE_HEAD): what is missing below it is then known to be missing. */
export function recordHead(session: Session, place: number, title: string): Promise<string> {
  const nothing = { uid: new Uint8Array(0), seq: 0, prev: new Uint8Array(0), number: "", extra: new Map() };
  return record(session, { ...nothing, type: EventType.DEVICE_HEAD, title, place });
}

/** One transaction: the head of the chain moves exactly once for exactly these events. */
async function keep(key: StoredKey, entries: readonly OutboxEntry[], head: Bytes): Promise<void> {
  await write(["keys", "outbox", "settings"], async (transaction) => {
    const keys = transaction.objectStore("keys");
    const now = await asked<StoredKey | undefined>(keys.get(key.id));
    if (!now || now.kid !== key.kid || now.dseq !== key.dseq) {
      throw new ChainMovedError(`device chain is at ${now?.dseq ?? "nothing"}, not at ${key.dseq}`);
    }
    keys.put({ ...now, dseq: key.dseq + entries.length, dprev: head });
    const first = await nextOrder(transaction, entries.length);
    entries.forEach((entry, index) => transaction.objectStore("outbox").add({ ...entry, order: first + index }));
  });
}

/** *work* alone among all tabs of this site. */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  return (await navigator.locks.request(name, work)) as T;
}
