import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { resultOf, type ResultKind } from "../src/scan/words";
import { NOTES, PULSES, type Tone } from "../src/sound";
import { readClips } from "../src/speech/clips";
import { LARGEST, numberWords, SPOKEN, vocabulary } from "../src/speech/numbers";

/** The seven results of a round that must never be taken for each other (B11). */
const APART: readonly ResultKind[] = ["genuine", "again", "unlisted", "misplaced", "superseded", "forged", "foreign"];

/** What an ear tells apart: how many notes, which way they go, short or long at the end, high or low at the start. */
function contour(tone: Tone): string {
  const notes = NOTES[tone];
  const way = notes.slice(1).map(([hertz], index) => Math.sign(hertz - (notes[index]?.[0] ?? 0))).join("");
  const [first, last] = [notes[0], notes.at(-1)];
  return `${notes.length} ${way} ${(last?.[2] ?? 0) > 0.15 ? "long" : "short"} ${(first?.[0] ?? 0) > 400 ? "high" : "low"}`;
}

test("the seven results differ in sound, in pulses, in shape and colour, and in word", () => {
  const results = APART.map((kind) => resultOf(kind));
  assert.equal(new Set(results.map(({ sound }) => contour(sound))).size, APART.length);
  assert.equal(new Set(results.map(({ sound }) => PULSES[sound].join())).size, APART.length);
  assert.equal(new Set(results.map(({ shape }) => shape)).size, APART.length, "shapes alone tell them apart, without colour");
  assert.equal(new Set(results.map(({ word }) => word)).size, APART.length);
});

test("no sound is longer than the time in which the next envelope comes", () => {
  for (const [tone, notes] of Object.entries(NOTES)) {
    assert.ok(Math.max(...notes.map(([, start, length]) => start + length)) <= 0.9, tone);
  }
});

test("numbers are said as people say them", () => {
  const said = (count: number): string => numberWords(count, "vi").join(" ");
  assert.deepEqual([0, 5, 10, 12, 15, 20, 21, 24, 25, 44, 91, 100, 105, 110, 115, 250, 999].map(said), [
    "không", "năm", "mười", "mười hai", "mười lăm", "hai mươi", "hai mươi mốt", "hai mươi tư", "hai mươi lăm", "bốn mươi tư",
    "chín mươi mốt", "một trăm", "một trăm linh năm", "một trăm mười", "một trăm mười lăm", "hai trăm năm mươi",
    "chín trăm chín mươi chín",
  ]);
  assert.deepEqual([0, 12, 20, 21, 105, 340].map((count) => numberWords(count, "en").join(" ")),
    ["zero", "twelve", "twenty", "twenty one", "one hundred and five", "three hundred and forty"]);
  assert.deepEqual([-1, 1.5, LARGEST + 1, Number.NaN].map((count) => numberWords(count, "vi").length), [0, 0, 0, 0]);
});

for (const language of SPOKEN) {
  test(`every number has its clips in ${language}, audible and short`, () => {
    const clips = readClips(readFileSync(`${REPOSITORY}/web/static/speech/${language}.bin`));
    const words = new Set(vocabulary(language));
    for (let count = 0; count <= LARGEST; count += 1) {
      assert.ok(numberWords(count, language).every((word) => words.has(word)), String(count));
    }
    for (const word of words) {
      const samples = clips.samples.get(word) ?? new Float32Array();
      const seconds = samples.length / clips.rate;
      const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(seconds > 0.08 && seconds < 0.8, `${word} lasts ${seconds} s`);
      assert.ok(loudest > 0.5 && loudest <= 1, `${word} peaks at ${loudest}`);
    }
  });
}

test("a file that is cut short is refused", () => {
  const whole = readFileSync(`${REPOSITORY}/web/static/speech/vi.bin`);
  assert.throws(() => readClips(whole.subarray(0, whole.length - 100)), RangeError);
});
