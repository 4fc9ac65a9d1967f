/** Entry of the page with a square code: what has come of it, and the six digits to compare before one presses. */

import { getJson } from "./api";
import { behind } from "./behind";
import { byId } from "./dom";
import { loadWords, t } from "./i18n";
import { sixDigits } from "./checkdigits";

interface Standing {
  readonly status: "open" | "claimed" | "approved" | "refused" | "done" | "expired";
  readonly device: string | null;
  readonly digits: string | null;
  readonly left_ms: number;
}

const POLL_MS = 1_500;

function show(root: HTMLElement, standing: Standing): void {
  const part = standing.status === "open" || standing.status === "claimed" ? standing.status : "over";
  for (const section of root.querySelectorAll<HTMLElement>("[data-when]")) {
    section.hidden = section.dataset["when"] !== part;
  }
  const minutes = Math.ceil(standing.left_ms / 60_000);
  put("left", t("Waiting for the phone; the code counts for {n} more minutes.", { n: minutes }));
  put("digits", sixDigits(standing.digits ?? ""));
  put("device", standing.device ?? "");
  const seen = byId("seen");
  if (seen instanceof HTMLInputElement) {
    seen.value = standing.digits ?? ""; // what was on this screen is what is approved
  }
}

function put(id: string, text: string): void {
  const place = byId(id);
  if (place && place.textContent !== text) {
    place.textContent = text;
  }
}

async function follow(root: HTMLElement): Promise<void> {
  await loadWords();
  for (let before = ""; ;) {
    const standing = await getJson<Standing>(`/api/v1/enrolments/${root.dataset["id"] ?? ""}`).catch(() => undefined);
    if (standing) {
      show(root, standing);
      if (standing.status === "claimed" && before !== "claimed") {
        root.querySelector<HTMLElement>('[data-when="claimed"] h2')?.focus();
      }
      before = standing.status;
      if (before !== "open" && before !== "claimed") {
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const root = byId("invitation");
if (root) {
  behind(follow(root));
}
