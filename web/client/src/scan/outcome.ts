/** What became of a signed event, the same on every page that signs. */

import { behind } from "../behind";
import { momentWords } from "../dayclock";
import { el } from "../dom";
import { t } from "../i18n";
import { getItem } from "../items";
import { type Outbox, type Outcome, SIGNED_OUT } from "../outbox";
import type { Done } from "./acts";
import { type Subject, why } from "../teach/why";
import { banner, findingList } from "./view";
import { type Result, resultOf, type ResultKind } from "./words";

/** How *outcome* is shown: what the service questions is recorded, and not green; *remarks* question nothing. */
export function kindOf(outcome: Outcome, remarks: readonly string[] = []): ResultKind {
  if (outcome.kind !== "stored") {
    return outcome.kind;
  }
  return outcome.findings.every((code) => remarks.includes(code)) ? "done" : "flagged";
}

/** The banner of *done*, what is known below it, and at the end why the law wants it. */
export async function outcomeView(done: Done, remarks: readonly string[] = [], subject: Subject = "two-signatures"): Promise<{ result: Result; parts: HTMLElement[] }> {
  const { outcome } = done;
  const result = resultOf(kindOf(outcome, remarks));
  const stored = outcome.kind === "stored" ? await storedParts(done.number, outcome) : [];
  return { result, parts: [banner(result, noteOf(outcome)), ...stored, why(outcome.kind === "waiting" ? "kept" : subject)] };
}

/** Call *draw* whenever what is known of a waiting event changes; over once it waits no more, or on call. */
export function follow(outbox: Outbox, done: Done, draw: (done: Done) => void): () => void {
  if (done.outcome.kind !== "waiting") {
    return () => undefined;
  }
  let over = false;
  const stop = outbox.onChange(() => behind(outbox.outcomeOf(done.id).then((outcome) => {
    if (outcome.kind !== "waiting" && !over) {
      end();
      draw({ ...done, outcome });
    }
  })));
  const end = (): void => {
    over = true;
    stop();
  };
  return end;
}

function noteOf(outcome: Outcome): string {
  if (outcome.kind === "refused") {
    return outcome.problem;
  }
  if (outcome.kind !== "waiting") {
    return "";
  }
  return [outcome.at ? t("Signed at {time}.", { time: momentWords(outcome.at) }) : "",
    outcome.reason === SIGNED_OUT
      ? t("You are signed out: it stays here, signed by you, until somebody signs in on this device again.") : ""].filter(Boolean).join(" ");
}

/** Findings in plain words; small below them, the index and where the receipt is. */
async function storedParts(number: string, outcome: Extract<Outcome, { kind: "stored" }>): Promise<HTMLElement[]> {
  const codes = new Set(outcome.findings);
  const item = codes.size ? await getItem(number).catch(() => null) : null;
  const known = new Map((item?.findings ?? []).filter((finding) => codes.has(finding.code)).map((finding) => [finding.code, finding])); // each once, also where an earlier entry has it too
  const bare = [...codes].filter((code) => !known.has(code))
    .map((code) => ({ id: code, code, severity: "", title: code, advice: "", resolved: false }));
  return [
    codes.size ? findingList([...known.values(), ...bare]) : el("p", { class: "clean" }, t("No findings.")),
    el("p", { class: "small proof" }, t("Entry {index} of the log.", { index: outcome.index }), " ",
      outcome.receipt ? t("The receipt is kept on this device.") : ""),
  ];
}
