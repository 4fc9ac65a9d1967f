import assert from "node:assert/strict";
import { test } from "node:test";
import type { Found } from "../src/scan/reading";
import { InView } from "../src/scan/inview";
import { beginRound, countOf, type Here, judge, leaveOut, missing, type Round, take, undo } from "../src/scan/round";
import type { ResultKind } from "../src/scan/words";
import type { Item } from "../src/told";

const OFFERED: Item = {
  number: "ZK000000000VN", uid: "00", state: "OFFERED", seq: 1, head: "00", custodian: { id: "g", name: "An" },
  offer: { id: "0f", giver: { id: "g", name: "An" }, taker: { id: "me", name: "Bình" }, expires_ms: 0 },
  instance: 0, label: null, seal_commitment: "ab", kind: 1, secrecy: 3, urgency: 0, due_ms: null,
  sender: null, recipient: { code: 9, name: "Sở" }, verdict: "INTACT", findings: [], held: false, actions: ["receive", "refuse"],
};
const HERE: Here = { place: 1, person: "me", agency: null, officeOf: (id) => ({ far: 2, near: 1 })[id] };

function item(n: number, more: Partial<Item> = {}): Item {
  return { ...OFFERED, number: `ZK${String(n).padStart(9, "0")}VN`, uid: String(n), ...more };
}

function found(of: Item | null, kind: ResultKind = "genuine", text = of?.uid ?? kind): Found {
  return { text, kind, method: 3, label: { number: of?.number } as Found["label"], number: of?.number ?? null, item: of, note: "" };
}

/** Read after read, as the page does it. */
function scan(round: Round, ...reads: Found[]): { round: Round; kinds: ResultKind[] } {
  const kinds: ResultKind[] = [];
  for (const one of reads) {
    const kind = judge(round, one, HERE);
    kinds.push(kind);
    round = take(round, one, kind);
  }
  return { round, kinds };
}

test("twelve of twelve: each counts once, in whatever order they come", () => {
  const items = Array.from({ length: 12 }, (_, n) => item(n));
  const start = beginRound("receive", items);
  assert.deepEqual(countOf(start), { done: 0, of: 12 });
  const { round, kinds } = scan(start, ...[...items].reverse().map((one) => found(one)));
  assert.deepEqual(new Set(kinds), new Set(["genuine"]));
  assert.deepEqual([countOf(round), missing(round)], [{ done: 12, of: 12 }, []]);
});

test("a doubled scan is said and changes nothing", () => {
  const { round, kinds } = scan(beginRound("receive", [item(1)]), found(item(1)), found(item(1)));
  assert.deepEqual(kinds, ["genuine", "again"]);
  assert.equal(round.lines.length, 1);
});

test("what was offered since the list was brought is taken and counted as one more", () => {
  const { round } = scan(beginRound("receive", [item(1)]), found(item(2)));
  assert.deepEqual(countOf(round), { done: 1, of: 2 });
});

test("a stranger is on no list, and in the wrong place where the log has it with another office", () => {
  const round = beginRound("receive", [item(1)]);
  const held = (id: string): Item => item(2, { state: "HELD", offer: null, custodian: { id, name: "" }, actions: ["report"] });
  assert.equal(judge(round, found(held("near")), HERE), "unlisted");
  assert.equal(judge(round, found(held("nobody knows")), HERE), "unlisted");
  assert.equal(judge(round, found(held("far")), HERE), "misplaced");
  assert.equal(judge(round, found(item(3, { state: "DELIVERED", offer: null, actions: [] })), HERE), "misplaced");
  assert.equal(judge(round, found(item(4, { actions: [] })), { ...HERE, agency: 8 }), "misplaced");
  const back = item(5, { actions: [], is_returning: true, sender: { code: 8, name: "UBND" } });
  assert.notEqual(judge(round, found(back), { ...HERE, agency: 8 }), "misplaced"); // it comes back to them
  assert.equal(judge(round, found(back), { ...HERE, agency: 9 }), "misplaced");
});

test("forged, old, foreign and typed reads keep their own names, even of an envelope that is on the list", () => {
  const kinds: ResultKind[] = ["forged", "superseded", "number", "foreign", "misread", "unregistered", "key-window"];
  const { round, kinds: judged } = scan(beginRound("receive", [item(1)]), found(item(1)),
    ...kinds.map((kind) => found(item(1), kind, kind)));
  assert.deepEqual(judged, ["genuine", ...kinds]);
  assert.equal(round.lines.length, 1);
});

test("what asks for more than a round gives is taken on its own", () => {
  const round = beginRound("receive", []);
  const alone = [
    item(1, { is_container: true } as Partial<Item>), item(2, { seal_commitment: null }),
    item(3, { actions: ["deliver"], secrecy: 1 }), item(4, { actions: ["deliver"], only_named: true } as Partial<Item>), item(6, { two_couriers: true }),
  ];
  assert.deepEqual(new Set(alone.map((one) => judge(round, found(one), HERE))), new Set(["alone"]));
  assert.equal(judge(round, found(item(5, { actions: ["deliver"] })), HERE), "genuine");
  assert.deepEqual(beginRound("receive", alone).expected, [], "nor does the round wait for them");
});

test("the last scan can be taken back, and read again", () => {
  const { round } = scan(beginRound("receive", [item(1), item(2)]), found(item(1)), found(item(2)));
  const back = undo(round);
  assert.deepEqual(missing(back).map(({ number }) => number), [item(2).number]);
  assert.equal(judge(back, found(item(2)), HERE), "genuine");
  assert.deepEqual(undo(undo(undo(back))).lines, []);
});

test("what is left out stays named, and is waited for no more", () => {
  const { round } = scan(beginRound("receive", [item(1), item(2)]), found(item(1)), found(item(2)));
  const left = leaveOut(round, "1");
  assert.deepEqual([left.lines.length, left.asides.map(({ kind }) => kind), missing(left)], [1, ["alone"], []]);
});

test("each stranger is laid aside once", () => {
  const one = found(item(7, { actions: [] }));
  const { round } = scan(beginRound("hand_over", []), one, one, found(null, "foreign"));
  assert.equal(round.asides.length, 2);
});

test("a hand-over round takes what is mine to give", () => {
  const mine = item(1, { state: "HELD", offer: null, custodian: { id: "me", name: "" }, actions: ["hand_over"] });
  const { kinds } = scan(beginRound("hand_over", [mine]), found(mine), found(item(2)));
  assert.deepEqual(kinds, ["genuine", "unlisted"]);
});

test("a code alerts once while it stays in view, also beside another", () => {
  const view = new InView();
  assert.deepEqual(view.fresh(["a"], 0), ["a"]);
  assert.deepEqual(view.fresh(["a", "b"], 100), ["b"]);
  assert.deepEqual(view.fresh(["b"], 200), []);
  assert.deepEqual(view.fresh(["a"], 1_500), [], "a was hidden for less than the time that counts as gone");
  view.stay(3_000);
  assert.deepEqual(view.fresh(["a"], 3_100), []);
  assert.deepEqual(view.fresh(["a"], 4_700), ["a"]);
});

test("the bars of a label say nothing new while its square is read", () => {
  const view = new InView();
  assert.deepEqual(view.freshOf(["square"], ["bars"], 0), ["square"]);
  assert.deepEqual(view.freshOf([], ["bars"], 100), []);
  assert.deepEqual(view.freshOf([], ["bars"], 1_600), ["bars"]);
});
