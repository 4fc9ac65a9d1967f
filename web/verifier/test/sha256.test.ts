import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { toHex, utf8 } from "../src/bytes";
import { sha256 } from "../src/sha256";

const NIST: readonly (readonly [string, string])[] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
  ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
];

test("FIPS 180-4's examples come out", () => {
  for (const [text, digest] of NIST) {
    assert.equal(toHex(sha256(utf8(text))), digest);
  }
});

test("every length around a block is padded as node pads it, in one part or in several", () => {
  for (let length = 0; length < 200; length += 1) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 37) & 255);
    const wanted = createHash("sha256").update(data).digest("hex");
    assert.equal(toHex(sha256(data)), wanted);
    assert.equal(toHex(sha256(data.slice(0, length >> 1), data.slice(length >> 1))), wanted);
  }
});
