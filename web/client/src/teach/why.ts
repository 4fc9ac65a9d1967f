/** Why the law wants a step: one sentence behind a word, with the text it stands in (design: domain.md 1.4, 2.2, 2.4). */

import { el } from "../dom";
import { t } from "../i18n";

export type Subject =
  | "tracked" | "compare" | "two-signatures" | "record" | "named" | "covers" | "claim" | "back" | "kept" | "forged" | "round" | "practice"
  | "bag" | "opening" | "proof" | "attempt" | "pair" | "paper";

/** The sentence and its source. */
export function reasonOf(subject: Subject): { readonly text: string; readonly source: string } {
  const handover = t("Circular 19/2017/TT-BTTTT, article 12");
  switch (subject) {
    case "tracked":
      return {
        text: t("KT1 items bear a code, are traced and strictly managed. An envelope that nobody scanned is one that nobody can find."),
        source: t("Decision 55/2016/QĐ-TTg; kept in Decision 32/2025/QĐ-TTg"),
      };
    case "compare":
      return {
        text: t("Whoever receives checks number, cover, destination and seal, and compares with the deliverer, before they receive and sign. A number that was shown beforehand would be agreed with, not read."),
        source: t("Rules of clerical work on receiving sealed documents; {article} on what follows if the seal differs", { article: handover }),
      };
    case "two-signatures":
      return { text: t("Every handover is entered with the signatures of the one who gives and the one who takes."), source: handover };
    case "record":
      return {
        text: t("Signs of opening, tearing, exchange, loss or damage: whoever receives makes a record and reports at once to the head of the body."),
        source: handover,
      };
    case "named":
      return {
        text: t("An envelope that only the named person may open goes to that person unopened; if they are absent and it is marked Hỏa tốc, to the leader."),
        source: t("Decree 26/2020/NĐ-CP; since 1 March 2026 Decree 63/2026/NĐ-CP"),
      };
    case "covers":
      return {
        text: t("Mark A has two covers. The outer one bears the letter only; the inner one is sealed with the seal of the body."),
        source: t("Decree 26/2020/NĐ-CP, article 4; since 1 March 2026 Decree 63/2026/NĐ-CP"),
      };
    case "claim":
      return {
        text: t("At each moment one named person answers for an item. Where nobody handed it over, two people must explain the gap."),
        source: handover,
      };
    case "back":
      return {
        text: t("A delivery is right at the address that stands on the item, or it is none: what cannot be delivered goes back in the open."),
        source: t("Quality standard of the KT1 service"),
      };
    case "kept":
      return {
        text: t("A signature counts from the moment you give it. The service confirms it later and says if something does not fit."),
        source: handover,
      };
    case "forged":
      return {
        text: t("Only a KT1 point accepts KT1 items and labels them. A label that no KT1 point signed makes ordinary post look like KT1."),
        source: t("Decision 55/2016/QĐ-TTg; kept in Decision 32/2025/QĐ-TTg"),
      };
    case "round":
      return {
        text: t("Giver and taker compare the envelopes with the list, one by one, to find errors and losses early. Each keeps its own signature and its own look at the seal."),
        source: handover,
      };
    case "bag":
      return {
        text: t("What is carried stays closed and sealed. The bag has its own number and seal, and a list that is compared when it is opened."),
        source: `${t("Law 29/2018/QH14, article 13; since 1 March 2026 Law 117/2025/QH15")}; ${handover}`,
      };
    case "opening":
      return {
        text: t("The receiving place checks and compares before it signs. A bag that one person opens alone proves nothing about what was in it."),
        source: `${t("Law 29/2018/QH14, article 13; since 1 March 2026 Law 117/2025/QH15")}; ${handover}`,
      };
    case "proof":
      return {
        text: t("Every handover is entered with the signatures of the one who gives and the one who takes. A key of the recipient's own proves most, a drawing least."),
        source: handover,
      };
    case "attempt":
      return {
        text: t("The time of the service runs to the first attempt at the address on the item. Off hours the list of contacts says whom to call."),
        source: t("Quality standard of the KT1 service; Decision 55/2016/QĐ-TTg"),
      };
    case "pair":
      return {
        text: t("Your authority wants two couriers for an item of this mark. Both sign for taking it."),
        source: t("Policy in the log of this network"),
      };
    case "paper":
      return {
        text: t("KT1 moves safely, fast, exactly and in time in every situation. What the pen wrote while no device worked is entered later, by who answers for it and a supervisor, and says so."),
        source: t("Decision 55/2016/QĐ-TTg; {article}", { article: handover }),
      };
    case "practice":
      return {
        text: t("Nobody is given KT1 items who has not been trained for them."),
        source: t("A province's training on Decision 55/2016/QĐ-TTg, 1 April 2021"),
      };
  }
}

/** "Why?" to open. */
export function why(subject: Subject): HTMLElement {
  const { text, source } = reasonOf(subject);
  return el("details", { class: "law" }, el("summary", {}, t("Why?")),
    el("p", {}, text), el("p", { class: "source" }, t("Source: {source}", { source })));
}
