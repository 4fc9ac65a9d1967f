import assert from "node:assert/strict";
import { test } from "node:test";
import { isOfStock, isScanned, isUnsealed } from "../src/acceptance";
import { sizeOf, stepsOf } from "../src/trial";

const QR = `90875${"3".repeat(220)}`;

test("a test code says its size, a label and anything else do not", () => {
  assert.deepEqual(sizeOf(QR), { kind: "QR", mm: 0.875 });
  assert.deepEqual(sizeOf("ZZ000003758VN"), { kind: "Code 128", mm: 0.375 });
  for (const other of ["", "ZK000003758VN", `1${QR.slice(1)}`, QR.slice(1), "https://example.invalid/"]) {
    assert.equal(sizeOf(other), null);
  }
});

test("each size is said to be read or not, and which ones labels need", () => {
  const steps = stepsOf([QR, "ZZ000003758VN", "rubbish"]);
  assert.equal(steps.length, 10);
  assert.deepEqual(steps.filter((step) => step.read).map(({ kind, mm, needed }) => [kind, mm, needed]), [["QR", 0.875, true], ["Code 128", 0.375, true]]);
  assert.deepEqual(stepsOf(["rubbish"]), []);
});

test("a label printed in advance is the scanned one, by digits or number, and carries no seal", () => {
  const issued = { number: "ZK000000014VN", digits: "123" };
  assert.equal(isOfStock({}), false);
  assert.equal(isOfStock({ stock: " " }), false);
  assert.equal(isScanned({ stock: "zk 0000 0001 4 vn" }, issued), true);
  assert.equal(isScanned({ stock: "123" }, issued), true);
  assert.equal(isScanned({ stock: "124" }, issued), false);
  assert.equal(isUnsealed(new Uint8Array(8)), true);
  assert.equal(isUnsealed(new Uint8Array([0, 1])), false);
});
