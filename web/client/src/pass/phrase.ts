/**
 * The check phrase: four words of 256 for what was exchanged, the same on both screens whatever their language
 * (docs/spec/pass.md, section 4). Read aloud it shows that both devices hold the same signed events, and no others.
 */

import { type Bytes, concat, fromHex, sha256, utf8 } from "../bytes";
import { type Word, WORDS } from "./words";

const DOMAIN = utf8("KT1-PASS-v1\0");
const LENGTH = 4;

/** The words for the events of these ids (hex, 32 bytes), in the order in which they were shown. */
export async function phraseOf(ids: readonly string[]): Promise<readonly Word[]> {
  const digest: Bytes = await sha256(concat(DOMAIN, ...ids.map(fromHex)));
  return Array.from(digest.slice(0, LENGTH), (byte) => WORDS[byte] as Word);
}

/** The phrase in the screen's language, and in the other one for whoever reads that. */
export function inLanguages(phrase: readonly Word[], language: string): { readonly own: string[]; readonly other: string[] } {
  const [vi, en] = [phrase.map((word) => word.vi), phrase.map((word) => word.en)];
  return language === "en" ? { own: en, other: vi } : { own: vi, other: en };
}
