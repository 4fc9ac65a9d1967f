/**
 * What a reader that types (keyboard wedge) meant, when a Vietnamese input method stood in between. The same rules
 * and the same answers as scanner/wedge.py, from the same file; a table of cases holds the two together.
 */

import rules from "../../../scanner/wedge.json";
import { parseDigits } from "./label";
import { packNumber } from "./s10";

const TEXT_MAX = 2_048;
const JUNK = /[\u0000-\u001f\u007f\u200b\ufeff]/gu;
const GAPS = /[\s.-]+/gu;
const NUMBER = /^(\p{L}{1,2})([0-9]{3,9})(\p{L}{1,2})$/u;
const OURS = /^\p{L}{0,3}[0-9]{5,9}\p{L}{1,3}$/u;
const ASCII = /^[\u0000-\u007f]*$/u;
const STROKE = "\u0335"; // of Đ, which Unicode does not take apart
const DIGITS = 9;
const PLAIN = 2; // letters before and after the digits
const EVERY_DIGIT = [..."0123456789"];

const rows: readonly Readonly<Record<string, string>>[] = Object.values(rules.rows);
const marks: Readonly<Record<string, { telex: string; vni: string; old?: string }>> = rules.marks;
const takes: Readonly<Record<string, { mark: string; letters: string }>> = rules.takes;
const prefix = new RegExp(rules.prefix, "u");

/** Clean: one of ours. Damaged: one of `texts`, if exactly one is confirmed. Again: not to be recovered. */
export interface Typed {
  readonly kind: "clean" | "damaged" | "again" | "foreign";
  readonly texts: readonly string[];
}

/** Tell what a reader typed; ends (CR, LF, Tab), AIM prefixes (]C0, ]Q1) and blanks are taken off. */
export function readTyped(text: string): Typed {
  const plain = text.slice(0, TEXT_MAX).replace(JUNK, "").trim();
  const found = new Map<string, boolean>(); // what it may be -> whether nothing had to be undone for it
  const variants = [...variantsOf(plain)];
  for (const [dense, isRaw] of variants) {
    for (const [one, isWhole] of [...labels(dense), ...numbers(dense, isRaw)]) {
      const checksItself = isRaw || one.length === rules.label_digits;
      found.set(one, (found.get(one) ?? false) || (isWhole && checksItself));
    }
  }
  if (!found.size || found.size > rules.most_candidates) {
    const isOurs = found.size > 0 || variants.some(([dense]) => looksOurs(dense));
    return isOurs ? { kind: "again", texts: [] } : { kind: "foreign", texts: [plain] };
  }
  const texts = [...found.keys()].sort();
  const isClean = texts.length === 1 && found.get(texts[0] as string) === true;
  return { kind: isClean ? "clean" : "damaged", texts };
}

/**
 * What was typed, or null: scan again. *confirm* tells whether a number is in the register, or whether the signature
 * of 224 digits verifies.
 */
export async function settleTyped(found: Typed, confirm: (text: string) => Promise<boolean>): Promise<string | null> {
  if (found.kind === "clean" || found.kind === "foreign") {
    return found.texts[0] ?? null;
  }
  const known = await Promise.all(found.texts.map(confirm));
  const right = found.texts.filter((_, index) => known[index]);
  return right.length === 1 ? (right[0] ?? null) : null;
}

/** The text as it came, and with each digit row undone, with a prefix or not; and whether no row was undone. */
function* variantsOf(plain: string): Generator<readonly [string, boolean]> {
  const seen = new Set<string>();
  for (const variant of [plain, ...rows.map((row) => Array.from(plain, (letter) => undone(row, letter)).join(""))]) {
    for (const bare of [variant, variant.replace(prefix, "")]) {
      const dense = bare.normalize("NFC").replace(GAPS, "").toUpperCase();
      if (!seen.has(dense)) {
        seen.add(dense);
        yield [dense, variant === plain];
      }
    }
  }
}

/** One character of a digit row undone; one that was composed of two keys becomes both. */
function undone(row: Readonly<Record<string, string>>, letter: string): string {
  const known = row[letter];
  if (known !== undefined) {
    return known;
  }
  const parts = [...letter.normalize("NFD")];
  const tones = parts.slice(1).filter((part) => rules.tones.includes(part));
  if (parts.length < 2 || tones.some((tone) => row[tone] === undefined)) {
    return letter;
  }
  const stem = parts.filter((part) => !tones.includes(part)).join("").normalize("NFC");
  return (row[stem] ?? stem) + tones.map((tone) => row[tone]).join("");
}

