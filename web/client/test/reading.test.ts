import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../src/bytes";
import { Method } from "../src/event";
import { labelKeys, labelOf, look } from "../src/scan/reading";

const LABELS = JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/label.json`, "utf8")) as {
  public_key: string; labels: { number: string; kid4: string; digits: string; digest: string; instance: number }[]; forged: string[];
};
const first = LABELS.labels[0] as (typeof LABELS.labels)[number];
const keys = new Map([[first.kid4, {
  kid4: first.kid4, public_key: LABELS.public_key, not_before_ms: 0, not_after_ms: 1e15, revoked: false, bytes: fromHex(LABELS.public_key),
}]]);

let asked: string[] = [];
function serve(answer: () => Response): void {
  asked = [];
  globalThis.fetch = async (path) => {
    asked.push(String(path));
    return answer();
  };
}
const item = (more: object = {}): Response => Response.json({ number: first.number, instance: 0, label: { digits: first.digits }, ...more });
const problem = (status: number): Response => Response.json({ code: "x", detail: "said so" }, { status });

test("a genuine label leads to its item", async () => {
  serve(item);
  const found = await look(first.digits, Method.PHONE, keys);
  assert.deepEqual([found.kind, found.method, found.item?.number], ["genuine", Method.PHONE, first.number]);
  assert.deepEqual(asked, [`/api/v1/items/${first.number}?label=${first.digest}`]); // who holds the label sees what a scan needs
});

test("a false label is never looked up: its number says nothing", async () => {
  serve(() => assert.fail("asked"));
  const found = await look(LABELS.forged[0] ?? "", Method.WEDGE, keys);
  assert.equal(found.kind, "forged");
  assert.ok(found.label);
});

test("a number without its label is typed, whatever read it", async () => {
  serve(item);
  const found = await look("zk 4731 2482 9 vn", Method.PHONE, keys);
  assert.deepEqual([found.kind, found.method, found.label], ["number", Method.MANUAL, null]);
  assert.equal(labelOf(found)?.number, first.number); // the service showed it to the entitled
});

test("a retired label says so even though its signature is good", async () => {
  serve(() => item({ instance: 1 }));
  assert.equal((await look(first.digits, Method.PHONE, keys)).kind, "superseded");
});

test("what the service will not show is told apart from what it cannot answer", async () => {
  for (const [status, kind] of [[404, "unregistered"], [403, "forbidden"], [401, "refused"], [500, "refused"]] as const) {
    serve(() => problem(status));
    assert.equal((await look(first.digits, Method.PHONE, keys)).kind, kind, String(status));
  }
  globalThis.fetch = () => Promise.reject(new TypeError("network"));
  assert.equal((await look(first.digits, Method.PHONE, keys)).kind, "offline");
});

test("a number that an input method damaged is the one that the register has, or none", async () => {
  const damaged = "\u0110473124829VN"; // DD through Telex
  globalThis.fetch = async (path) => (String(path).includes("DD473124829VN") ? item({ number: "DD473124829VN" }) : problem(403));
  const found = await look(damaged, Method.WEDGE, keys);
  assert.deepEqual([found.kind, found.number, found.method], ["number", "DD473124829VN", Method.MANUAL]);
  serve(() => problem(403));
  assert.equal((await look(damaged, Method.WEDGE, keys)).kind, "misread"); // scan again
  globalThis.fetch = () => Promise.reject(new TypeError("network"));
  assert.equal((await look(damaged, Method.WEDGE, keys)).kind, "misread");
});

test("a label whose first digits were lost is taken by its signature alone", async () => {
  serve(item);
  assert.equal((await look(first.digits.slice(2), Method.WEDGE, keys)).kind, "genuine");
  assert.equal((await look(first.digits.slice(2), Method.WEDGE, new Map())).kind, "misread");
});

test("keys that were seen before are not waited for on a slow network, and new ones are there the next time", async () => {
  const key = { kid4: first.kid4, public_key: LABELS.public_key, not_before_ms: 0, not_after_ms: 1, revoked: false };
  serve(() => Response.json({ label_keys: [key] }));
  assert.deepEqual([...(await labelKeys()).keys()], [first.kid4]);
  let answer = (_response: Response): void => undefined;
  globalThis.fetch = () => new Promise<Response>((resolve) => {
    answer = resolve;
  });
  assert.deepEqual([...(await labelKeys(0)).keys()], [first.kid4]);
  answer(Response.json({ label_keys: [{ ...key, kid4: "0badc0de" }] }));
  serve(() => problem(503));
  await new Promise((resolve) => setImmediate(resolve));
  let later: string[] = [];
  for (let turn = 0; turn < 50 && later[0] !== "0badc0de"; turn += 1) {
    later = [...(await labelKeys()).keys()];
  }
  assert.deepEqual(later, ["0badc0de"]);
});
