import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { showTime, t, useWords } from "../src/i18n";
import { marksOf } from "../src/items";
import { backOffMs, waitingWords } from "../src/outbox";
import { kindOf } from "../src/scan/outcome";
import { roleWords, takersOf } from "../src/scan/takers";
import { adviceOf, arrange, resultOf, type ResultKind, stateLine } from "../src/scan/words";
import type { Item, Person } from "../src/told";

const ITEM: Item = {
  number: "ZK473124829VN", uid: "00", state: "OFFERED", seq: 1, head: "00", custodian: { id: "a", name: "An" },
  offer: { id: "0f", giver: { id: "a", name: "An" }, taker: { id: "b", name: "Bình" }, expires_ms: 0 },
  instance: 0, label: null, seal_commitment: "00", kind: 1, secrecy: 1, urgency: 1, due_ms: null,
  sender: null, recipient: null, verdict: "INTACT", findings: [], held: false, actions: [],
};

afterEach(() => useWords({}));

test("words are translated and filled in", () => {
  useWords({ "Held by {name}": "{name} đang giữ" });
  assert.equal(t("Held by {name}", { name: "An" }), "An đang giữ");
  assert.equal(t("Unknown {x}"), "Unknown {x}");
});

test("times are shown at +07:00 whatever the device says", () => {
  assert.equal(showTime(Date.UTC(2026, 10, 21, 18, 5)), "22/11/2026 01:05");
});

test("at most two big actions, the taker's first", () => {
  const { main, more } = arrange({ ...ITEM, actions: ["refuse", "receive", "report", "cancel"] });
  assert.deepEqual(main, ["receive", "refuse"]);
  assert.deepEqual(more, ["cancel", "report"]);
});

test("who stands outside may say that he has it, the holder may not", () => {
  assert.ok(arrange({ ...ITEM, state: "HELD", actions: [] }).more.includes("claim"));
  assert.ok(!arrange({ ...ITEM, state: "HELD", actions: ["hand_over"] }).more.includes("claim"));
  assert.ok(!arrange({ ...ITEM, state: "DELIVERED", actions: [] }).more.includes("claim"));
});

test("the state names the persons, and oneself as you", () => {
  assert.equal(stateLine(ITEM, "b"), "Offered to you by An");
  assert.equal(stateLine(ITEM, "a"), "You offered it to Bình");
  assert.equal(stateLine({ ...ITEM, state: "HELD" }, "a"), "In your hands");
  assert.equal(stateLine({ ...ITEM, state: "HELD" }, "c"), "Held by An");
});

test("a bag is opened and put away, and neither unknown nor void", () => {
  const bag = { ...ITEM, is_container: true };
  assert.deepEqual(["EMPTY", "VOID", "LOADED"].map((state) => stateLine({ ...bag, state }, "a")), ["Opened", "Put away", "In another bag"]);
  assert.deepEqual(["VOID", "LOADED"].map((state) => stateLine({ ...ITEM, state }, "a")), ["Void", "In a sealed bag"]);
});

test("a held item waits for a supervisor before anything else", () => {
  assert.match(adviceOf({ ...ITEM, held: true, actions: ["hand_over"] }).next, /supervisor/);
});

test("only the outer marks are shown", () => {
  assert.deepEqual(marksOf({ secrecy: 1, urgency: 2 }), ["A", "Hẹn giờ"]);
  assert.deepEqual(marksOf({ secrecy: 0, urgency: 0 }), []);
});

test("no two bad reads look and sound and read alike", () => {
  const kinds: ResultKind[] = ["genuine", "again", "number", "misread", "forged", "unknown-key", "key-window", "version",
    "foreign", "unregistered", "superseded", "forbidden", "offline", "done", "flagged", "waiting", "refused", "nothing",
    "unlisted", "misplaced", "alone", "practice", "undone", "not-mine", "astray", "held", "extra"];
  const words = kinds.map((kind) => resultOf(kind).word);
  assert.equal(new Set(words).size, kinds.length);
  assert.deepEqual(new Set(["genuine", "misread", "forged", "foreign"].map((kind) => {
    const { tone, shape, sound } = resultOf(kind as ResultKind);
    return `${tone} ${shape} ${sound}`;
  })).size, 4);
});

test("the outbox waits longer each time, and never for ever", () => {
  const waits = [1, 2, 3, 4].map((attempt) => backOffMs(attempt, 0));
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000]);
  assert.ok(backOffMs(1_000, 1) <= 160_000);
});

test("what the service flagged is recorded, but not green", () => {
  const stored = { kind: "stored", index: 1, receipt: "" } as const;
  assert.equal(kindOf({ ...stored, findings: [] }), "done");
  assert.equal(kindOf({ ...stored, findings: ["L10"] }), "flagged");
  assert.equal(kindOf({ ...stored, findings: ["L10"] }, ["L10"]), "done");
  assert.equal(kindOf({ ...stored, findings: ["L10", "X01"] }, ["L10"]), "flagged");
  assert.equal(kindOf({ kind: "refused", problem: "no" }), "refused");
});

test("events that another person signed are named as theirs", () => {
  const state = { waiting: 2, oldestMs: 0, refused: [], signers: ["An"] };
  assert.equal(waitingWords(state, "An", 60_000), "Waiting: 2, oldest 1 min");
  assert.equal(waitingWords(state, "Bình", 60_000), "Waiting: 2, oldest 1 min, signed by An");
});

test("takers stand in groups, those of before first in each, with their roles in words", () => {
  const person = (id: string, roles: string[], agency: number | null = null): Person =>
    ({ id, name: id, roles, office: null, agency: agency === null ? null : { code: agency, name: "" } });
  const people = [person("clerk", ["clerk"]), person("c1", ["courier"]), person("c2", ["courier"]), person("r", ["recipient"], 9)];
  const groups = takersOf(people, { recipient: { code: 9, name: "" } }, ["c2"]);
  assert.deepEqual(groups.map(([group, of]) => [group, of.map(({ id }) => id)]),
    [["addressee", ["r"]], ["courier", ["c2", "c1"]], ["other", ["clerk"]]]);
  assert.equal(roleWords(["issuer", "clerk", "supervisor"]), "supervisor, counter clerk");
});
