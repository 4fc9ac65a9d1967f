/** The course of practice: five tasks, each done by doing it. Pure. */

import { EventType } from "../event";
import { t } from "../i18n";
import type { Act } from "./world";

/** Which envelopes a task is about, by their place in the world. */
export interface Task {
  readonly name: "receive" | "hand-over" | "wrong-seal" | "forged" | "round";
  readonly envelopes: readonly number[];
}

export const TASKS: readonly Task[] = [
  { name: "receive", envelopes: [0] },
  { name: "hand-over", envelopes: [0] },
  { name: "wrong-seal", envelopes: [1] },
  { name: "forged", envelopes: [2] },
  { name: "round", envelopes: [3, 4, 5] },
];

/** What became of a task through an act. */
export type Step = "done" | "wrong" | "on";

/** What *acts* (all so far, the newest last) mean for *task*; *numbers* are those of its envelopes. */
export function stepOf(task: Task, numbers: readonly string[], acts: readonly Act[]): Step {
  const own = acts.filter((act) => numbers.includes(act.number));
  const last = own.at(-1);
  if (!last) {
    return "on";
  }
  switch (task.name) {
    case "receive":
      return last.type === EventType.ACCEPT ? (last.isSealRight ? "done" : "wrong") : "on";
    case "hand-over":
      return last.type === EventType.OFFER ? "done" : "on";
    case "wrong-seal":
      return last.type === EventType.ACCEPT ? "wrong" : last.type === EventType.REFUSE || last.type === EventType.SIGHT ? "done" : "on";
    case "forged":
      return last.type === EventType.SIGHT ? "done" : "on";
    case "round": {
      const taken = new Set(own.filter(({ type, isSealRight }) => type === EventType.ACCEPT && isSealRight).map(({ number }) => number));
      return taken.size === numbers.length ? "done" : "on";
    }
  }
}

/** What this is, what to do, and what to remember of it. */
export function words(task: Task): { readonly title: string; readonly next: string; readonly moral: string } {
  switch (task.name) {
    case "receive":
      return {
        title: t("Receive an envelope"),
        next: t("Scan the envelope below, choose Receive, type the number that stands on its seal and say how the seal looks. Then sign."),
        moral: t("You read the seal before its number was shown: that is why your signature counts."),
      };
    case "hand-over":
      return {
        title: t("Hand it over"),
        next: t("Scan the same envelope again, choose Hand over and the courier who takes it. Then sign."),
        moral: t("It stays in your name until the other person has signed."),
      };
    case "wrong-seal":
      return {
        title: t("A seal that differs"),
        next: t("Receive this envelope and type exactly what stands on its seal. It differs from what was entered: refuse and report."),
        moral: t("Never sign for a seal that differs. Refuse it, keep the envelope in sight, and report at once."),
      };
    case "forged":
      return {
        title: t("A forged label"),
        next: t("Scan this envelope. Listen, look at the sign, and read what to do."),
        moral: t("The report is signed and sent by itself. The envelope is kept apart, and your supervisor is told."),
      };
    case "round":
      return {
        title: t("Three in one round"),
        next: t("Choose the round below the reader, scan the three envelopes one after the other, answer for each seal, and sign once."),
        moral: t("One confirmation, but a signature and a look at the seal for each."),
      };
  }
}
