/** The verification of a dossier, step by numbered step (docs/spec/dossier.md, section 2). */

import { admit, networkOf } from "./admission";
import { type Bytes, equal, fromBase64, fromHex, strip, toBase64, toHex } from "./bytes";
import { type Checkpoint, openCheckpoint } from "./checkpoint";
import { verifySign1 } from "./cose";
import { type Dossier, isClaim, unpack } from "./dossier";
import { CustodyError, ProofError } from "./errors";
import { type Entry, type Event, parseEvent } from "./event";
import { E, F } from "./fields";
import { type Label, parseLabel, verifyLabel } from "./label";
import { changeOf, clockName, LogKeys } from "./logkeys";
import { leafHash, verifyConsistency } from "./merkle";
import { Network } from "./network";
import { COSIGNATURE, ED25519, parseVkey, vkeyOf } from "./note";
import { judgePart } from "./part";
import type { KeyRing } from "./keys";
import type { TrustPolicy } from "./quorum";
import { verifyReceipt } from "./receipt";
import { numberOfUid } from "./s10";
import { type Head, secondKey, secondMessage } from "./step";
import tables from "./tables.json";
import type { Judgement } from "./verdict";
import { verifyAssertion } from "./webauthn";

/** The steps, and one more where the reader asks for a quorum of witnesses. */
export const STEPS: readonly string[] = tables.steps.slice(0, 8);
const QUORUM_STEPS: readonly string[] = tables.steps;
export const NOT_PROVEN = tables.notProven;

/** What the reader knows from elsewhere (paper): vkey of the log or "", kids of the root keys in hex. */
export interface Trust {
  readonly logKey: string;
  readonly roots: ReadonlySet<string>;
  /** Witnesses of whom a quorum must have cosigned; null to ask for none. */
  readonly policy: TrustPolicy | null;
}

export const NO_TRUST: Trust = { logKey: "", roots: new Set(), policy: null };

/** What verification found. */
export interface Report {
  /** The steps of this verification. */
  readonly steps: readonly string[];
  /** Number of steps that hold. */
  passed: number;
  failure: string;
  finding: string;
  dossier: Dossier | null;
  /** The item's own entries. */
  entries: readonly Entry[];
  judgement: Judgement | null;
  judgedAtMs: number;
  /** Which of the keys were held against the reader's own. */
  compared: readonly ("log key" | "root" | "quorum")[];
  /** Names of the witnesses of whom a quorum has cosigned. */
  cosigned: readonly string[];
}

/** Go through the steps; never throws for what is in the file. */
export async function verifyDossier(data: Bytes, trust: Trust = NO_TRUST): Promise<Report> {
  const report: Report = {
    steps: trust.policy ? QUORUM_STEPS : STEPS,
    passed: 0,
    failure: "",
    finding: "",
    dossier: null,
    entries: [],
    judgement: null,
    judgedAtMs: 0,
    compared: trust.policy ? ["quorum"] : [],
    cosigned: [],
  };
  try {
    await steps(data, trust, report);
  } catch (error) {
    if (!(error instanceof CustodyError)) {
      throw error;
    }
    report.failure = error.message;
    report.finding = error.finding;
  }
  return report;
}

