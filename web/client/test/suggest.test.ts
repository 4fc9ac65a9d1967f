import assert from "node:assert/strict";
import { test } from "node:test";
import { Suggestions } from "../src/scan/suggest";

test("a number is asked about when two stills agree, and once", () => {
  const stills = new Suggestions();
  const asked = ["A", null, "A", "B", "B", "B", "A", "A", "B", "B"].map((number) => stills.next(number));
  assert.deepEqual(asked, [null, null, null, null, "B", null, null, "A", null, null]);
});
