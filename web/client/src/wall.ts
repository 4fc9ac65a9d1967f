/** Entry of /wall: the fragment again every five seconds, drawn only when it changed; stale ones say so. */

import { ask } from "./api";
import { behind } from "./behind";
import { byId } from "./dom";
import { loadWords, t } from "./i18n";

const EVERY_MS = 5_000;
const STALE_AFTER = 3;

async function refresh(wall: HTMLElement, tag: string): Promise<string> {
  const headers: HeadersInit = tag ? { "If-None-Match": tag } : {};
  const answer = await ask(wall.dataset["src"] ?? "/wall/fragment", { headers });
  if (answer.status !== 304) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    wall.replaceChildren(...page.body.childNodes);
  }
  return answer.headers.get("ETag") ?? tag;
}

async function main(wall: HTMLElement): Promise<void> {
  await loadWords();
  let tag = "";
  let failures = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) {
      continue;
    }
    try {
      tag = await refresh(wall, tag);
      failures = 0;
      wall.removeAttribute("data-stale");
    } catch {
      failures += 1;
      if (failures >= STALE_AFTER) {
        wall.dataset["stale"] = t("Not refreshed: the service does not answer.");
      }
    }
  }
}

const wall = byId("wall");
if (wall) {
  behind(main(wall));
}
