/** What the page of bags gives to a bag that is being filled or emptied, and what both show alike. */

import { el, fill } from "../dom";
import type { Desk } from "../scan/acts";
import { play } from "../sound";
import { speakNumber } from "../speech/speak";
import type { Found } from "../scan/reading";
import type { Signed } from "../scan/signing";
import { kindOf } from "../scan/outcome";
import { resultOf, type ResultKind } from "../scan/words";
import { t } from "../i18n";
import { groupNumber } from "../s10";
import type { Place } from "../told";

export interface Stage {
  readonly desk: Desk;
  readonly offices: readonly Place[];
  /** "scan" while reads are taken, "step" while something is asked. */
  view(view: "scan" | "step" | "result"): void;
  /** Begin anew: the next bag. */
  again(): void;
}

/** A bag under way: it is told of every read. */
export interface Job {
  /** Whether anything would be lost by leaving it. */
  readonly isBegun: boolean;
  read(found: Found): void;
  draw(): void;
}

/** What was answered is being worked on: nothing of it can be pressed once more. */
export function showBusy(stage: Stage): void {
  fill(stage.desk.root, el("p", { class: "idle", role: "status" }, t("One moment…")));
}

/** Hear a result; of what went in or came out also its number. */
export function hear(kind: ResultKind, count: number): void {
  play(resultOf(kind).sound);
  if (kind === "genuine") {
    void speakNumber(count).catch(() => undefined);
  }
}

/** "12 of 12", large. */
export function counter(text: string, below: string): HTMLElement {
  return el("p", { class: "bag-count", role: "status" }, el("b", {}, text), " ", el("span", {}, below));
}

/** Of several events signed together, those that are not simply recorded: number, and what is said of it. */
export function troubled(signed: readonly Signed[], numbers: readonly string[], remarks: readonly string[] = []): HTMLElement | null {
  const lines = signed.flatMap(({ outcome }, index) => {
    const kind = kindOf(outcome, remarks);
    const number = numbers[index] ?? "";
    return kind === "done" || kind === "waiting" ? [] : [el("li", {}, el("a", { href: `/items/${number}`, class: "number" }, groupNumber(number)),
      " ", outcome.kind === "refused" ? outcome.problem : t("recorded with findings"))];
  });
  return lines.length ? el("ul", { class: "bag-list trouble" }, ...lines) : null;
}
