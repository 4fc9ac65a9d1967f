import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Bytes, toHex } from "../src/bytes";
import { entryId } from "../src/cose";
import { keepForeign } from "../src/day";
import { ChainMovedError, type Draft, record, recordAll, recordHead, StepTakenError } from "../src/device";
import { EventType } from "../src/event";
import { ensureKey, probeKeyStore } from "../src/keys";
import { Outbox, type Outcome, SIGNED_OUT } from "../src/outbox";
import { follow } from "../src/scan/outcome";
import { type Signed, signInTurn } from "../src/scan/signing";
import { all, get, type OutboxEntry, StorageFullError, type StoredKey, type StoredReceipt, write } from "../src/store";
import { parseEvent } from "../../verifier/src/event";
import { F } from "../../verifier/src/fields";
import { DRAFT, empty, ME, NET, PERSON, results, sendOnce, sent, serve, session } from "./device";

beforeEach(empty);

test("a browser that keeps keys passes the probe, and two tabs get the same key", async () => {
  await probeKeyStore();
  const [left, right] = await Promise.all([ensureKey(NET, PERSON), ensureKey(NET, PERSON)]);
  assert.equal(left.kid, right.kid);
  assert.equal(left.privateKey.extractable, false);
});

test("an event and the head of its chain are kept together, before anything is sent", async () => {
  const open = await session();
  serve(() => assert.fail("sent before it was asked to"));
  const first = await record(open, DRAFT);
  const second = await record(open, DRAFT);
  const key = await get<StoredKey>("keys", open.key.id);
  assert.equal(key?.dseq, 2);
  assert.equal(toHex(key?.dprev ?? new Uint8Array()), second);
  assert.deepEqual(new Set((await all<OutboxEntry>("outbox")).map((entry) => entry.id)), new Set([first, second]));
});

test("ten signatures at once take ten places in the chain", async () => {
  const open = await session();
  await Promise.all(Array.from({ length: 10 }, () => record(open, DRAFT)));
  const places = (await all<OutboxEntry>("outbox")).map((entry) => entry.dseq).sort((left, right) => left - right);
  assert.deepEqual(places, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("several events are signed in one go, each knowing those before it: all are kept, or none", async () => {
  const open = await session();
  const cited: string[][] = [];
  const step = (earlier: readonly Bytes[]): Draft => {
    cited.push(earlier.map(toHex));
    return DRAFT;
  };
  const ids = (await recordAll(open, [step, step, step])).map(toHex);
  assert.deepEqual(cited, [[], ids.slice(0, 1), ids.slice(0, 2)]);
  assert.deepEqual((await all<OutboxEntry>("outbox")).map((entry) => entry.dseq).sort(), [0, 1, 2]);
  assert.equal(toHex((await get<StoredKey>("keys", open.key.id))?.dprev ?? new Uint8Array()), ids[2]);
  const broken = (): Draft => {
    throw new RangeError("no such item");
  };
  await assert.rejects(recordAll(open, [step, broken]), RangeError);
  assert.equal((await all<OutboxEntry>("outbox")).length, 3);
});

test("a key that was replaced under the page signs nothing", async () => {
  const open = await session();
  await write(["keys"], (transaction) => void transaction.objectStore("keys").clear());
  await assert.rejects(record(open, DRAFT), ChainMovedError);
  assert.equal((await all("outbox")).length, 0);
});

test("what is answered leaves the outbox and its receipt stays", async () => {
  const open = await session();
  serve((entries) => results(entries, "stored"));
  const outcome = await sendOnce(new Outbox(NET), await record(open, DRAFT));
  assert.deepEqual(outcome, { kind: "stored", index: 7, findings: ["L10"], receipt: "proof" });
  assert.equal((await all("outbox")).length, 0);
  assert.equal((await all<StoredReceipt>("receipts"))[0]?.number, "ZK473124829VN");
});

test("a lost answer loses nothing: the same bytes go again", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  serve(() => Promise.reject(new TypeError("network")));
  const outbox = new Outbox(NET);
  assert.equal((await sendOnce(outbox, id)).kind, "waiting");
  const before = sent[0]?.[0];
  serve((entries) => results(entries, "duplicate"));
  assert.equal((await sendOnce(outbox, id)).kind, "stored");
  assert.deepEqual(sent[0]?.[0], before);
});

test("an answer that does not name the event does not let go of it", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  serve(() => Response.json({ results: [] }));
  assert.equal((await sendOnce(new Outbox(NET), id)).kind, "waiting");
  assert.equal((await all("outbox")).length, 1);
});

test("a service in trouble keeps the event waiting, a refusal makes it visible until it is read", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  serve(() => Response.json({ code: "busy", title: "busy" }, { status: 503 }));
  const { at, ...waits } = await sendOnce(outbox, id) as Extract<Outcome, { kind: "waiting" }>;
  assert.deepEqual(waits, { kind: "waiting", reason: "busy" });
  assert.equal(at?.ms, (await all<OutboxEntry>("outbox"))[0]?.createdMs);
  serve((entries) => results(entries, "refused"));
  assert.deepEqual(await sendOnce(outbox, id), { kind: "refused", problem: "no key" });
  assert.equal((await outbox.state()).refused.length, 1);
  assert.equal((await all("outbox")).length, 1);
});

test("what waits can be taken to another device as the body that the service takes, and is sent from there", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  const { entries } = await outbox.exported();
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").clear());
  const raw = Uint8Array.from(Buffer.from(entries[0] ?? "", "base64url"));
  assert.equal(await keepForeign(ME, raw, { number: "", title: "file" }), true);
  assert.equal(await keepForeign(ME, raw, { number: "", title: "file" }), false);
  serve((sentEntries) => results(sentEntries, "stored"));
  assert.equal((await sendOnce(outbox, id)).kind, "stored");
  assert.equal(await keepForeign(ME, raw, { number: "", title: "file" }), false);
});