async function steps(data: Bytes, trust: Trust, report: Report): Promise<void> {
  // (1) the file has the one form of a dossier
  const dossier = unpack(data);
  report.dossier = dossier;
  const { head } = dossier;
  if (numberOfUid(fromHex(head.uid)) !== head.number) {
    throw new ProofError(`uid is not of number ${head.number}`);
  }
  report.passed = 1;
  // (2) the keys are named, and are those the reader trusts
  const keys = await namedKeys(dossier, trust);
  const hasLogKey = trust.logKey || trust.policy?.logs.length;
  report.compared = [...(hasLogKey ? ["log key" as const] : []), ...(trust.roots.size ? ["root" as const] : []), ...report.compared];
  report.passed = 2;
  // (3) the newest checkpoint is signed by the log and its clock
  const newest = await openCheckpoint(dossier.checkpoint, keys);
  report.judgedAtMs = newest.timeMs;
  report.passed = 3;
  // (4) every older checkpoint is signed and a prefix of the newest
  const heads = await checkpoints(dossier, keys, newest);
  report.passed = 4;
  // (5) every entry is in the log, at a signed time
  const times = await inclusion(dossier, keys, heads);
  report.passed = 5;
  // (6) every entry is canonical, certified and signed
  const { entries, network } = await admission(dossier, times);
  report.passed = 6;
  // (7) the chain is judged
  for (const entry of entries) {
    await weigh(entry, network.ring);
  }
  const chain = judgePart(entries, head.uid, network, (size) => heads.get(BigInt(size)));
  if (!chain.entries.length) {
    throw new ProofError("no entry is about this item", "C01");
  }
  report.entries = chain.entries;
  report.judgement = chain.judge(newest.timeMs);
  report.passed = 7;
  // (8) the judgement is the one that was claimed
  if (!isClaim(head.claimed, report.judgement)) {
    throw new ProofError("claimed verdict or findings differ from what the evidence gives");
  }
  report.passed = 8;
  // (9) enough witnesses have cosigned a checkpoint that includes every entry
  if (trust.policy) {
    report.cosigned = await quorum(dossier, newest.head.size, trust.policy);
    report.passed = 9;
  }
}

async function namedKeys(dossier: Dossier, trust: Trust): Promise<LogKeys> {
  const { head } = dossier;
  const log = parseVkey(head.log_key);
  const clock = parseVkey(head.clock_key);
  if (log.name !== head.origin || clock.name !== clockName(head.origin)) {
    throw new ProofError("keys are not named after the log");
  }
  if (log.kind !== ED25519 || clock.kind !== COSIGNATURE) {
    throw new ProofError("keys are not of the kinds that a log and its clock sign with");
  }
  const keys = await followed(LogKeys.of(log, clock), dossier);
  if (trust.logKey && !keys.pairs.some((pair) => vkeyOf(pair.log) === strip(trust.logKey))) {
    throw new ProofError("log key is not the one you trust", "M02");
  }
  const named = trust.policy?.logs ?? [];
  if (named.length && !named.some((key) => keys.pairs.some((pair) => equal(pair.log.key, key.key)))) {
    throw new ProofError("the policy you trust does not name this log's key", "M02");
  }
  if (!head.roots.length) {
    throw new ProofError("no root key is named", "K08");
  }
  if (trust.roots.size && !head.roots.every((kid) => trust.roots.has(kid))) {
    throw new ProofError("root key is not one you trust", "K08");
  }
  return keys;
}

/** Take in the LOGKEY entries, each signed by the log key before it; whether they are in the log is for steps 5 and 6. */
async function followed(keys: LogKeys, dossier: Dossier): Promise<LogKeys> {
  let known = keys;
  for (const [index, raw] of [...dossier.entries].sort(([left], [right]) => left - right)) {
    const event = orNull(() => parseEvent(raw));
    if (event?.type === E.LOGKEY) {
      const before = known.newest;
      known = known.follow(changeOf(index, event));
      await verifySign1(event.message, before.log.key);
    }
  }
  return known;
}

type Signed = { readonly head: Checkpoint; readonly timeMs: number };

/** The log's checkpoints by size. */
async function checkpoints(dossier: Dossier, keys: LogKeys, newest: Signed): Promise<Map<bigint, Head>> {
  const heads = new Map<bigint, Head>();
  heads.set(newest.head.size, { root: toHex(newest.head.root), timeMs: newest.timeMs });
  for (const [number, text] of dossier.checkpoints) {
    const size = BigInt(number);
    const { head, timeMs } = await openCheckpoint(text, keys);
    if (head.size !== size) {
      throw new ProofError(`checkpoints/${size} is of size ${head.size}`);
    }
    const proof = hashes(dossier.consistency.get(number) as string, `consistency/${size}`);
    verifyConsistency(size, newest.head.size, proof, head.root, newest.head.root);
    if (timeMs > newest.timeMs) {
      throw new ProofError(`checkpoints/${size} is later than the newest`);
    }
    heads.set(size, { root: toHex(head.root), timeMs });
  }
  return heads;
}

