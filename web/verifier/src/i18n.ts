/** Words: English msgids; the Vietnamese of them is put into the file when it is built, from the pages' catalogue. */

import tables from "./tables.json";

/** Of the words in the scripts and the page by msgid; of those in the tables in their order. */
declare const VIETNAMESE: { readonly words: Readonly<Record<string, string>>; readonly tables: readonly string[] };

export type Language = "vi" | "en";

let language: Language = "vi";

const TABLE_WORDS = [...Object.values(tables.findings).flatMap(([, text, advice]) => [text, advice]), ...tables.steps, tables.notProven];
const vietnamese = new Map([
  ...Object.entries(VIETNAMESE.words),
  ...TABLE_WORDS.map((msgid, position) => [msgid as string, VIETNAMESE.tables[position] as string] as const),
]);

export function speak(chosen: Language): void {
  language = chosen;
}

export function spoken(): Language {
  return language;
}

/** The words of *msgid*, with {name} replaced by its value. */
export function t(msgid: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (language === "vi" && vietnamese.get(msgid)) || msgid;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** dd/mm/yyyy HH:MM:SS at +07:00, whatever the device's own zone is. */
export function showTime(ms: number): string {
  const local = new Date(ms + 7 * 3_600_000);
  if (Number.isNaN(local.getTime()) || local.getUTCFullYear() > 9999) {
    return `${ms} ms`;
  }
  const text = local.toISOString();
  return `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)} ${text.slice(11, 19)}`;
}
