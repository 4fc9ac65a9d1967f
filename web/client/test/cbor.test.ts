import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, toHex } from "../src/bytes";
import { encode, Tagged, type Value } from "../src/cbor";

const CASES: [Value, string][] = [ // RFC 8949 appendix A
  [0, "00"], [10, "0a"], [23, "17"], [24, "1818"], [25, "1819"], [100, "1864"], [1000, "1903e8"],
  [1_000_000, "1a000f4240"], [1_000_000_000_000, "1b000000e8d4a51000"], [18_446_744_073_709_551_615n, "1bffffffffffffffff"],
  [-1, "20"], [-10, "29"], [-100, "3863"], [-1000, "3903e7"], [null, "f6"],
  [bytesOf([]), "40"], [bytesOf([1, 2, 3, 4]), "4401020304"], ["", "60"], ["IETF", "6449455446"], ["\u6c34", "63e6b0b4"],
  [[], "80"], [[1, 2, 3], "83010203"], [[1, [2, 3], [4, 5]], "8301820203820405"], [new Map(), "a0"],
  [new Map([[1, 2], [3, 4]]), "a201020304"], [new Tagged(18, 1), "d201"],
  [Array.from({ length: 25 }, (_, index) => index + 1), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"],
];

test("values encode as RFC 8949 appendix A says", () => {
  for (const [value, hex] of CASES) {
    assert.equal(toHex(encode(value)), hex);
  }
});

test("keys are in bytewise order whatever order they came in", () => {
  const map = new Map<number, Value>([[100, 1], [-1, 2], [10, 3], [24, 4], [1, 5]]);
  assert.equal(toHex(encode(map)), "a501050a0318180418640120" + "02");
});

test("what is no whole number is refused, because two devices would write it differently", () => {
  for (const value of [1.5, Number.NaN, 2 ** 60]) {
    assert.throws(() => encode(value), RangeError);
  }
  assert.throws(() => encode(1n << 64n), RangeError);
});
