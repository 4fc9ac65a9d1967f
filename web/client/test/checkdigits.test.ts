import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDigits, sixDigits } from "../src/checkdigits";

test("the digits are those of web/enrolment.py, and another key has others", async () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  assert.equal(await checkDigits("a-code-of-22-characters", key), "250503");
  assert.notEqual(await checkDigits("a-code-of-22-characters", key.map((byte) => byte ^ 1)), "250503");
});

test("six digits are shown in two groups, whatever else as it is", () => {
  assert.deepEqual([sixDigits("042917"), sixDigits("")], ["042 917", ""]);
});
