/**
 * The browser's own database: keys with their chains, the outbox, receipts, small settings, and the day: what a shift
 * needs with no network. A new version adds and never takes away: keys, outbox and receipts outlive every update.
 */

import type { Bytes } from "./bytes";

const NAME = "tram";
const VERSION = 2;

/** A device key of one person at one site, with the head of its chain. */
export interface StoredKey {
  readonly id: string; // `${net}:${person}`
  readonly net: string;
  readonly person: string;
  readonly kid: string;
  readonly publicKey: string;
  readonly privateKey: CryptoKey; // not extractable
  readonly dseq: number; // of the next event
  readonly dprev: Bytes; // id of the last event, or 32 zero bytes
}

/** What a person says of a refusal. Nothing said is altered: what is said later stands beside it. */
export interface Said {
  readonly text: string;
  readonly place: number; // where they said so
  readonly atMs: number;
  readonly told?: boolean; // the service knows
}

/** A signed event that no answer has named yet, or that the service refused. */
export interface OutboxEntry {
  readonly id: string;
  readonly raw: Bytes;
  readonly net: string;
  readonly kid: string;
  readonly dseq: number;
  readonly number: string;
  readonly title: string;
  readonly signer?: string; // name of the person whose signature it is
  readonly createdMs: number;
  readonly status: "waiting" | "refused";
  readonly problem: string;
  readonly order?: number; // in which it came to this device, whatever its clock says; none before version 2
  readonly uncertaintyMs?: number; // by how much `createdMs`, the time that was signed, may be wrong
  readonly foreign?: boolean; // signed on another device and handed over to this one
  readonly unchecked?: boolean; // by a key that this device does not know: it is sent, and moves no item here
  readonly said?: readonly Said[]; // of its refusal
  readonly explained?: string; // the last of it, as versions before `said` kept it, with its place
  readonly place?: number;
  readonly told?: boolean;
}

/** The service's answer to an event: kept until the item is long delivered. */
export interface StoredReceipt {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly index: number;
  readonly findings: readonly string[];
  readonly receipt: string;
  readonly raw: Bytes;
  readonly storedMs: number; // by the service's clock
  readonly kid?: string; // of who signed
}

export type StoreName = "keys" | "outbox" | "receipts" | "settings" | "items" | "day" | "system";

let opened: Promise<IDBDatabase> | undefined;

export function openStore(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion);
    request.onsuccess = () => {
      request.result.onversionchange = () => { // a newer page waits for this one: let go, and open again when asked
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error("database does not open"));
    request.onblocked = () => reject(new Error("database is blocked by another tab"));
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

function upgrade({ result: database, transaction }: IDBOpenDBRequest, from: number): void {
  if (from < 1) {
    database.createObjectStore("keys", { keyPath: "id" });
    database.createObjectStore("outbox", { keyPath: "id" });
    database.createObjectStore("receipts", { keyPath: "id" }).createIndex("number", "number");
    database.createObjectStore("settings");
  }
  if (from < 2) {
    transaction?.objectStore("receipts").createIndex("index", "index");
    database.createObjectStore("items", { keyPath: ["owner", "uid"] }).createIndex("number", ["owner", "number"]);
    database.createObjectStore("day");
    database.createObjectStore("system", { keyPath: ["net", "index"] });
  }
}

/**
 * Run *work* in one transaction: all of it is kept, or nothing. Resolves only when it is on the disk (strict
 * durability). *work* may wait for its own requests only: anything else ends the transaction.
 */
export async function write<T>(names: StoreName[], work: (transaction: IDBTransaction) => Promise<T> | T): Promise<T> {
  const database = await openStore();
  const transaction = database.transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("write was given up"));
  });
  try {
    const result = await work(transaction);
    await done;
    return result;
  } catch (error) {
    done.catch(() => undefined);
    try {
      transaction.abort();
    } catch {
      // it has ended by itself
    }
    throw isFull(error) || isFull(transaction.error) ? new StorageFullError("storage is full", { cause: error }) : error;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

export async function get<T>(name: StoreName, key: string): Promise<T | undefined> {
  const database = await openStore();
  return asked<T | undefined>(database.transaction(name).objectStore(name).get(key));
}

export async function all<T>(name: StoreName): Promise<T[]> {
  const database = await openStore();
  return asked<T[]>(database.transaction(name).objectStore(name).getAll());
}

/** The rows of *name* in *range* of its keys, or of an *index*. */
export async function allIn<T>(name: StoreName, range: IDBKeyRange, index = ""): Promise<T[]> {
  const database = await openStore();
  const store = database.transaction(name).objectStore(name);
  return asked<T[]>((index ? store.index(index) : store).getAll(range));
}

/** The range of the keys that begin with *parts*: a list is above any text or number. */
export function beginning(...parts: string[]): IDBKeyRange {
  return IDBKeyRange.bound(parts, [...parts, []]);
}

export async function setSetting(key: string, value: unknown): Promise<void> {
  await write(["settings"], (transaction) => void transaction.objectStore("settings").put(value, key));
}

/** The next *count* places in the order of what came to this device; the first of them. Within *transaction*. */
export async function nextOrder(transaction: IDBTransaction, count = 1): Promise<number> {
  const settings = transaction.objectStore("settings");
  const first = (await asked<number | undefined>(settings.get("order"))) ?? 1;
  settings.put(first + count, "order");
  return first;
}

/** What was said of a refusal, in the order in which it was. */
export function saidOf({ said, explained, place = 0, told = false }: OutboxEntry): readonly Said[] {
  return said ?? (explained ? [{ text: explained, place, atMs: 0, told }] : []);
}

/** The order in which events came to this device. */
export function byArrival(left: OutboxEntry, right: OutboxEntry): number {
  return (left.order ?? 0) - (right.order ?? 0) || left.createdMs - right.createdMs || left.dseq - right.dseq;
}

/** There is no room on the device: nothing was written. */
export class StorageFullError extends Error {}

export function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("request failed"));
  });
}
