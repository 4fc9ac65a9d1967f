/** The seals of a round, one after the other and each unseen: nothing is compared aloud before it was typed. */

import { behind } from "../behind";
import { equal, fromHex, type Bytes } from "../bytes";
import { el, fill } from "../dom";
import { Condition } from "../event";
import { settle } from "../guard";
import { t } from "../i18n";
import { commitSeal, normaliseSeal } from "../label";
import { groupNumber, readNumber } from "../s10";
import { play } from "../sound";
import { why } from "../teach/why";
import { labelOf } from "./reading";
import type { Line } from "./round";
import { NO_SEAL, type SealSeen } from "./steps";
import { actions, button } from "./view";

/** What came of the seals: by uid what was read, and which envelopes were left out of the round. Null: gone back. */
export interface Sealed {
  readonly seen: ReadonlyMap<string, SealSeen>;
  readonly left: readonly string[];
}

type Answer = SealSeen | "left" | null;

/** Ask for the seal of each of *lines*. A seal that differs or is not intact is read again, or its envelope left out. */
export async function askSeals(root: HTMLElement, lines: readonly Line[]): Promise<Sealed | null> {
  const seen = new Map<string, SealSeen>();
  const left: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] as Line;
    const answer = await askOne(root, line, at, lines.length);
    if (answer === null) {
      if (at === 0) {
        return null;
      }
      at -= 1; // back to the one before, whatever had come of it
      const before = (lines[at] as Line).item.uid;
      seen.delete(before);
      left.splice(0, left.length, ...left.filter((uid) => uid !== before));
      continue;
    }
    if (answer === "left") {
      left.push(line.item.uid);
    } else {
      seen.set(line.item.uid, answer);
    }
    at += 1;
  }
  return { seen, left };
}

async function askOne(root: HTMLElement, line: Line, at: number, of: number): Promise<Answer> {
  for (;;) {
    const read = await readOne(root, line, at, of);
    if (!read || (read.same && read.condition === Condition.INTACT)) {
      if (read) {
        play("good");
      }
      return read;
    }
    play("bad");
    if ((await differs(root, line, read)) === "left") {
      return "left";
    }
  }
}

function readOne(root: HTMLElement, { found, item }: Line, at: number, of: number): Promise<SealSeen | null> {
  const label = labelOf(found);
  const expected: Bytes = fromHex(item.seal_commitment ?? "");
  return new Promise((resolve) => {
    const error = el("p", { class: "error", role: "alert" });
    const input = el("input", {
      class: "seal-input", id: "seal", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40, enterkeyhint: "next",
    });
    const choose = async (condition: Condition): Promise<void> => {
      const serial = normaliseSeal(input.value);
      if (readNumber(input.value) || serial === null || !label) {
        error.textContent = readNumber(input.value)
          ? t("That is the number of the envelope, not of its seal.") : t("Type the number that stands on the seal: letters and digits.");
        input.select();
        return;
      }
      const commitment = await commitSeal(label, serial);
      resolve({ commitment, condition, same: equal(commitment, expected) });
    };
    const pick = (condition: Condition, word: string, kind: string): HTMLElement =>
      settle(button(word, kind, () => behind(choose(condition)), { "data-seal": condition.toString() }));
    const intact = pick(Condition.INTACT, t("Intact"), "primary");
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        intact.focus(); // how it looks is said, never assumed
      }
    });
    fill(root, el("section", { class: "step seals" },
      el("p", { class: "count small" }, t("Seal {n} of {m}", { n: at + 1, m: of })),
      el("h2", { class: "number" }, groupNumber(item.number)),
      el("p", { class: "hint" }, t("Take up this envelope. Type what you see on its seal, then say how the seal looks.")),
      el("label", { for: "seal" }, t("Number on the seal")), input, error, why("compare")),
    actions(el("div", { class: "three" }, intact, pick(Condition.DAMAGED, t("Damaged"), ""), pick(Condition.BROKEN, t("Broken open"), "")),
      button(t("The seal is missing or cannot be read"), "quiet", () =>
        resolve({ commitment: NO_SEAL, condition: Condition.BROKEN, same: false })),
      button(t("Back"), "quiet", () => resolve(null))));
    input.focus();
  });
}

function differs(root: HTMLElement, { item }: Line, seen: SealSeen): Promise<"again" | "left"> {
  return new Promise((resolve) => {
    const compared = el("div", { class: "compare", "data-same": "no", role: "status", tabindex: -1 },
      el("b", {}, seen.same ? t("SAME") : equal(seen.commitment, NO_SEAL) ? t("NO SEAL READ") : t("DIFFERENT")),
      el("p", {}, groupNumber(item.number)),
      el("p", {}, seen.same
        ? t("The number is right, but the seal is not intact. This envelope is not signed for with the others: look at it with the deliverer.")
        : t("This is not the seal that was entered. This envelope is not signed for with the others: look at it with the deliverer.")));
    fill(root, el("section", { class: "step" }, compared, why("record")), actions(
      settle(button(t("Read the seal again"), "primary", () => resolve("again"))),
      settle(button(t("Leave it out and go on"), "danger", () => resolve("left"), { "data-action": "leave-out" }))));
    compared.focus();
  });
}
