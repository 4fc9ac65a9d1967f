import assert from "node:assert/strict";
import { test } from "node:test";
import { pointIn } from "../src/camera";
import { Agreement, type Seen } from "../src/scan/agree";

const bars = (text: string): Seen => ({ text, format: "Code128" });
const square = (text: string): Seen => ({ text, format: "QRCode" });
const texts = (seen: readonly Seen[]): string[] => seen.map(({ text }) => text);

test("a square code proves itself and is believed at once", () => {
  assert.deepEqual(texts(new Agreement().believed([square("1"), bars("2")], 0)), ["1"]);
});

test("bars are believed once two pictures agree", () => {
  const agreement = new Agreement();
  assert.deepEqual(texts(agreement.believed([bars("ZK000000014VN")], 0)), []);
  assert.deepEqual(texts(agreement.believed([], 50)), [], "a picture without bars neither agrees nor contradicts");
  assert.deepEqual(texts(agreement.believed([bars("ZK000000014VN")], 100)), ["ZK000000014VN"]);
});

test("a misread between two right ones is never told, and costs one picture more", () => {
  const agreement = new Agreement();
  const told = ["A", "B", "A", "A"].map((text, at) => texts(agreement.believed([bars(text)], at * 100)));
  assert.deepEqual(told, [[], [], [], ["A"]]);
});

test("two numbers in one picture believe neither", () => {
  const agreement = new Agreement();
  const told = [0, 100, 200].map((ms) => texts(agreement.believed([bars("A"), bars("B")], ms)));
  assert.deepEqual(told, [[], [], []]);
});

test("what agrees after a long while agrees with nothing", () => {
  const agreement = new Agreement();
  agreement.believed([bars("A")], 0);
  assert.deepEqual(texts(agreement.believed([bars("A")], 10_000)), []);
});

test("a press is found again in the picture that covers the box", () => {
  const picture = { width: 1920, height: 1080 };
  assert.deepEqual(pointIn(picture, { width: 400, height: 400 }, { x: 200, y: 100 }), { x: 0.5, y: 0.25 });
  const { x, y } = pointIn(picture, { width: 400, height: 400 }, { x: 0, y: 400 });
  assert.ok(Math.abs(x - 0.21875) < 1e-9);
  assert.equal(y, 1);
});
