/**
 * The core without the page, for tests/verifier: reads tasks as JSON lines, answers each with one.
 *
 *     {"dossier": base64, "log_key": "", "roots": [], "policy": ""}     {"event": hex}     {"note": text, "key": vkey}
 *     {"receipt": text}     {"policy": text}     {"label": hex}     {"ed25519": [key, message, signature] in hex}     {"cbor": hex}
 */

import { createInterface } from "node:readline";
import { fromHex, toHex } from "../src/bytes";
import { decode } from "../src/cbor";
import { hasNative, isValidPoint, verify, verifyOwn } from "../src/ed25519";
import { CustodyError } from "../src/errors";
import { parseEvent } from "../src/event";
import { parseLabel } from "../src/label";
import { openNote, parseVkey, verifyNote } from "../src/note";
import { parsePolicy } from "../src/quorum";
import { parseReceipt } from "../src/receipt";
import { type Trust, verifyDossier } from "../src/verify";

interface Task {
  dossier?: string;
  log_key?: string;
  roots?: string[];
  event?: string;
  note?: string;
  key?: string;
  receipt?: string;
  policy?: string;
  label?: string;
  cbor?: string;
  ed25519?: [string, string, string];
}

async function answer(task: Task): Promise<unknown> {
  if (task.dossier !== undefined) {
    const policy = task.policy ? parsePolicy(task.policy) : null;
    return dossier(task.dossier, { logKey: task.log_key ?? "", roots: new Set(task.roots), policy });
  }
  if (task.ed25519) {
    const [key, message, signature] = task.ed25519.map(fromHex) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
    return { native: await hasNative(), verify: await verify(key, message, signature), own: await verify(key, message, signature, verifyOwn), point: isValidPoint(key) };
  }
  try {
    if (task.event !== undefined) {
      return { id: parseEvent(fromHex(task.event)).id };
    }
    if (task.cbor !== undefined) {
      decode(fromHex(task.cbor));
    } else if (task.note !== undefined && task.key !== undefined) {
      return { time: Number(await verifyNote(openNote(task.note), parseVkey(task.key))) };
    } else if (task.policy !== undefined) {
      const { logs, witnesses, groups, quorum } = parsePolicy(task.policy);
      return { logs: logs.length, witnesses: [...witnesses.keys()], groups: [...groups.keys()], quorum };
    } else if (task.receipt !== undefined) {
      const { index, path } = parseReceipt(task.receipt);
      return { index: Number(index), path: path.map(toHex) };
    } else if (task.label !== undefined) {
      const { uid, digest, number } = parseLabel(fromHex(task.label));
      return { uid, digest, number };
    }
    return {};
  } catch (error) {
    if (error instanceof CustodyError) {
      return { finding: error.finding };
    }
    throw error;
  }
}

async function dossier(base64: string, trust: Trust): Promise<unknown> {
  const data = new Uint8Array(Buffer.from(base64, "base64"));
  const began = performance.now();
  const report = await verifyDossier(data, trust);
  const ms = performance.now() - began;
  const { judgement } = report;
  return {
    steps_passed: report.passed,
    failure: report.failure,
    finding: report.finding,
    verdict: judgement?.verdict ?? null,
    digest: judgement?.digest ?? null,
    rows: judgement?.rows ?? [],
    details: judgement?.findings.map((finding) => finding.detail) ?? [],
    judged_at_ms: report.judgedAtMs,
    entries: report.entries.length,
    compared: report.compared,
    cosigned: [...report.cosigned].sort(),
    ms,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line) as Task)));
}
