import assert from "node:assert/strict";
import { test } from "node:test";
import { characterOf, type Key, undoLayout } from "../src/wedge";

const key = (key: string, code: string, more: Partial<Key> = {}): Key =>
  ({ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

test("a digit is taken by its place, whatever the layout makes of it", () => {
  assert.equal(characterOf(key("1", "Digit1")), "1");
  assert.equal(characterOf(key("\u0103", "Digit1")), "1"); // old Vietnamese layout
  assert.equal(characterOf(key("Process", "Digit7")), "7"); // an input method has it
  assert.equal(characterOf(key("&", "Digit1")), "1"); // AZERTY without shift
  assert.equal(characterOf(key("5", "Numpad5")), "5");
});

test("a letter is taken by its place only where it is hidden", () => {
  assert.equal(characterOf(key("Process", "KeyZ")), "Z");
  assert.equal(characterOf(key("z", "KeyZ")), null); // the field gets it
});

test("shortcuts are left alone", () => {
  assert.equal(characterOf(key("1", "Digit1", { ctrlKey: true })), null);
});

test("the digit row of the old Vietnamese layout is undone one to one", () => {
  assert.equal(undoLayout("\u0103\u00e2\u00ea\u00f4\u0300\u0309\u0303\u0301\u0323\u0111"), "1234567890");
  assert.equal(undoLayout(" 224\r\n"), "224");
});