/** The labels that a text may be: whole, typed twice, behind other keys, or with its first digits lost. */
function* labels(dense: string): Generator<readonly [string, boolean]> {
  const size = rules.label_digits;
  const digits = /[0-9]*$/u.exec(dense)?.[0] ?? "";
  if (digits.length >= size) {
    for (const end of new Set([digits.slice(0, size), digits.slice(-size)])) {
      if (isLabel(end)) {
        yield [end, true];
      }
    }
    return;
  }
  const lost = size - digits.length;
  for (let replaced = 0; replaced <= rules.longest_loss - lost; replaced += 1) {
    const rest = digits.slice(replaced);
    const length = lost + replaced;
    for (const start of rules.label_starts) {
      for (const more of runs(Math.max(0, length - start.length))) {
        const label = (start + more).slice(0, length) + rest;
        if (label.startsWith(start) && isLabel(label)) {
          yield [label, false];
        }
      }
    }
  }
}

function isLabel(digits: string): boolean {
  if (BigInt(digits) % 97n !== 1n) {
    return false;
  }
  try {
    parseDigits(digits);
    return true;
  } catch {
    return false;
  }
}

/** The numbers with a good check digit that a text may be; digits are eaten only of one that came so. */
function* numbers(dense: string, isRaw: boolean): Generator<readonly [string, boolean]> {
  const half = dense.slice(0, dense.length >> 1);
  const whole = NUMBER.exec(half + half === dense ? half : dense);
  if (!whole) {
    return;
  }
  const [, head = "", digits = "", tail = ""] = whole;
  if (digits.length === DIGITS) {
    for (const before of keysOf(head)) {
      for (const after of keysOf(tail)) {
        const number = before + digits + after;
        if (isNumber(number)) {
          yield [number, number === head + digits + tail];
        }
      }
    }
  } else if (isRaw && ASCII.test(tail) && head.length === PLAIN && tail.length === PLAIN) {
    const [base, on] = takenApart(head);
    for (const run of new Set([...eaten("vni", base, on, digits), ...eaten("old", base, on, digits)])) {
      const number = base + run + digits + tail;
      if (isNumber(number)) {
        yield [number, false];
      }
    }
  }
}

function isNumber(text: string): boolean {
  try {
    packNumber(text);
    return true;
  } catch {
    return false;
  }
}

/** The bare letters, and the marks that each has. */
function takenApart(letters: string): readonly [string, readonly string[]] {
  const parts = Array.from(letters, (letter) => [...letter.replace("\u0110", `D${STROKE}`).normalize("NFD")]);
  return [parts.map((part) => part[0]).join(""), parts.map((part) => part.slice(1).sort().join(""))];
}

/** Every pair of keys that Telex may show as *letters*, whatever it remembers of the keys before. */
function keysOf(letters: string): ReadonlySet<string> {
  const every = new Set([...Object.values(marks).map((mark) => mark.telex).join(""), "Z"]);
  const [base, on] = takenApart(letters);
  const [first = "", key = ""] = base;
  if (!/^[A-Z]+$/u.test(base)) {
    return new Set();
  }
  if (base.length === PLAIN) {
    if (!on[0] && !on[1]) {
      const takesOff = isVowel(first) && every.has(key) && !isVowel(key) && key !== "D";
      return new Set(takesOff ? [base, key + key] : [base]);
    }
    if (letters[0] === "\u01af" && !on[1]) {
      return new Set([`W${key}`]);
    }
    return new Set(letters[1] === "\u01af" && !on[0] ? [`${first}W`] : []);
  }
  if (!on[0]) {
    return new Set(base === "W" ? ["WW"] : isVowel(base) ? [..."SFRXJ"].map((tone) => `${tone}Z`) : []);
  }
  const keys = Array.from(on[0], (mark) => marks[mark]?.telex ?? "").join("");
  const last = [...keys].filter((one) => !"AEO".includes(one) || one === base);
  const pairs = [...every, base].flatMap((one) => last.map((two) => one + two));
  return new Set(letters === "\u0110" ? [...pairs, "DD"] : pairs);
}

/** The letters before the digits by now: one tone for all, and the other mark of each; as text, to be compared. */
type Head = string;