test("events go in the order in which they were signed, whatever the clock of the device did in between", async () => {
  const open = await session();
  const moments = [3, 1, 2].map((ms) => ({ ms, uncertaintyMs: 0, sinceS: 0, epoch: 1 }));
  const ids: string[] = [];
  for (const moment of moments) {
    ids.push(await record(open, DRAFT, moment));
  }
  serve((entries) => results(entries, "stored"));
  await sendOnce(new Outbox(NET), ids[0] as string);
  assert.deepEqual(await Promise.all((sent[0] ?? []).map(async (raw) => toHex(await entryId(raw)))), ids);
});

test("the time is signed with how far it may be wrong", async () => {
  const open = await session();
  await record(open, DRAFT, { ms: 1_000, uncertaintyMs: 210_000, sinceS: 77, epoch: 3 });
  const [entry] = await all<OutboxEntry>("outbox");
  const event = parseEvent((entry as OutboxEntry).raw);
  assert.equal(event.claimedMs, 1_000);
  assert.deepEqual(event.nums(F.CLOCK), [77, 210_000, 3]);
});

test("a device says how far its chain has come, in an entry about no item", async () => {
  const open = await session();
  await record(open, DRAFT);
  await recordHead(open, 220_001, "End of shift");
  const head = (await all<OutboxEntry>("outbox")).map((entry) => parseEvent(entry.raw)).find((event) => event.name === "DEVICE_HEAD");
  assert.equal(head?.deviceLink?.dseq, 1);
  assert.deepEqual(head?.items, []);
});

test("where there is no room left nothing is signed, and no place in the chain is lost", async () => {
  const open = await session();
  Object.assign(navigator, { storage: { estimate: async () => ({ quota: 10_000_000, usage: 9_900_000 }) } });
  await assert.rejects(record(open, DRAFT), StorageFullError);
  Object.assign(navigator, { storage: undefined });
  assert.equal((await get<StoredKey>("keys", open.key.id))?.dseq, 0);
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  await assert.rejects(record(open, DRAFT), StorageFullError);
  IDBObjectStore.prototype.add = add;
  assert.equal((await get<StoredKey>("keys", open.key.id))?.dseq, 0);
  await record(open, DRAFT);
  assert.deepEqual((await all<OutboxEntry>("outbox")).map((entry) => entry.dseq), [0]);
});

test("an event that waited is shown as recorded once it is, and only once", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  serve(() => Promise.reject(new TypeError("network")));
  const outcome = await sendOnce(outbox, id);
  const drawn: string[] = [];
  const done = { id, number: DRAFT.number, title: "", outcome, known: true };
  const shown = new Promise<void>((resolve) => {
    follow(outbox, done, (later) => {
      drawn.push(later.outcome.kind);
      resolve();
    });
  });
  serve((entries) => results(entries, "stored"));
  await outbox.flush();
  await shown;
  await outbox.flush();
  assert.deepEqual(drawn, ["stored"]);
});

test("an event signed under a session that has ended waits, keeps its signer's name, and says why", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  serve(() => Response.json({ code: "sign-in-needed" }, { status: 401 }));
  const { kind, reason } = await sendOnce(outbox, id) as Extract<Outcome, { kind: "waiting" }>;
  assert.deepEqual({ kind, reason }, { kind: "waiting", reason: SIGNED_OUT });
  assert.deepEqual((await outbox.state()).signers, ["An"]);
});

test("one step is not signed twice on one device: from a stale page, another tab, or after an error", async () => {
  const open = await session();
  const step: Draft = { ...DRAFT, type: EventType.RETURN };
  await record(open, step);
  await assert.rejects(record(open, step), StepTakenError);
  const outbox = new Outbox(NET);
  serve((entries) => Promise.all(entries.map(async (raw) => toHex(await entryId(raw)))).then((ids) => Response.json({ results: ids.map((id) =>
    ({ id, status: "stored", index: 7, findings: [], receipt: "", error: null })) })));
  await outbox.flush();
  await assert.rejects(record(open, step), StepTakenError);
  await record(open, { ...step, seq: 2, prev: new Uint8Array(32).fill(1) });
});

test("a step that was refused, or that the log questions, may be done again; a sighting always", async () => {
  const open = await session();
  const outbox = new Outbox(NET);
  const step: Draft = { ...DRAFT, type: EventType.RETURN };
  await record(open, step);
  serve((entries) => results(entries, "refused"));
  await outbox.flush();
  await record(open, step);
  serve((entries) => results(entries, "stored"));
  await outbox.flush();
  await record(open, step);
  await record(open, DRAFT);
  await record(open, DRAFT);
});

test("what is signed is never told as not signed: where its receipt finds no room it waits", async () => {
  const open = await session();
  const outbox = new Outbox(NET);
  globalThis.fetch = async (path, init) => {
    if (!String(path).endsWith("/events")) {
      return Response.json(ME);
    }
    const { entries } = JSON.parse(String(init?.body)) as { entries: string[] };
    return results(entries.map((entry) => Uint8Array.from(Buffer.from(entry, "base64url"))), "stored");
  };
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...of: Parameters<typeof put>) {
    if (this.name === "receipts") {
      throw new DOMException("full", "QuotaExceededError");
    }
    return put.apply(this, of);
  };
  let signed: Signed[];
  try {
    signed = await signInTurn({ session: open, outbox, place: 1 }, [() => DRAFT]);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  assert.deepEqual(signed.map(({ outcome }) => outcome.kind), ["waiting"]);
  assert.equal(await outbox.flush(), null);
  assert.equal((await outbox.outcomeOf(signed[0]?.id ?? "")).kind, "stored");
});