/** When each entry was logged, by index. */
async function inclusion(dossier: Dossier, keys: LogKeys, heads: ReadonlyMap<bigint, Head>): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  for (const [index, raw] of dossier.entries) {
    const proven = await verifyReceipt(dossier.proofs.get(index) as string, leafHash(raw), keys);
    if (proven.index !== BigInt(index)) {
      throw new ProofError(`entries/${index}.proof is of entry ${proven.index}`, "M01");
    }
    const known = heads.get(proven.head.size);
    if (known?.root !== toHex(proven.head.root) || known.timeMs !== proven.timeMs) {
      throw new ProofError(`entries/${index}.proof rests on a checkpoint that is not here`);
    }
    times.set(index, proven.timeMs);
  }
  return times;
}

async function admission(dossier: Dossier, times: ReadonlyMap<number, number>): Promise<{ entries: Entry[]; network: Network }> {
  const network = new Network(new Set(dossier.head.roots));
  const net = networkOf(dossier.head.origin);
  const entries: Entry[] = [];
  for (const [index, raw] of [...dossier.entries].sort(([left], [right]) => left - right)) {
    const event = await admitted(raw, index, network.ring, net);
    const entry = { index, event, loggedMs: times.get(index) as number };
    await network.apply(entry);
    entries.push(entry);
  }
  return { entries, network };
}

async function admitted(raw: Bytes, index: number, ring: KeyRing, net: string): Promise<Event> {
  try {
    return await admit(raw, ring, net);
  } catch (error) {
    if (error instanceof CustodyError) {
      throw new ProofError(`entries/${index}.cose: ${error.message}`, error.finding);
    }
    throw error;
  }
}

/** Who cosigned the newest checkpoint with a quorum, among those that have every entry of the file. */
async function quorum(dossier: Dossier, size: bigint, policy: TrustPolicy): Promise<string[]> {
  const last = BigInt(Math.max(...dossier.entries.keys()));
  const notes = new Map([[size, dossier.checkpoint], ...[...dossier.checkpoints].map(([n, text]) => [BigInt(n), text] as const)]);
  const sizes = [...notes.keys()].filter((n) => n > last).sort((left, right) => (left > right ? -1 : 1));
  let most = new Set<string>();
  for (const n of sizes) {
    const signed = await policy.cosigners(notes.get(n) as string);
    if (policy.isMet(signed)) {
      return [...signed];
    }
    most = signed.size > most.size ? signed : most;
  }
  const names = [...most].sort().join(", ") || "nobody";
  throw new ProofError(`entries up to ${last} are cosigned by ${names}; quorum ${policy.quorum} is not met`, "M03");
}

/** Verify the further signatures in an entry once, so that the rules need not wait for any. */
async function weigh(entry: Entry, ring: KeyRing): Promise<void> {
  const message = secondMessage(entry.event);
  const second = secondKey(entry, ring);
  entry.isSeconded = message !== null && second !== null && (await faultOf(() => verifySign1(message, second.key))) === "";
  const label = wholeLabel(entry.event);
  const key = label && ring.labelKey(label.kid4, entry.index);
  entry.isLabelSigned = Boolean(label && key && (await faultOf(() => verifyLabel(label, key.key))) === "");
  if (entry.event.fields.has(F.WEBAUTHN)) {
    const passkey = ring.get(entry.event.kid, entry.index)?.uvPublic ?? null;
    entry.passkeyFault = await faultOf(() => verifyAssertion(entry.event, passkey));
  }
}

function wholeLabel(event: Event): Label | null {
  const raw = event.bytes(F.LABEL_RAW);
  return raw ? orNull(() => parseLabel(raw)) : null;
}

/** What *read* reads; null where it is not readable. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CustodyError) {
      return null;
    }
    throw error;
  }
}

/** Why a signature does not hold; "" where it does. */
async function faultOf(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return "";
  } catch (error) {
    if (error instanceof CustodyError) {
      return error.message;
    }
    throw error;
  }
}

function hashes(text: string, name: string): Bytes[] {
  let found: Bytes[];
  try {
    found = text.split("\n").slice(0, -1).map(fromBase64);
  } catch {
    throw new ProofError(`${name} is not base64 lines`);
  }
  if (found.map((hash) => `${toBase64(hash)}\n`).join("") !== text) {
    throw new ProofError(`${name} does not end with its last line`);
  }
  return found;
}
