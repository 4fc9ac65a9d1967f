/** The evidence of one item in one file, in the one form that docs/spec/dossier.md gives it. */

import { type Bytes, equal, fromHex, fromUtf8, toHex, utf8 } from "./bytes";
import { CustodyError, FormatError } from "./errors";
import type { Judgement, Row } from "./verdict";
import { readZip, writeZip } from "./zip";

const FORMAT = "tram-dossier-v1";
const MAX_BYTES = 20_000_000;
const KEYS = ["claimed", "clock_key", "format", "log_key", "number", "origin", "roots", "uid"];
const CLAIM_KEYS = ["digest", "findings", "verdict"];
const NUMBER = /^[0-9]{1,15}$/;

export interface Claim {
  readonly verdict: string;
  readonly digest: string;
  readonly findings: readonly Row[];
}

interface Head {
  readonly number: string;
  readonly uid: string;
  readonly origin: string;
  readonly log_key: string;
  readonly clock_key: string;
  readonly roots: readonly string[];
  readonly claimed: Claim;
}

/** The parts of a dossier; nothing in it is believed before `verifyDossier` has been through it. */
export interface Dossier {
  readonly head: Head;
  readonly checkpoint: string;
  readonly entries: ReadonlyMap<number, Bytes>;
  readonly proofs: ReadonlyMap<number, string>;
  readonly checkpoints: ReadonlyMap<number, string>;
  readonly consistency: ReadonlyMap<number, string>;
}

/** Whether a dossier claims just this judgement. */
export function isClaim(claim: Claim, judgement: Judgement): boolean {
  const { verdict, digest, rows } = judgement;
  return claim.verdict === verdict && claim.digest === digest && JSON.stringify(claim.findings) === JSON.stringify(rows);
}

/** The parts of a dossier file, which must be byte for byte what `pack` makes of them; throws FormatError. */
export function unpack(data: Bytes): Dossier {
  if (data.length > MAX_BYTES) {
    throw new FormatError(`dossier of ${data.length} bytes is above ${MAX_BYTES}`);
  }
  let dossier: Dossier;
  try {
    dossier = read(readZip(data));
  } catch (error) {
    if (error instanceof CustodyError) {
      throw error;
    }
    throw new FormatError(`dossier is not readable: ${String(error)}`);
  }
  const again = pack(dossier);
  if (!equal(again, data)) {
    const at = again.findIndex((byte, index) => byte !== data[index]);
    throw new FormatError(`dossier differs from its one form at byte ${at < 0 ? again.length : at}`);
  }
  return dossier;
}

/** The file; the same dossier always gives the same bytes. */
function pack(dossier: Dossier): Bytes {
  const { head } = dossier;
  const files = new Map<string, Bytes>();
  files.set("dossier.json", utf8(`${json({ ...head, format: FORMAT }, 1)}\n`));
  files.set("checkpoint", utf8(dossier.checkpoint));
  for (const [index, raw] of sorted(dossier.entries)) {
    files.set(`entries/${index}.cose`, raw);
    files.set(`entries/${index}.proof`, utf8(dossier.proofs.get(index) as string));
  }
  for (const [size, note] of sorted(dossier.checkpoints)) {
    files.set(`checkpoints/${size}`, utf8(note));
    files.set(`consistency/${size}`, utf8(dossier.consistency.get(size) as string));
  }
  return writeZip(files);
}

function sorted<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([left], [right]) => left - right);
}

/** JSON as Python's json.dumps(sort_keys=True, indent=1) writes it. */
function json(value: unknown, depth: number): string {
  const [outer, inner] = [`\n${" ".repeat(depth - 1)}`, `\n${" ".repeat(depth)}`];
  if (typeof value === "string") {
    return quote(value);
  }
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  const parts = Array.isArray(value)
    ? value.map((one) => json(one, depth + 1))
    : Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, one]) => `${quote(key)}: ${json(one, depth + 1)}`);
  const [begin, end] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${begin}${inner}${parts.join(`,${inner}`)}${outer}${end}` : `${begin}${end}`;
}

/** Printable ASCII, everything else escaped in lower-case hex. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function read(files: Map<string, Bytes>): Dossier {
  const head: unknown = JSON.parse(fromUtf8(part(files, "dossier.json")));
  if (!isHead(head)) {
    throw new FormatError(`dossier.json is not of format ${FORMAT}`);
  }
  const dossier = {
    head,
    checkpoint: fromUtf8(part(files, "checkpoint")),
    entries: new Map<number, Bytes>(),
    proofs: new Map<number, string>(),
    checkpoints: new Map<number, string>(),
    consistency: new Map<number, string>(),
  };
  for (const [name, content] of files) {
    const [, folder, number = "", kind] = /^([a-z]+)\/([0-9]+)(\.[a-z]+)?$/.exec(name) ?? [];
    const place = `${folder}${kind ?? ""}`;
    if (name !== "dossier.json" && name !== "checkpoint" && !NUMBER.test(number)) {
      throw new FormatError(`dossier has a file ${JSON.stringify(name.slice(0, 40))}`);
    }
    if (place === "entries.cose") {
      dossier.entries.set(Number(number), content);
    } else if (place === "entries.proof") {
      dossier.proofs.set(Number(number), fromUtf8(content));
    } else if (place === "checkpoints" || place === "consistency") {
      dossier[place].set(Number(number), fromUtf8(content));
    }
  }
  complete(dossier.entries, dossier.proofs);
  complete(dossier.checkpoints, dossier.consistency);
  return dossier;
}

function part(files: ReadonlyMap<string, Bytes>, name: string): Bytes {
  const content = files.get(name);
  if (!content) {
    throw new FormatError(`dossier has no ${name}`);
  }
  return content;
}

/** Everything numbered in *left* is there in *right* too. */
function complete(left: ReadonlyMap<number, unknown>, right: ReadonlyMap<number, unknown>): void {
  for (const number of left.keys()) {
    if (!right.has(number)) {
      throw new FormatError(`dossier has no proof of ${number}`);
    }
  }
}

function isHead(head: unknown): head is Head {
  if (!isRecord(head, KEYS) || head["format"] !== FORMAT || !isClaimed(head["claimed"])) {
    return false;
  }
  const texts = ["number", "origin", "log_key", "clock_key"].every((key) => isText(head[key]));
  const roots = head["roots"];
  return texts && isHex(head["uid"]) && Array.isArray(roots) && roots.every(isHex);
}

function isClaimed(claimed: unknown): boolean {
  return isRecord(claimed, CLAIM_KEYS) && isText(claimed["verdict"]) && isText(claimed["digest"])
    && Array.isArray(claimed["findings"]) && claimed["findings"].every(isRow);
}

function isRow(row: unknown): boolean {
  return Array.isArray(row) && row.length === 4 && isCount(row[0], 0) && isText(row[1]) && isText(row[2]) && isCount(row[3], -1);
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) < 1e15;
}

function isRecord(value: unknown, keys: readonly string[]): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && JSON.stringify(Object.keys(value).sort()) === JSON.stringify(keys);
}

/** Text without half characters. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !/[\ud800-\udfff]/u.test(value);
}

function isHex(value: unknown): boolean {
  try {
    return typeof value === "string" && toHex(fromHex(value)) === value;
  } catch {
    return false;
  }
}
