import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyInclusion } from "../../verifier/src/merkle";
import { judgeIn, judgeOut, leafIn, missingOf, takeOut, type Emptied } from "../src/bag/list";
import { leafOf, manifestOf, pathOf, rootOf } from "../src/bag/manifest";
import { type Bytes, bytesOf, fromHex, toHex } from "../src/bytes";
import type { Found } from "../src/scan/reading";
import type { DayContent, Item } from "../src/told";

const ITEM: Item = {
  number: "ZK473124829VN", uid: "0000000000000001", state: "HELD", seq: 0, head: "11".repeat(32), custodian: { id: "a", name: "An" },
  offer: null, instance: 0, label: null, seal_commitment: "00", kind: 1, secrecy: 0, urgency: 0, due_ms: null, sender: null,
  recipient: null, verdict: "INTACT", findings: [], held: false, actions: [], destination: { code: 7, name: "Hàm Phú" },
};

function found(change: Partial<Item> = {}, kind: Found["kind"] = "genuine"): Found {
  const item = { ...ITEM, ...change };
  return { text: item.uid, kind, method: 1, label: null, number: item.number, item, note: "" };
}

function content(uid: string): DayContent {
  return { uid, number: `N${uid}`, seq: 1, head: "22".repeat(32), inside: true, leaf: [0, "33".repeat(16), []], went_in: [1, "11".repeat(32)],
    instance: 0, label_digest: "" };
}

test("every leaf is proven under the root, for every size up to 33", () => {
  for (let size = 1; size <= 33; size += 1) {
    const hashes = Array.from({ length: size }, (_, n) => bytesOf(Array.from({ length: 32 }, () => n)));
    const root = rootOf(hashes);
    hashes.forEach((hash, at) => verifyInclusion(BigInt(at), BigInt(size), hash, pathOf(at, hashes), root));
  }
});

test("a leaf is what the core makes of the same place and salt", () => {
  // custody.containers.manifest_leaf(ItemRef(uid=bytes(range(8)), seq=258, prev=b"\x11" * 32), b"\x33" * 16)
  const leaf = leafOf({ uid: bytesOf([0, 1, 2, 3, 4, 5, 6, 7]), seq: 258, prev: fromHex("11".repeat(32)), salt: fromHex("33".repeat(16)) });
  assert.equal(toHex(leaf), "f662b4c6b83d5cf02c1414182ca7b6f938848aa86c34bfc0cdb0ccf5564f8701");
});

test("a manifest says root, count and the place of each", () => {
  const leaves = ["01", "02", "03"].map((uid) => leafIn(content(uid.repeat(8))));
  const { manifest, proofs } = manifestOf(leaves);
  assert.equal(manifest[1], 3);
  proofs.forEach(([at, , path]) => verifyInclusion(BigInt(at), 3n, leafOf(leaves[at] as (typeof leaves)[number]), path, manifest[0] as Bytes));
});

test("only what I hold, is free to go and goes that way is put in, each once", () => {
  const first = found();
  assert.equal(judgeIn([], first, "a", 7), "genuine");
  assert.equal(judgeIn([{ found: first, item: ITEM }], first, "a", 7), "again");
  assert.equal(judgeIn([], found({ custodian: { id: "b", name: "Bình" } }), "a", 7), "not-mine");
  assert.equal(judgeIn([], found({ state: "OFFERED" }), "a", 7), "not-mine");
  assert.equal(judgeIn([], found({ held: true }), "a", 7), "held");
  assert.equal(judgeIn([], found(), "a", 8), "astray");
  assert.equal(judgeIn([], found({ destination: null }), "a", 8), "genuine");
  assert.equal(judgeIn([], { ...found(), item: null, kind: "forged" }, "a", 7), "forged");
  assert.equal(judgeIn([], found({}, "superseded"), "a", 7), "superseded");
});

test("what comes out is counted once, what was never in is extra, what does not come is missing", () => {
  let bag: Emptied = { contents: [content("01".repeat(8)), content("02".repeat(8))], out: new Map(), extra: [], unknown: [] };
  const first = found({ uid: "01".repeat(8) });
  assert.equal(judgeOut(bag, first), "genuine");
  bag = takeOut(bag, first, "genuine");
  assert.equal(judgeOut(bag, first), "again");
  const extra = found({ uid: "09".repeat(8) });
  assert.equal(judgeOut(bag, extra), "extra");
  bag = takeOut(bag, extra, "extra");
  assert.equal(judgeOut(bag, extra), "again");
  assert.deepEqual(missingOf(bag).map((one) => one.uid), ["02".repeat(8)]);
  assert.equal(bag.extra.length, 1);
  assert.equal(judgeOut(bag, { ...found(), item: null, kind: "foreign", text: "x" }), "foreign");
});

test("a number that was typed is known by the list of the bag", () => {
  const bag: Emptied = { contents: [content("01".repeat(8))], out: new Map(), extra: [], unknown: [] };
  const typed: Found = { text: "", kind: "offline", method: 4, label: null, number: "N0101010101010101", item: null, note: "" };
  assert.equal(judgeOut(bag, typed), "genuine");
});
