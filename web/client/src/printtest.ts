/** Entry of /labels/test: a picture of the test page goes to the service, which says what it reads; kept until the page is left. */

import { postForm } from "./api";
import { behind } from "./behind";
import { byId, el, fill } from "./dom";
import { explain } from "./explain";
import { loadWords, t } from "./i18n";
import { sayState } from "./print";
import { type Step, stepsOf } from "./trial";

interface Decoded {
  readonly symbols: readonly { readonly text: string }[];
}

const found = new Set<string>();

async function check(file: File, result: HTMLElement, problem: HTMLElement): Promise<void> {
  fill(problem);
  const body = new FormData();
  body.append("image", file);
  try {
    const { symbols } = await postForm<Decoded>("/api/v1/decode", body);
    for (const { text } of symbols) {
      found.add(text); // a roll has a label for each size: one picture after the other
    }
    const steps = stepsOf([...found]);
    fill(result, ...(steps.length ? [table(steps)] : [el("p", { class: "warn" }, t("No code of a test page was read: go closer, into better light, and hold still."))]));
  } catch (error) {
    fill(problem, explain(error));
  }
}

function table(steps: readonly Step[]): HTMLElement {
  const rows = steps.map(({ kind, mm, read, needed }) => el("tr", { class: read ? "good" : needed ? "warn" : "" },
    el("td", {}, kind), el("td", {}, `${String(mm).replace(".", ",")} mm`),
    el("td", {}, read ? t("read") : t("not read")), el("td", {}, needed ? t("on labels") : "")));
  return el("table", {}, el("thead", {}, el("tr", {}, ...[t("Code"), t("Module"), t("Picture"), ""].map((word) => el("th", {}, word)))),
    el("tbody", {}, ...rows));
}

const input = byId("picture");
const result = byId("readback-result");
const problem = byId("readback-error");
if (input instanceof HTMLInputElement && result && problem) {
  behind(loadWords());
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) {
      behind(check(file, result, problem).finally(() => {
        input.value = ""; // the same picture may be chosen again
      }));
    }
  });
}

for (const place of document.querySelectorAll<HTMLElement>("[data-printer]")) {
  behind(loadWords().then(() => sayState(place.dataset["printer"] ?? "", place)));
}
