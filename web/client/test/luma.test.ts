import assert from "node:assert/strict";
import { test } from "node:test";
import { gridOf, type Light, lightOf, type Reason, reasonOf, Reasons, tooFar } from "../src/luma";

const [WIDTH, HEIGHT] = [640, 360];

/** A frame by the brightness of each pixel. */
function frame(brightness: (x: number, y: number) => number): { data: Uint8ClampedArray; width: number; height: number } {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      data.fill(brightness(x, y), (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
      data[(y * WIDTH + x) * 4 + 3] = 255;
    }
  }
  return { data, width: WIDTH, height: HEIGHT };
}

/** Modules of a label, 8 px each, on a desk; out of focus there are waves in their place. */
function label({ dim = 1, shift = 0, focused = true } = {}): (x: number, y: number) => number {
  const wave = (at: number): number => Math.sin((Math.PI * (at + shift)) / (focused ? 8 : 32));
  const module = (value: number): number => (focused ? Math.sign(value) : value);
  return (x, y) => (125 + 90 * module(wave(x) * wave(y))) * dim;
}

function reasonFor(paint: (x: number, y: number) => number, before = paint, glimpsedPx = 0): Reason | null {
  const [seen, earlier] = [frame(paint), frame(before)];
  return reasonOf(lightOf(seen, gridOf(seen), gridOf(earlier)), glimpsedPx);
}

test("a sharp label in good light is no cause for a word", () => {
  assert.equal(reasonFor(label()), null);
});

test("each fault of the light is named", () => {
  assert.equal(reasonFor(label({ dim: 0.2 })), "dark");
  assert.equal(reasonFor(label({ focused: false })), "blurred");
  assert.equal(reasonFor(label({ shift: 8 }), label()), "moving");
  assert.equal(reasonFor((x, y) => (Math.hypot(x - 320, y - 180) < 80 ? 255 : label()(x, y))), "glare");
  assert.equal(reasonFor(label(), label(), 120), "far");
});

test("the worst is named first: in the dark nothing else can be judged", () => {
  assert.equal(reasonFor(label({ dim: 0.1, focused: false }), label(), 100), "dark");
});

test("an empty wall is not called blurred, and the first frame not moving", () => {
  assert.equal(reasonFor(() => 140), null);
  const seen = frame(label());
  assert.equal(lightOf(seen, gridOf(seen)).motion, null);
});

test("a symbol is too far by the pixels of its modules, and one unseen is not", () => {
  assert.deepEqual([0, 120, 166, 167, 400].map(tooFar), [false, true, true, false, false]);
});

test("a reason is said once most of the last frames agree, and not while labels are read", () => {
  const reasons = new Reasons();
  reasons.note("dark", 0);
  reasons.note("dark", 100);
  assert.equal(reasons.current(100), null, "two frames are an accident");
  reasons.note("dark", 200);
  assert.equal(reasons.current(200), "dark");
  reasons.read(300);
  assert.equal(reasons.current(300), null);
  for (let ms = 400; ms < 1_400; ms += 100) {
    reasons.note(ms % 200 ? "dark" : "moving", ms);
  }
  assert.equal(reasons.current(1_400), null, "just read");
  assert.equal(reasons.current(1_600), null, "no reason has the majority");
  for (let ms = 1_600; ms < 3_400; ms += 100) {
    reasons.note("moving", ms);
  }
  assert.equal(reasons.current(3_400), "moving");
});

test("light is judged in a few milliseconds' work: a full picture is sampled, not read whole", () => {
  let reads = 0;
  const counted = new Proxy(new Uint8ClampedArray(1920 * 1080 * 4), {
    get: (target, key): unknown => {
      reads += typeof key === "string" && /^\d+$/.test(key) ? 1 : 0;
      return Reflect.get(target, key) as unknown;
    },
  });
  const pixels = { data: counted, width: 1920, height: 1080 };
  const light: Light = lightOf(pixels, gridOf(pixels));
  assert.equal(light.mean, 0);
  assert.ok(reads < 300_000, `${reads} of ${1920 * 1080 * 4}`);
});
