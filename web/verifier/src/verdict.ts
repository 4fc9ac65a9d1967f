/** The one word on a chain, and what it rests on. */

import { toHex } from "./bytes";
import { encode } from "./cbor";
import type { Finding, Severity } from "./findings";
import { sha256 } from "./sha256";

export type Verdict = "INTACT" | "NOTED" | "QUESTIONED" | "BROKEN";

/** Index, code, severity, and the entry that resolved it or -1. */
export type Row = [number, string, Severity, number];

export interface Judgement {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly rows: readonly Row[];
  /** SHA-256, in hex, over the deterministic CBOR of the rows. */
  readonly digest: string;
}

/** The judgement that findings amount to: any C open breaks a chain, an H or two M question it. */
export function judgementOf(findings: readonly Finding[]): Judgement {
  const sorted = [...findings].sort((left, right) =>
    left.index - right.index || order(left.code, right.code) || order(left.severity, right.severity)
    || (left.resolvedBy || -1) - (right.resolvedBy || -1));
  const rows = sorted.map(({ index, code, severity, resolvedBy }): Row => [index, code, severity, resolvedBy ?? -1]);
  return { verdict: verdictOf(sorted), findings: sorted, rows, digest: toHex(sha256(encode(rows))) };
}

/** Grade waiting: medium above the limit, high above *factor* times the limit, null within it. */
export function lateness(waitedMs: number, limitMs: number, factor: number): Severity | null {
  if (waitedMs <= limitMs) {
    return null;
  }
  return waitedMs > factor * limitMs ? "H" : "M";
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function verdictOf(findings: readonly Finding[]): Verdict {
  const open = findings.filter((one) => one.resolvedBy === null).map((one) => one.severity);
  if (open.includes("C")) {
    return "BROKEN";
  }
  if (open.includes("H") || open.filter((severity) => severity === "M").length > 1) {
    return "QUESTIONED";
  }
  return findings.some((one) => one.severity !== "I") ? "NOTED" : "INTACT";
}
