import assert from "node:assert/strict";
import { test } from "node:test";
import { attemptReasons } from "../src/deliver/attempt";
import { drawingText, isDrawn, type Stroke } from "../src/deliver/drawing";
import { askReceiver, isAnother, mayStandIn, whoIs } from "../src/deliver/named";

const ZIGZAG: Stroke = [0, 0, 200, 100, 0, 200];

test("a touch is no signature, a hand's movement is", () => {
  assert.ok(!isDrawn([]));
  assert.ok(!isDrawn([[10, 10], [20, 20, 30, 30]]));
  assert.ok(isDrawn([ZIGZAG]));
});

test("a drawing is whole numbers within its field, and says who signed", () => {
  const drawing = JSON.parse(drawingText("Trần Thị Nhận", [[-3.4, 10.6, 1_200, 5, 7, 8], [5, 5]])) as unknown;
  assert.deepEqual(drawing, { v: 1, name: "Trần Thị Nhận", strokes: [[0, 11, 1_000, 5, 7, 8]] });
});

test("a drawing that would be too long is thinned, its ends kept", () => {
  const stroke = Array.from({ length: 4_000 }, (_, index) => (index * 7) % 1_000);
  const text = drawingText("An", Array.from({ length: 10 }, () => stroke));
  const { strokes } = JSON.parse(text) as { strokes: number[][] };
  assert.ok(text.length <= 60_000);
  assert.ok(strokes.length === 10 && strokes.every((one) => one.length % 2 === 0 && one.length >= 4));
  assert.deepEqual(strokes[0]?.slice(-2), stroke.slice(-2));
});

test("somebody else receives for an absent named person only what is marked Hỏa tốc", () => {
  assert.ok(mayStandIn({ only_named: false, urgency: 0 }));
  assert.ok(!mayStandIn({ only_named: true, urgency: 0 }));
  assert.ok(!mayStandIn({ only_named: true, urgency: 2 }));
  assert.ok(mayStandIn({ only_named: true, urgency: 1 }));
});

test("only who is known to be another than the named person is another", () => {
  const named = { id: "0a", name: "Trần Văn Tên", duty: "Chánh Văn phòng" };
  assert.ok(isAnother({ only_named: true, named }, "0b"));
  assert.ok(!isAnother({ only_named: true, named }, "0a"));
  assert.ok(!isAnother({ only_named: true, named: { ...named, id: null } }, "0b"));
  assert.ok(!isAnother({ only_named: true, named: null }, "0b"));
  assert.ok(!isAnother({ only_named: false, named }, "0b"));
  assert.deepEqual([whoIs({ named }), whoIs({ named: { ...named, duty: "" } }), whoIs({ named: null })],
    ["Trần Văn Tên, Chánh Văn phòng", "Trần Văn Tên", ""]);
});

test("what comes back to its sender is for whoever receives there: only the way out was for the named person", async () => {
  const named = { id: "0a", name: "Trần Văn Tên", duty: "Chánh Văn phòng" };
  const back = { only_named: true, is_returning: true, urgency: 0, named };
  assert.ok(mayStandIn(back));
  assert.ok(!isAnother(back, "0b"));
  for (const self of ["0b", null]) { // the sender's own device, and the courier's
    assert.deepEqual(await askReceiver(undefined as never, back, self), { kind: "free" }); // and nothing is drawn
  }
});

test("there are six reasons, each with a code of its own that the log has words for", () => {
  const codes = attemptReasons().map(([code]) => code);
  assert.deepEqual(codes, [5, 7, 8, 9, 10, 11]);
  assert.equal(new Set(attemptReasons().map(([, word]) => word)).size, 6);
});
