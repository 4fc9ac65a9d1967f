import "./locks";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Camera } from "../src/camera";
import type { DecodeAnswer } from "../src/decoder";

const UNREAD: DecodeAnswer = { symbols: [], glimpsed: false, reason: null };
const READ = { symbols: [{ text: "1", format: "QRCode" }], suggestion: null };
const track = { stop: () => undefined };
const stream = { active: true, getTracks: () => [track], getVideoTracks: () => [track] };
const worker = { onmessage: null as ((event: { data: DecodeAnswer }) => void) | null, onerror: null, postMessage: () => void (asked += 1), terminate: () => undefined };
let asked = 0;
let nowMs = 0;

Object.assign(globalThis, {
  window: { tramWarmed: { takeWorker: () => worker, takeStream: async () => stream } },
  document: { hidden: false, createElement: () => ({ readyState: 4, videoWidth: 4, videoHeight: 3, play: async () => undefined }) },
  HTMLMediaElement: { HAVE_CURRENT_DATA: 2 },
  createImageBitmap: async () => ({}),
  OffscreenCanvas: class {
    getContext(): null {
      return null;
    }
    async convertToBlob(): Promise<Blob> {
      return new Blob(["picture"]);
    }
  },
});
Object.assign(navigator, { onLine: true, mediaDevices: { getSupportedConstraints: () => ({}) } });
mock.method(performance, "now", () => nowMs);
mock.timers.enable({ apis: ["setTimeout"] });

beforeEach(() => {
  asked = 0;
});

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The next frame is asked for, and nothing is read in it. */
async function frame(): Promise<void> {
  await turn();
  worker.onmessage?.({ data: UNREAD });
  await turn();
  mock.timers.tick(1_000);
  await turn();
}

test("a camera leaves one mark of its first frame and one of the first answer, however long it runs", async () => {
  const camera = new Camera(() => undefined);
  await camera.start();
  for (let at = 0; at < 5; at += 1) {
    await frame();
  }
  camera.close();
  assert.ok(asked >= 5, `${asked} frames`);
  assert.deepEqual(["frame", "decoded"].map((name) => performance.getEntriesByName(name, "mark").length), [1, 1]);
});

for (const isPaused of [false, true]) {
  test(`the service's answer to a still ${isPaused ? "from before a pause is not shown as a fresh read" : "is shown"}`, async () => {
    let answer: (response: Response) => void = () => assert.fail("no still was sent");
    globalThis.fetch = () => new Promise((resolve) => {
      answer = resolve;
    });
    const reads: string[] = [];
    const camera = new Camera((symbols) => reads.push(...symbols.map(({ text }) => text)));
    await camera.start();
    nowMs += 10_000; // nothing was read for so long
    await frame();
    if (isPaused) {
      camera.pause();
      camera.resume();
    }
    answer(Response.json(READ));
    await turn();
    await turn();
    camera.close();
    assert.deepEqual(reads, isPaused ? [] : ["1"]);
  });
}
