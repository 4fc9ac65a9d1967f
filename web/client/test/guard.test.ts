import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/guard";

test("an Enter at a reader's pace is told from a person's", () => {
  const pace = new Pace();
  assert.equal(pace.note(1_000).hasty, false, "a first key follows none");
  assert.equal(pace.note(1_005).hasty, true);
  assert.equal(pace.note(1_205).hasty, false);
});

test("a read is counted as one run, a person's typing is not", () => {
  const reader = new Pace();
  const person = new Pace();
  let read = 0;
  let typed = 0;
  for (let key = 0; key < 224; key += 1) {
    read = reader.note(key * 5).run;
    typed = person.note(key * 120).run;
  }
  assert.deepEqual([read, typed], [224, 1]);
});
