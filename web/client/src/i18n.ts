/** Words: English msgids, translated from the same catalogue as the pages. */

let catalogue: Readonly<Record<string, string>> = {};
let loading: { readonly language: string; readonly done: Promise<void> } | undefined;

/** Fetch the page's language, once however many ask; English needs nothing, and a failure leaves English until the next ask. */
export function loadWords(language = document.documentElement.lang): Promise<void> {
  if (!language || language === "en") {
    return Promise.resolve();
  }
  if (loading?.language !== language) {
    loading = { language, done: fetchWords(language) };
  }
  return loading.done;
}

async function fetchWords(language: string): Promise<void> {
  try {
    const answer = await fetch(`/messages/${language}.json`);
    if (answer.ok) {
      useWords((await answer.json()) as Record<string, string>);
    }
  } catch {
    loading = undefined; // English is better than no page
  }
}

export function useWords(words: Readonly<Record<string, string>>): void {
  catalogue = words;
}

/** The translation of *msgid*, with {name} replaced by its value. */
export function t(msgid: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = catalogue[msgid] || msgid;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** dd/mm/yyyy HH:MM at +07:00, whatever the device's own zone is. */
export function showTime(ms: number): string {
  const local = new Date(ms + 7 * 3_600_000).toISOString();
  return `${local.slice(8, 10)}/${local.slice(5, 7)}/${local.slice(0, 4)} ${local.slice(11, 16)}`;
}
