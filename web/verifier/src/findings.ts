/** Findings: what is wrong, on which entry it rests, whether it was resolved. Texts are data. */

import { concat, fromHex, toHex, utf8 } from "./bytes";
import { sha256 } from "./sha256";
import tables from "./tables.json";

export type Severity = "C" | "H" | "M" | "L" | "I";

export interface FindingKind {
  readonly severity: Severity;
  readonly text: string;
  readonly advice: string;
}

export const CATALOGUE: ReadonlyMap<string, FindingKind> = new Map(
  Object.entries(tables.findings).map(([code, [severity, text, advice]]) =>
    [code, { severity, text, advice } as FindingKind]),
);

export interface Finding {
  readonly code: string;
  readonly uid: string;
  readonly index: number;
  readonly eventId: string;
  readonly detail: string;
  readonly severity: Severity;
  readonly resolvedBy: number | null;
}

/** The 8 bytes, in hex, by which an OVERRIDE cites it. */
export function idOf(finding: Finding): string {
  const material = concat(utf8(`KT1-FINDING-v1\0${finding.code}\0`), fromHex(finding.uid), fromHex(finding.eventId));
  return toHex(sha256(material).slice(0, 8));
}

/** How grave a code is where nothing says otherwise. */
export function severityOf(code: string): Severity {
  const kind = CATALOGUE.get(code);
  if (!kind) {
    throw new Error(`no finding ${code}`);
  }
  return kind.severity;
}
