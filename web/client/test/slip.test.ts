import assert from "node:assert/strict";
import { test } from "node:test";
import { readSlip, recordText } from "../src/slip/number";

test("a number of a slip is read however it is typed, and never one that was misread", () => {
  assert.equal(readSlip("p 0000 0001 4"), "P000000014");
  assert.equal(readSlip("P000000014"), "P000000014");
  assert.equal(readSlip("P000000015"), null);
  assert.equal(readSlip("P000000041"), null);
  assert.equal(readSlip("000000014"), null);
  assert.equal(readSlip("ZK000000014VN"), null);
});

test("the record is one text, whatever order it was filled in", () => {
  const record = { at: "2026-11-20T09:15", taker: "B", giver: "A", how: "delivered", item: "ZK000000014VN", slip: "P000000014" } as const;
  assert.equal(recordText(record), '{"v":1,"slip":"P000000014","item":"ZK000000014VN","how":"delivered","giver":"A","taker":"B","at":"2026-11-20T09:15"}');
});
