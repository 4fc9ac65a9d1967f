import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { askedFor } from "../src/address";
import { type DecodeAnswer, Decoder, type WorkerLike } from "../src/decoder";
import { Method } from "../src/event";
import { loadWords, t, useWords } from "../src/i18n";
import { KeyBook } from "../src/scan/reading";
import { setSetting } from "../src/store";

declare const REPOSITORY: string;

const SEEN: DecodeAnswer = { symbols: [{ text: "1", format: "QRCode" }], glimpsed: true, reason: null };
const FRAME = { bitmap: {} as ImageBitmap, hard: false };

class FakeWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  asked = 0;
  ended = false;
  postMessage(): void {
    this.asked += 1;
  }
  terminate(): void {
    this.ended = true;
  }
  answer(data: DecodeAnswer): void {
    this.onmessage?.({ data } as MessageEvent<DecodeAnswer>);
  }
  fail(): void {
    this.onerror?.({ message: "" } as ErrorEvent);
  }
}

function decoder(): { readonly decoder: Decoder; readonly workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  return { workers, decoder: new Decoder(() => {
    workers.push(new FakeWorker());
    return workers.at(-1) as FakeWorker;
  }) };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("a decoder that did not come over the network answers, and is fetched again with the next frame", async () => {
  const { decoder: one, workers } = decoder();
  const first = one.look(FRAME);
  await turn();
  workers[0]?.fail();
  assert.equal((await first).error, "not loaded");
  assert.ok(workers[0]?.ended);
  const second = one.look(FRAME);
  await turn();
  assert.equal(workers.length, 2);
  workers[1]?.answer(SEEN);
  assert.deepEqual(await second, SEEN);
});

test("frames are looked at one after the other, and each has its own answer", async () => {
  const { decoder: one, workers } = decoder();
  const answers = [one.look(FRAME), one.look(FRAME)];
  await turn();
  assert.equal(workers[0]?.asked, 1);
  workers[0]?.answer(SEEN);
  await turn();
  workers[0]?.answer({ ...SEEN, symbols: [] });
  assert.deepEqual((await Promise.all(answers)).map(({ symbols }) => symbols.length), [1, 0]);
  one.close();
  assert.equal((await one.look(FRAME)).error, "closed");
  assert.equal(workers.length, 1);
});

test("what a link asks for is its fragment, as it stands where that was cut off", () => {
  assert.equal(askedFor(""), "");
  assert.equal(askedFor("#"), "");
  assert.equal(askedFor("#ZK%20473"), "ZK 473");
  assert.equal(askedFor("#%E0%A4%A"), "%E0%A4%A");
});

test("words are fetched once for a page, and again after a failure", async () => {
  let asked = 0;
  globalThis.fetch = () => {
    asked += 1;
    return asked === 1 ? Promise.reject(new TypeError("network")) : Promise.resolve(Response.json({ Scan: "Quét" }));
  };
  await loadWords("vi");
  assert.equal(t("Scan"), "Scan");
  await Promise.all([loadWords("vi"), loadWords("vi")]);
  assert.equal(t("Scan"), "Quét");
  assert.equal(asked, 2);
  useWords({});
});

const LABELS = JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/label.json`, "utf8")) as {
  readonly public_key: string;
  readonly labels: readonly { readonly digits: string; readonly kid4: string }[];
};
const label = LABELS.labels[0] as (typeof LABELS.labels)[number];
const KEY = { kid4: label.kid4, public_key: LABELS.public_key, not_before_ms: 0, not_after_ms: 1e15, revoked: false };

/** Give *keys* once `answer` is called, and no item. */
function service(keys: readonly unknown[]): { answer: () => void } {
  let answer = (): void => undefined;
  const news = new Promise<void>((resolve) => {
    answer = resolve;
  });
  globalThis.fetch = (path) => (String(path).includes("bundle") ? news.then(() => Response.json({ label_keys: keys })) : Promise.reject(new TypeError("network")));
  return { answer };
}

test("a page reads with the last keys before the service answers", async () => {
  await setSetting("label-keys", [KEY]);
  service([]);
  assert.equal((await (await KeyBook.open()).look(label.digits, Method.PHONE)).kind, "offline"); // genuine, and no register
});

test("a label of a key that is newer than the last ones is no stranger's before the service has said so", async () => {
  await setSetting("label-keys", [{ ...KEY, kid4: "0badc0de" }]);
  const { answer } = service([KEY]);
  const found = (await KeyBook.open()).look(label.digits, Method.PHONE);
  answer();
  assert.equal((await found).kind, "offline");
});

test("without a network the last keys hold", async () => {
  await setSetting("label-keys", [{ ...KEY, kid4: "0badc0de" }]);
  globalThis.fetch = () => Promise.reject(new TypeError("network"));
  assert.equal((await (await KeyBook.open()).look(label.digits, Method.PHONE)).kind, "unknown-key");
});
