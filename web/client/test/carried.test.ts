import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { type Bytes, fromHex, toBase64Url } from "../src/bytes";
import { takeIn } from "../src/carried";
import { eventsHere, ownerOf } from "../src/day";
import { unpack } from "../src/pass/message";
import { all, type OutboxEntry, write } from "../src/store";
import type { Me } from "../src/told";

const V = JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/pass.json`, "utf8")) as {
  net: string; roots: string[]; system: { index: number; logged_ms: number; raw: string }[];
  items: { number: string }[]; offer: { wire: string };
};
const ME: Me = {
  person: { id: "0102030405060708", name: "An", login: "an", roles: [], office: null, agency: null },
  net: V.net, origin: "test", anchor: null, demo: true, now_ms: 0, device: null,
};

async function offer(): Promise<Bytes> {
  return (await unpack(fromHex(V.offer.wire))).events[0] as Bytes;
}

/** The file that another device saved. */
function file(...entries: readonly Bytes[]): string {
  return JSON.stringify({ entries: entries.map(toBase64Url) });
}

/** The keys of the day are on this device. */
async function keepKeys(): Promise<void> {
  await write(["system", "day"], (transaction) => {
    for (const { index, logged_ms: loggedMs, raw } of V.system) {
      transaction.objectStore("system").put({ net: V.net, index, loggedMs, raw: toBase64Url(fromHex(raw)) });
    }
    transaction.objectStore("day").put({ roots: V.roots, people: [], label_keys: [], checkpoint: null, atMs: 0, more: false }, ownerOf(ME));
  });
}

beforeEach(async () => {
  await write(["outbox", "system", "day"], (transaction) => {
    for (const name of ["outbox", "system", "day"]) {
      transaction.objectStore(name).clear();
    }
  });
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
});

test("an event of a file counts here once its signature is checked, and is named by its item", async () => {
  await keepKeys();
  const raw = await offer();
  assert.deepEqual(await takeIn(ME, file(raw)), { taken: 1, known: 0, false: 0 });
  assert.deepEqual(await takeIn(ME, file(raw)), { taken: 0, known: 1, false: 0 });
  assert.deepEqual((await all<OutboxEntry>("outbox")).map(({ number, unchecked }) => [number, unchecked]), [[V.items[0]?.number, false]]);
  assert.equal((await eventsHere(ME)).length, 1);
});

test("one that no key of this site has signed so is left out: neither shown nor sent", async () => {
  await keepKeys();
  const raw = await offer();
  const altered = Uint8Array.from(raw);
  altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
  assert.deepEqual(await takeIn(ME, file(altered, Uint8Array.from([1, 2, 3]))), { taken: 0, known: 0, false: 2 });
  assert.deepEqual(await takeIn({ ...ME, net: "00".repeat(8) }, file(raw)), { taken: 0, known: 0, false: 1 });
  assert.deepEqual(await all("outbox"), []);
});

test("one by a key that this device does not know is sent, and moves no item here", async () => {
  assert.deepEqual(await takeIn(ME, file(await offer())), { taken: 1, known: 0, false: 0 });
  assert.deepEqual((await all<OutboxEntry>("outbox")).map(({ status, unchecked }) => [status, unchecked]), [["waiting", true]]);
  assert.deepEqual(await eventsHere(ME), []);
});

test("what is no file of events is said to be none", async () => {
  for (const text of ["", "{}", "[1]", "null", '{"entries": [1]}', '{"entries": "x"}']) {
    assert.equal(await takeIn(ME, text), null, text);
  }
  assert.deepEqual(await takeIn(ME, '{"entries": ["not base64!"]}'), { taken: 0, known: 0, false: 1 });
});
