import assert from "node:assert/strict";
import { test } from "node:test";
import { HonestClock, momentWords, UNKNOWN_MS } from "../src/dayclock";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A device with its two clocks; `trueMs` is what neither can see. */
class Device {
  trueMs = Date.UTC(2026, 10, 22, 1);
  wallOffMs = 0;
  asleepMs = 0;
  begunMs = this.trueMs;
  kept: string | null = null;
  clock = this.page();

  page(): HonestClock {
    this.begunMs = this.trueMs;
    this.asleepMs = 0;
    return new HonestClock({
      wallMs: () => this.trueMs + this.wallOffMs,
      pageMs: () => this.trueMs - this.begunMs - this.asleepMs,
      load: () => this.kept,
      save: (text) => {
        this.kept = text;
      },
    });
  }

  beacon(tripMs = 200): void {
    const [pageMs, wallMs] = [this.trueMs - this.begunMs - this.asleepMs, this.trueMs + this.wallOffMs];
    this.trueMs += tripMs / 2;
    const serviceMs = this.trueMs;
    this.trueMs += tripMs / 2;
    this.clock.beacon(serviceMs, pageMs, wallMs);
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 10_000) {
      this.trueMs += Math.min(left, 10_000);
      this.clock.tick();
    }
  }

  sleep(ms: number): void {
    this.trueMs += ms;
    this.asleepMs += ms;
  }

  /** The claimed time, once it has been held against the true one. */
  look(): { ms: number; uncertaintyMs: number } {
    const now = this.clock.now();
    assert.ok(Math.abs(now.ms - this.trueMs) <= now.uncertaintyMs, `${now.ms - this.trueMs} ms off, ${now.uncertaintyMs} stated`);
    return now;
  }
}

test("a device whose clock is an hour off signs the service's time, and says how exactly it knows it", () => {
  const device = new Device();
  device.wallOffMs = -HOUR;
  device.beacon(300);
  device.pass(8 * HOUR);
  assert.ok(device.look().uncertaintyMs < 5_000);
});

test("a clock that is set a day forth or back under the page changes no signed time by more than is stated", () => {
  for (const jumpMs of [DAY, -DAY, 3 * DAY, -HOUR, 20 * MINUTE]) {
    const device = new Device();
    device.beacon();
    device.pass(HOUR);
    device.wallOffMs += jumpMs;
    device.pass(10 * MINUTE);
    const now = device.look();
    assert.ok(now.uncertaintyMs >= Math.abs(jumpMs), "it cannot know, and says so");
    if (Math.abs(jumpMs) >= DAY || jumpMs < 0) {
      assert.ok(Math.abs(now.ms - device.trueMs) < 5_000, "and its guess is not taken in by the clock");
    }
  }
});

test("sleep counts: the guess is the time after it, and what it might be is stated", () => {
  const device = new Device();
  device.beacon();
  device.pass(5 * MINUTE);
  device.sleep(40 * MINUTE);
  const now = device.look();
  assert.ok(Math.abs(now.ms - device.trueMs) < 1_000);
  assert.ok(now.uncertaintyMs > 39 * MINUTE && now.uncertaintyMs < 42 * MINUTE);
});

test("a clock set back while the device sleeps as long hides nothing, once a look came in between", () => {
  const device = new Device();
  device.beacon();
  device.sleep(2 * HOUR);
  device.clock.tick();
  device.wallOffMs -= 2 * HOUR;
  device.clock.tick();
  device.look();
});

test("the next page goes on from where the last one was, over a jump of the clock as well", () => {
  for (const jumpMs of [0, DAY, -DAY]) {
    const device = new Device();
    device.beacon();
    device.pass(HOUR);
    device.clock.rest();
    device.trueMs += 800;
    device.wallOffMs += jumpMs;
    device.clock = device.page();
    const now = device.look();
    assert.ok(Math.abs(now.ms - device.trueMs) < 6_000);
    assert.equal(device.clock.now().epoch, 2);
    assert.ok(jumpMs ? now.uncertaintyMs >= DAY - 5_000 : now.uncertaintyMs < 6_000);
  }
});

test("a new beacon ends all doubt; a slow one does not replace what is known better, unless that was wrong", () => {
  const device = new Device();
  device.beacon();
  device.wallOffMs += DAY;
  device.pass(MINUTE);
  device.beacon();
  assert.ok(device.look().uncertaintyMs < 1_000);
  device.beacon(20_000);
  assert.ok(device.look().uncertaintyMs < 1_000);
  device.clock.beacon(device.trueMs + HOUR, device.trueMs - device.begunMs - 5_000, device.trueMs + device.wallOffMs - 5_000);
  assert.ok(device.clock.now().ms - device.trueMs > HOUR - 5_000, "the service is right by definition");
});

test("an answer that was slept through is no exact beacon", () => {
  const device = new Device();
  const [pageMs, wallMs] = [0, device.trueMs];
  const serviceMs = device.trueMs;
  device.sleep(30 * MINUTE);
  device.clock.beacon(serviceMs, pageMs, wallMs);
  device.look();
});

test("a clock that is set while an answer is on its way makes no false time of it", () => {
  for (const jumpMs of [DAY, -DAY]) {
    const device = new Device();
    device.beacon();
    const [pageMs, wallMs, serviceMs] = [device.trueMs - device.begunMs, device.trueMs, device.trueMs + 50];
    device.pass(100);
    device.wallOffMs += jumpMs;
    device.clock.beacon(serviceMs, pageMs, wallMs);
    assert.ok(Math.abs(device.look().ms - device.trueMs) < 1_000);
  }
});

test("a browser that has never heard the service, or whose note is spoilt, says that it does not know", () => {
  const device = new Device();
  assert.equal(device.clock.now().uncertaintyMs, UNKNOWN_MS);
  for (const text of ["{", "{}", "null", '{"beaconMs":1}']) {
    device.kept = text;
    assert.equal(device.page().now().uncertaintyMs, UNKNOWN_MS);
  }
});

test("a moment is shown as a time, as a span, or as not known", () => {
  const ms = Date.UTC(2026, 10, 22, 7, 5, 30); // 14:05:30 at +07:00
  assert.equal(momentWords({ ms, uncertaintyMs: 900 }), "14:05");
  assert.equal(momentWords({ ms, uncertaintyMs: 210_000 }), "14:02–14:09");
  assert.equal(momentWords({ ms, uncertaintyMs: UNKNOWN_MS }), "time not known (this device says 14:05)");
});
