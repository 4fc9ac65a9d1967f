/** Receipts (C2SP tlog-proof v1): the proof that one entry is in the log, under a checkpoint of its own. */

import { type Bytes, fromBase64, plainDecimal } from "./bytes";
import { type Checkpoint, openCheckpoint } from "./checkpoint";
import { ProofError } from "./errors";
import type { LogKeys } from "./logkeys";
import { verifyInclusion } from "./merkle";

const HEADER = "c2sp.org/tlog-proof@v1";
const INDEX = "index ";
const MAX_PATH = 63;

export interface Receipt {
  readonly index: bigint;
  readonly path: readonly Bytes[];
  readonly note: string;
}

/** The parts of a receipt, nothing verified; throws ProofError M01. */
export function parseReceipt(text: string): Receipt {
  const gap = text.indexOf("\n\n");
  const [header, position, ...hashes] = text.slice(0, Math.max(gap, 0)).split("\n");
  if (gap < 0 || header !== HEADER || !position?.startsWith(INDEX)) {
    throw new ProofError("receipt is not a tlog-proof of version 1", "M01");
  }
  const index = plainDecimal(position.slice(INDEX.length));
  if (index === null) {
    throw new ProofError(`receipt index ${JSON.stringify(position.slice(6, 26))} is not a plain decimal`, "M01");
  }
  if (hashes.length > MAX_PATH) {
    throw new ProofError(`receipt has ${hashes.length} hashes`, "M01");
  }
  try {
    return { index, path: hashes.map(fromBase64), note: text.slice(gap + 2) };
  } catch {
    throw new ProofError("receipt hash is not base64", "M01");
  }
}

/** What a receipt that holds for *leaf* proves; throws ProofError M01 or M02. */
export async function verifyReceipt(
  text: string, leaf: Bytes, keys: LogKeys,
): Promise<{ index: bigint; head: Checkpoint; timeMs: number }> {
  const receipt = parseReceipt(text);
  const { head, timeMs } = await openCheckpoint(receipt.note, keys);
  verifyInclusion(receipt.index, head.size, leaf, receipt.path, head.root);
  return { index: receipt.index, head, timeMs };
}
