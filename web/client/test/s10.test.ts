import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/bytes";
import { checkDigit, groupNumber, NumberError, packNumber, readNumber, unpackNumber } from "../src/s10";

test("the check digit is that of UPU S10", () => {
  assert.equal(checkDigit("47312482"), 9); // the example of the standard
  assert.equal(checkDigit("00000000"), 5); // 11 -> 5
});

test("a number packs to six bytes and back", () => {
  for (const number of ["ZK473124829VN", "AA000000005AA", "ZZ999999995ZZ"]) {
    assert.equal(unpackNumber(packNumber(number)), number);
  }
  assert.equal(packNumber("ZK473124829VN").length, 6);
});

test("a wrong check digit is refused, not corrected", () => {
  assert.throws(() => packNumber("ZK473124828VN"), NumberError);
});

test("six bytes above the last number are no item", () => {
  assert.throws(() => unpackNumber(new Uint8Array(6).fill(255)), NumberError);
});

test("a typed number may have blanks and small letters", () => {
  assert.equal(readNumber(" zk 4731 2482 9 vn "), "ZK473124829VN");
  assert.equal(readNumber("ZK473124829VM"), "ZK473124829VM"); // the country is not in the check
  assert.equal(readNumber("ZK473124929VN"), null);
});

test("groups are for the eye", () => {
  assert.equal(groupNumber("ZK473124829VN"), "ZK 4731 2482 9 VN");
  assert.equal(toHex(packNumber("AA000000005AA")), "000000000000");
});