function headOf(tone: string, shapes: readonly string[]): Head {
  return [tone, ...shapes].join("|");
}

function partsOf(head: Head): readonly [string, readonly string[]] {
  const [tone = "", ...shapes] = head.split("|");
  return [tone, shapes];
}

/**
 * The runs of digits that a method may have turned into the marks *on*: more than it does, never fewer. A digit that
 * takes its mark off again is shown: then it is the first of *digits*, those behind the letters.
 */
function eaten(method: Method, base: string, on: readonly string[], digits: string): string[] {
  const count = DIGITS - digits.length;
  const tones = on.flatMap((letter) => [...letter].filter((mark) => rules.tones.includes(mark)));
  if (count >= rules.longest_loss || tones.length > 1) {
    return [];
  }
  const seen = headOf(tones.join(""), on.map((letter) => [...letter].filter((mark) => !rules.tones.includes(mark)).join("")));
  let states = new Map<string, ReadonlySet<Head>>([["", new Set([headOf("", [...base].map(() => ""))])]]);
  for (let place = 0; place < count; place += 1) {
    const next = new Map<string, ReadonlySet<Head>>();
    for (const [run, heads] of states) {
      for (const digit of EVERY_DIGIT) {
        const after = new Set([...heads].flatMap((head) => [...step(method, base, head, digit)]));
        if (after.size) {
          next.set(run + digit, after);
        }
      }
    }
    states = next;
  }
  return [...states].filter(([, heads]) => heads.has(seen)
    || [...heads].some((head) => [...takenOff(method, head, digits[0] ?? "")].includes(seen))).map(([run]) => run);
}

type Method = "vni" | "old";

/** What a digit may make of the letters; nothing where it is shown as a digit. */
function* step(method: Method, base: string, head: Head, digit: string): Generator<Head> {
  const [tone, shapes] = partsOf(head);
  const shape = method === "vni" ? takes[digit] : undefined;
  if (shape) {
    for (const chosen of choices([...base].flatMap((letter, at) => (shape.letters.includes(letter) ? [at] : [])))) {
      if (chosen.some((at) => shapes[at] !== shape.mark)) {
        yield headOf(tone, shapes.map((old, at) => (chosen.includes(at) ? shape.mark : old)));
        yield headOf(tone, shapes.map((_, at) => (chosen.includes(at) ? shape.mark : "")));
      }
    }
  } else if ([...base].some(isVowel)) {
    const given = toneOf(method, digit);
    if (given !== null && given !== tone) {
      yield headOf(given, shapes);
    }
  }
}

/** What is left where a digit took its own mark off again, and was shown. */
function* takenOff(method: Method, head: Head, digit: string): Generator<Head> {
  const [tone, shapes] = partsOf(head);
  const shape = method === "vni" ? takes[digit] : undefined;
  if (!shape) {
    if (tone && tone === toneOf(method, digit)) {
      yield headOf("", shapes);
    }
    return;
  }
  for (const chosen of choices(shapes.flatMap((mark, at) => (mark === shape.mark ? [at] : [])))) {
    yield headOf(tone, shapes.map((old, at) => (chosen.includes(at) ? "" : old)));
  }
}

/** Each place alone, and all of them; none where there is none. */
function choices(places: readonly number[]): readonly (readonly number[])[] {
  return places.length ? [...places.map((place) => [place]), places] : [];
}

/** The tone that a digit gives, "" where it takes one off, null where it has to do with none. */
function toneOf(method: Method, digit: string): string | null {
  if (method === "vni" && digit === "0") {
    return "";
  }
  return Object.entries(marks).find(([, keys]) => keys.old !== undefined && keys[method] === digit)?.[0] ?? null;
}

function isVowel(letter: string): boolean {
  return letter !== "" && rules.vowels.includes(letter);
}

function* runs(length: number): Generator<string> {
  for (let value = 0; value < 10 ** length; value += 1) {
    yield length ? String(value).padStart(length, "0") : "";
  }
}

/** Whether a text that is nothing whole has the length and the digits of one of ours. */
function looksOurs(dense: string): boolean {
  if ((dense.match(/[0-9]/gu)?.length ?? 0) * 2 > rules.label_digits) {
    return true;
  }
  return OURS.test(dense) || (dense.length < 24 && !ASCII.test(dense));
}
