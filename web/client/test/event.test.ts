import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../src/cbor";
import { toHex } from "../src/bytes";
import { areTypedFacts, EventType, Field, fieldsOfJson, type Frame, makeFields, reasonText } from "../src/event";

const FRAME: Frame = {
  uid: new Uint8Array(8), seq: 1, prev: new Uint8Array(32), net: new Uint8Array(8), actor: new Uint8Array(8), place: 1,
  dseq: 0, dprev: new Uint8Array(32), anchor: null, claimedMs: 1, nonce: new Uint8Array(8),
};

test("a reason is one printable line, as the format admits", () => {
  assert.equal(reasonText("  bì rách\n\tở góc\u0000 "), "bì rách ở góc");
  assert.equal(reasonText(" \n "), "");
  assert.equal(reasonText("x".repeat(900)).length, 500);
});

test("what the service asks to be signed keeps its numbers and turns hex into bytes", () => {
  const fields = fieldsOfJson({ "50": 1, "13": ["0011223344556677", 0], "53": 1_790_003_600_000 });
  assert.equal(toHex(encode(fields)), "a30d82480011223344556677001832011835" + "1b000001a0c4875a80");
  assert.throws(() => fieldsOfJson({ "26": "no hex" }), RangeError);
  assert.throws(() => fieldsOfJson({ "26": { a: 1 } }), RangeError);
});

test("a clerk signs what was typed, and nothing that the service slips in", () => {
  const typed = { kind: 1, secrecy: 1, urgency: 2, due_ms: 5, sender: 7, recipient: 8, mass_g: 90, seal: "A1" };
  const facts = fieldsOfJson({ "50": 1, "51": 1, "52": 2, "53": 5, "54": 7, "55": 8, "56": 3, "57": 90 });
  assert.ok(areTypedFacts(facts, typed));
  assert.ok(!areTypedFacts(new Map(facts).set(Field.SECRECY, 3), typed));
  assert.ok(!areTypedFacts(new Map(facts).set(Field.RECIPIENT, 9), typed));
  assert.ok(!areTypedFacts(new Map(facts).set(Field.OFFEREE, 9), typed));
  assert.ok(!areTypedFacts(new Map(), typed));
});

test("an event of a device that has seen no checkpoint carries no anchor", () => {
  assert.ok(!makeFields(EventType.SIGHT, FRAME, new Map()).has(Field.ANCHOR));
  const seen = makeFields(EventType.SIGHT, { ...FRAME, anchor: { size: 3, root: new Uint8Array(32) } }, new Map([[Field.METHOD, 3]]));
  assert.ok(seen.has(Field.ANCHOR) && seen.get(Field.METHOD) === 3);
});
