/** Whole numbers as the words one says, each word a clip: 12 is "mười hai", "twelve". Pure. */

/** The largest number that is spoken; a round of more envelopes than that goes on without words. */
export const LARGEST = 999;

export const SPOKEN = ["vi", "en"] as const;
export type Spoken = (typeof SPOKEN)[number];

const VI = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"] as const;
const EN = [
  "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
  "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
] as const;
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"] as const;

/** Every word that a number of the language may need: the clips there must be. */
export function vocabulary(language: Spoken): readonly string[] {
  return language === "vi" ? [...VI, "mươi", "mốt", "tư", "lăm", "trăm", "linh"] : [...EN, ...TENS, "hundred", "and"];
}

/** The words of *count*; none for what is no number from 0 to LARGEST. */
export function numberWords(count: number, language: Spoken): readonly string[] {
  if (!Number.isInteger(count) || count < 0 || count > LARGEST) {
    return [];
  }
  return language === "vi" ? vietnamese(count) : english(count);
}

/** Five after ten is "lăm", one after twenty "mốt", four after twenty "tư"; a missing ten is "linh". */
function vietnamese(count: number): string[] {
  const [hundreds, tens, ones] = [Math.floor(count / 100), Math.floor(count / 10) % 10, count % 10];
  const words = hundreds ? [vi(hundreds), "trăm"] : [];
  if (tens === 0) {
    return ones || !hundreds ? [...words, ...(hundreds ? ["linh"] : []), vi(ones)] : words;
  }
  words.push(...(tens === 1 ? ["mười"] : [vi(tens), "mươi"]));
  if (ones === 0) {
    return words;
  }
  const after = ones === 5 ? "lăm" : tens > 1 && ones === 1 ? "mốt" : tens > 1 && ones === 4 ? "tư" : vi(ones);
  return [...words, after];
}

function english(count: number): string[] {
  if (count >= 100) {
    const rest = count % 100;
    return [en(Math.floor(count / 100)), "hundred", ...(rest ? ["and", ...english(rest)] : [])];
  }
  if (count < EN.length) {
    return [en(count)];
  }
  const ten = TENS[Math.floor(count / 10) - 2] ?? "";
  return count % 10 ? [ten, en(count % 10)] : [ten];
}

function vi(digit: number): string {
  return VI[digit] ?? "";
}

function en(small: number): string {
  return EN[small] ?? "";
}
