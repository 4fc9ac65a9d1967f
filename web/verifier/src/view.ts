/** What the page shows of a report. */

import type { Entry } from "./event";
import { CATALOGUE, type Finding, type FindingKind } from "./findings";
import { showTime, t } from "./i18n";
import { groupNumber } from "./s10";
import { NOT_PROVEN, type Report } from "./verify";
import { eventWord, severityTone, severityWord, verdictWords } from "./words";

type Child = Node | string | null;

/** An element; attributes starting with "on" are not possible under the page's policy, and not wanted. */
export function h(name: string, attributes: Readonly<Record<string, string>> = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** How a report was come by. */
export interface Run {
  readonly name: string;
  readonly report: Report;
  readonly ms: number;
  /** Whether the browser's own Ed25519 checked the signatures. */
  readonly isNative: boolean;
}

/** The whole result, verdict first. */
export function showReport({ name, report, ms, isNative }: Run): HTMLElement[] {
  const { dossier } = report;
  return [
    verdict(report),
    h("section", { class: "card" },
      h("h2", {}, dossier ? groupNumber(dossier.head.number) : name),
      h("dl", { class: "facts" },
        ...fact(t("File"), name),
        ...(report.judgement ? fact(t("Digest of the verdict"), h("code", { id: "digest" }, report.judgement.digest)) : []),
        ...(report.judgedAtMs ? fact(t("As of"), showTime(report.judgedAtMs)) : []),
        ...fact(t("Checked in"), `${Math.round(ms)} ms`)),
      isNative ? null : h("p", { class: "note", id: "engine" },
        t("This browser cannot check Ed25519 signatures as they must be checked; the page did it by its own arithmetic, more slowly.")),
      h("p", { class: "note" }, t("The command tram verify gives the same digest for this file; compare the two where it matters."))),
    ...(dossier ? [trust(report)] : []),
    steps(report),
    ...(report.judgement && !report.failure ? [findings(report.judgement.findings), events(report.entries), unproven()] : []),
  ];
}

function fact(term: string, value: Child): HTMLElement[] {
  return [h("dt", {}, term), h("dd", {}, value)];
}

function verdict(report: Report): HTMLElement {
  const judged = report.failure ? null : report.judgement?.verdict ?? null;
  const words = verdictWords(judged);
  const areKeysKnown = report.compared.includes("log key") && report.compared.includes("root");
  return h("section", { class: "verdict", id: "verdict", "data-tone": words.tone, "data-verdict": judged ?? "" },
    h("span", { class: "sign", "aria-hidden": "true" }, words.sign),
    h("div", {},
      h("h2", {}, words.word),
      h("p", {}, words.says),
      judged && !areKeysKnown ? h("p", { class: "caveat" }, t("Under keys that you have not compared with your paper.")) : null));
}

/** The keys in the file, for the reader to hold against the paper. */
function trust(report: Report): HTMLElement {
  const head = report.dossier?.head;
  const row = (name: "log key" | "root", term: string, keys: readonly string[]): HTMLElement[] => {
    const isSame = report.compared.includes(name);
    const state = isSame ? t("as yours") : t("NOT compared: hold it against the paper you have");
    return [
      h("dt", {}, term),
      h("dd", { "data-compared": name, "data-same": String(isSame) },
        ...keys.map((key) => h("code", {}, key)), h("span", { class: "state", "data-tone": isSame ? "good" : "warn" }, state)),
    ];
  };
  return h("section", { class: "card", id: "keys" },
    h("h2", {}, t("Compare these fingerprints with your paper")),
    h("p", {}, t("A file that is sound under keys of somebody's own making proves only that.")),
    h("dl", { class: "facts" },
      ...row("log key", t("Log key"), [head?.log_key ?? ""]),
      ...row("root", t("Root key"), (head?.roots ?? []).map((kid) => (kid.match(/.{1,4}/g) ?? []).join(" "))),
      ...(report.cosigned.length ? fact(t("Cosigned by"), report.cosigned.join(", ")) : [])));
}

function steps(report: Report): HTMLElement {
  const rows = report.steps.map((step, index) => {
    const state = index < report.passed ? "holds" : index === report.passed ? "fails" : "open";
    const word = { holds: t("holds"), fails: t("DOES NOT HOLD"), open: t("not reached") }[state];
    const failed = state === "fails" ? h("p", { class: "failure" }, failureText(report)) : null;
    return h("li", { "data-step": String(index + 1), "data-state": state }, h("b", {}, word), h("span", {}, t(step)), failed);
  });
  return h("section", { class: "card", id: "steps" }, h("h2", {}, t("What was checked")), h("ol", { class: "steps" }, ...rows));
}

function failureText({ finding, failure }: Report): string {
  const kind = CATALOGUE.get(finding);
  return [finding, kind ? t(kind.text) : "", `(${failure})`].filter(Boolean).join(" ");
}

function findings(found: readonly Finding[]): HTMLElement {
  const rows = found.map((finding) => {
    const { text, advice } = CATALOGUE.get(finding.code) as FindingKind;
    const where = finding.resolvedBy === null
      ? t("entry {index}", { index: finding.index })
      : t("entry {index}, resolved by entry {by}", { index: finding.index, by: finding.resolvedBy });
    return h("li", { "data-code": finding.code },
      h("p", {},
        h("span", { class: "code", "data-tone": severityTone(finding.severity) }, `${finding.code} · ${severityWord(finding.severity)}`),
        h("span", { class: "where" }, where)),
      h("p", { class: "text" }, t(text)),
      h("p", { class: "advice" }, `${t("What to do")}: ${t(advice)}`),
      finding.detail ? h("p", { class: "detail" }, finding.detail) : null);
  });
  return h("section", { class: "card", id: "findings" },
    h("h2", {}, t("Findings")),
    rows.length ? h("ul", { class: "findings" }, ...rows) : h("p", {}, t("None.")));
}

function events(entries: readonly Entry[]): HTMLElement {
  const cell = (term: string, value: Child): HTMLElement => h("td", { "data-term": term }, value);
  const rows = entries.map(({ index, event, loggedMs }) => h("tr", {},
    h("th", { scope: "row" }, eventWord(event.type, event.name)),
    cell(t("Entry"), String(index)),
    cell(t("Claimed"), showTime(event.claimedMs)),
    cell(t("Logged"), showTime(loggedMs)),
    cell(t("Signed by"), h("code", {}, event.actor))));
  const heads = [t("Step"), t("Entry"), t("Claimed"), t("Logged"), t("Signed by")];
  return h("section", { class: "card", id: "events" },
    h("h2", {}, t("The journey")),
    h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, ...rows)));
}

function unproven(): HTMLElement {
  return h("section", { class: "card", id: "unproven" }, h("h2", {}, t("Not proven by this file")), h("p", {}, t(NOT_PROVEN)));
}
