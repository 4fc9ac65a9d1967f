import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readTyped, settleTyped } from "../src/typed";
import { characterOf, chosenText, type Key } from "../src/wedge";

declare const REPOSITORY: string;

const key = (key: string, code: string, more: Partial<Key> = {}): Key =>
  ({ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });
const NUMBER = "ZK473124829VN";

test("a digit is taken by its place, whatever the layout makes of it", () => {
  assert.equal(characterOf(key("1", "Digit1")), "1");
  assert.equal(characterOf(key("\u0103", "Digit1")), "1"); // old Vietnamese layout
  assert.equal(characterOf(key("Process", "Digit7")), "7"); // an input method has it
  assert.equal(characterOf(key("&", "Digit1")), "1"); // AZERTY without shift
  assert.equal(characterOf(key("!", "Digit1", { shiftKey: true })), "1"); // shift held, or caps lock made good by a reader
  assert.equal(characterOf(key("5", "Numpad5")), "5");
});

test("a letter is taken by its place only where it is hidden", () => {
  assert.equal(characterOf(key("Process", "KeyZ")), "Z");
  assert.equal(characterOf(key("\u01b0", "KeyW")), "W");
  assert.equal(characterOf(key("z", "KeyW")), "z"); // the layout and the reader agree on it
});

test("shortcuts, and keys that have no place, tell nothing", () => {
  assert.equal(characterOf(key("1", "Digit1", { ctrlKey: true })), null);
  assert.equal(characterOf(key("\u00e1", "")), null); // what an input method sends instead of a key
  assert.equal(characterOf(key("Backspace", "Backspace")), null);
  assert.equal(characterOf(key("Unidentified", "")), null); // Android
});

test("of keys and field the whole one is taken", () => {
  assert.equal(chosenText(NUMBER, "\u01afK473124829VN"), NUMBER);
  assert.equal(chosenText(null, NUMBER), NUMBER); // only `input` events
  assert.equal(chosenText("", NUMBER), NUMBER);
  assert.equal(chosenText("ZK4", "ZK\u00f4"), "ZK\u00f4"); // a part: the field is shown to the page
  assert.equal(chosenText(NUMBER.slice(0, 5), NUMBER), NUMBER);
});

test("the browser reads what Python reads", () => {
  const cases = JSON.parse(readFileSync(`${REPOSITORY}/tests/scanner/wedge_cases.json`, "utf8")) as [string, string, string[]][];
  const wrong = cases.filter(([text, kind, texts]) => {
    const found = readTyped(text);
    return found.kind !== kind || JSON.stringify(found.texts) !== JSON.stringify(texts);
  });
  assert.ok(cases.length >= 300);
  assert.deepEqual(wrong.map(([text, ...rest]) => [text, rest, readTyped(text)]), []);
});

test("damage is undone only to the one that is confirmed", async () => {
  const damaged = readTyped("\u00c1473124829VN"); // AS through Telex, or another tone key before it
  assert.equal(damaged.kind, "damaged");
  assert.equal(await settleTyped(damaged, async (text) => text === "AS473124829VN"), "AS473124829VN");
  assert.equal(await settleTyped(damaged, async () => false), null);
  assert.equal(await settleTyped(damaged, async () => true), null);
  assert.equal(await settleTyped(readTyped("ZK473124828VN"), async () => true), null);
  assert.equal(await settleTyped(readTyped("hello"), async () => false), "hello");
});
