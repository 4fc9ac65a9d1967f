/** Language and display of this browser, where a page that the worker kept finds them: no secret, and of no person. */

const KEY = "tram-look";

export interface Look {
  readonly lang: string;
  readonly theme: string;
}

export function readLook(): Look {
  const [lang = "vi", theme = "auto"] = (localStorage.getItem(KEY) ?? "vi auto").split(" ");
  return { lang, theme };
}

export function keepLook(look: Look): void {
  localStorage.setItem(KEY, `${look.lang} ${look.theme}`);
}

/** Keep how this page looks: the service chose it by its two cookies. */
export function keepThisLook(): void {
  const { lang, dataset } = document.documentElement;
  keepLook({ lang: lang || "vi", theme: dataset["theme"] ?? "auto" });
}
