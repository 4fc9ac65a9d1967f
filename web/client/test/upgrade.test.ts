import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, allIn, get, type OutboxEntry, type StoredKey, type StoredReceipt } from "../src/store";

/** The database as the first version of the app made it, with one of each in it. */
function oldDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("tram", 1);
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys", { keyPath: "id" }).add({ id: "net:an", kid: "k", dseq: 7 });
      request.result.createObjectStore("outbox", { keyPath: "id" }).add({ id: "e1", status: "waiting", createdMs: 5 });
      const receipts = request.result.createObjectStore("receipts", { keyPath: "id" });
      receipts.createIndex("number", "number");
      receipts.add({ id: "r1", number: "ZK473124829VN", index: 41 });
      request.result.createObjectStore("settings").put("kept", "place");
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

test("an update of the app keeps keys, outbox, receipts and settings, and finds receipts by their place in the log", async () => {
  await oldDatabase();
  assert.equal((await get<StoredKey>("keys", "net:an"))?.dseq, 7);
  assert.equal((await all<OutboxEntry>("outbox"))[0]?.id, "e1");
  assert.equal((await allIn<StoredReceipt>("receipts", IDBKeyRange.lowerBound(41), "index"))[0]?.id, "r1");
  assert.equal(await get("settings", "place"), "kept");
  assert.deepEqual([await all("items"), await all("day"), await all("system")], [[], [], []]);
});
