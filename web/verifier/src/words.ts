/** Codes into words: verdicts, severities, steps of custody. The words are those of the service's pages. */

import { E } from "./fields";
import type { Severity } from "./findings";
import { t } from "./i18n";
import type { Verdict } from "./verdict";

export interface VerdictWords {
  readonly tone: "good" | "info" | "warn" | "bad";
  readonly sign: string;
  readonly word: string;
  readonly says: string;
}

export function verdictWords(verdict: Verdict | null): VerdictWords {
  switch (verdict) {
    case "INTACT":
      return {
        tone: "good", sign: "✓", word: t("Intact"),
        says: t("Every hop is signed by both sides, and the seal is the one put on at acceptance."),
      };
    case "NOTED":
      return { tone: "info", sign: "i", word: t("Noted"), says: t("The chain holds; something small was written down.") };
    case "QUESTIONED":
      return {
        tone: "warn", sign: "?", word: t("Questioned"),
        says: t("Something does not fit. A supervisor must look before it goes on."),
      };
    case "BROKEN":
      return {
        tone: "bad", sign: "✕", word: t("Broken"),
        says: t("The chain is broken. Keep the envelope apart and report it at once."),
      };
    default:
      return {
        tone: "bad", sign: "✕", word: t("No verdict"),
        says: t("The file does not prove what it claims. Keep it as it is, and ask for the log of record."),
      };
  }
}

export function severityWord(severity: Severity): string {
  return { C: t("critical"), H: t("high"), M: t("medium"), L: t("low"), I: t("for information") }[severity];
}

export function severityTone(severity: Severity): string {
  return { C: "bad", H: "bad", M: "warn", L: "info", I: "info" }[severity];
}

/** Name a step of the chain. */
export function eventWord(type: number, name: string): string {
  const words: Readonly<Record<number, string>> = {
    [E.REGISTER]: t("Accepted at the counter"),
    [E.RELABEL]: t("Label replaced"),
    [E.RESEAL]: t("Seal replaced"),
    [E.OFFER]: t("Offered"),
    [E.ACCEPT]: t("Taken over"),
    [E.REFUSE]: t("Refused"),
    [E.CANCEL]: t("Offer withdrawn"),
    [E.DELIVER]: t("Delivered"),
    [E.LOAD]: t("Put into a bag"),
    [E.UNLOAD]: t("Taken out of the bag"),
    [E.SIGHT]: t("Seen"),
    [E.INSPECT]: t("Inspected"),
    [E.RETURN]: t("Sent back"),
    [E.SEIZE]: t("Seized"),
    [E.RELEASE]: t("Released"),
    [E.LOSS]: t("Declared lost"),
    [E.FOUND]: t("Found again"),
    [E.DESTROY]: t("Destroyed"),
    [E.VOID]: t("Cancelled"),
    [E.CORRECT]: t("Remark"),
    [E.OVERRIDE]: t("Supervisors' decision"),
    [E.CLOSE]: t("Bag closed"),
    [E.OPEN]: t("Bag opened"),
    [E.RETIRE]: t("Bag withdrawn"),
  };
  return words[type] ?? name;
}
