import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldReads, type Verdict } from "../src/fieldreads";

const NUMBER = "ZK473124829VN";
const ENTER = "Enter";

const keyOf = (text: string): { key: string; code: string } => ({ key: text, code: /[0-9]/.test(text) ? `Digit${text}` : "" });

/** Keys at one pace into a field that held *before*; the verdicts, and what is watched. */
function typed(keys: readonly string[], gapMs: number, before = "", endMs = gapMs): { verdicts: Verdict[]; reads: FieldReads; nowMs: number } {
  const reads = new FieldReads();
  let [value, nowMs] = [before, 1_000];
  const verdicts = keys.map((text) => {
    nowMs += text === ENTER || text === "Tab" ? endMs : gapMs;
    const verdict = reads.key({ ...keyOf(text), shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }, nowMs, value);
    value += verdict === "pass" && text.length === 1 ? text : "";
    return verdict;
  });
  return { verdicts, reads, nowMs };
}

test("a number that is read into a password or a name is taken out and sends nothing", () => {
  for (const end of [ENTER, "Tab"]) {
    const { verdicts, reads, nowMs } = typed([...NUMBER, end], 5, "half a na");
    assert.equal(verdicts.at(-1), "ours");
    assert.equal(reads.before, "half a na", "what a person had typed stays");
    assert.ok(reads.sends(nowMs + 50), "a form that is sent now is the reader's doing");
    assert.ok(!reads.sends(nowMs + 1_000), "a press a second later is the person's");
  }
});

test("a label does not even come in whole", () => {
  const { verdicts } = typed([..."0240".repeat(56), ENTER], 4);
  assert.equal(verdicts.findIndex((verdict) => verdict === "long"), 23);
  assert.equal(verdicts.at(-1), "long", "nor does its Enter");
});

test("a label whose reader pauses is kept out to its end", () => {
  const reads = new FieldReads();
  let nowMs = 0;
  const verdicts = [..."0240".repeat(56), ENTER].map((text, at) => {
    nowMs += at > 30 && at % 20 === 0 ? 400 : 4;
    return reads.key({ ...keyOf(text), shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }, nowMs, "");
  });
  assert.ok(verdicts.slice(23).every((verdict) => verdict === "long"));
});

test("another code, such as a seal's, stays for the person to look at, and sends nothing either", () => {
  const { verdicts, reads, nowMs } = typed([..."SEAL-00817", ENTER], 5);
  assert.deepEqual(verdicts.at(-1), "other");
  assert.ok(reads.sends(nowMs));
});

test("a person who types is not disturbed, however fast the Enter follows", () => {
  for (const [text, gapMs] of [[NUMBER, 90], ["mat khau dai", 70], ["abc1234", 5]] as const) {
    const { verdicts, reads, nowMs } = typed([...text, ENTER], gapMs, "", 30);
    assert.ok(verdicts.every((verdict) => verdict === "pass"), text);
    assert.ok(!reads.sends(nowMs), text);
  }
});

test("a read that comes at once, as an input method commits it, is known by what it is", () => {
  const reads = new FieldReads();
  assert.ok(!reads.commit("Nguyễn Thị Văn Thư", 1_000));
  assert.ok(!reads.sends(1_010));
  assert.ok(reads.commit(NUMBER, 2_000));
  assert.ok(reads.sends(2_050));
});
