import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const SOURCE = `${REPOSITORY}/web/client/src`;

function spoken(): Set<string> {
  const words = new Set<string>();
  for (const entry of readdirSync(SOURCE, { recursive: true, encoding: "utf8" })) {
    if (entry.endsWith(".ts")) {
      const text = readFileSync(join(SOURCE, entry), "utf8");
      for (const match of text.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)) {
        words.add(match[1] ?? "");
      }
    }
  }
  return words;
}

/** msgid -> msgstr of a catalogue; strings may run over several lines. */
function catalogue(language: string): Map<string, string> {
  const text = readFileSync(`${REPOSITORY}/web/translations/${language}/LC_MESSAGES/messages.po`, "utf8");
  const joined = (part: string): string => [...part.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]).join("");
  const found = new Map<string, string>();
  for (const [, id = "", translation = ""] of text.matchAll(/^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)/gm)) {
    found.set(joined(id), joined(translation));
  }
  return found;
}

test("every word of the browser is there in Vietnamese, its places kept", () => {
  const known = catalogue("vi");
  const places = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
  for (const word of spoken()) {
    const translated = known.get(word) ?? "";
    assert.ok(translated, `not translated: ${word}`);
    assert.equal(places(translated), places(word), word);
  }
});
