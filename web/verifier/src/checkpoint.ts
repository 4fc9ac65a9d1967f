/** The signed head of a log (C2SP tlog-checkpoint), with the time that the log's clock key signs beside it (ADR 7). */

import { type Bytes, fromBase64, plainDecimal } from "./bytes";
import { ProofError } from "./errors";
import type { LogKeys } from "./logkeys";
import { openNote } from "./note";

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
}

/** A verified checkpoint and its signed time in ms; throws ProofError M02. */
export async function openCheckpoint(text: string, keys: LogKeys): Promise<{ head: Checkpoint; timeMs: number }> {
  const note = openNote(text);
  const head = parseCheckpoint(note.text);
  if (head.origin !== keys.origin) {
    throw new ProofError(`checkpoint of ${JSON.stringify(head.origin)}, not ${JSON.stringify(keys.origin)}`, "M02");
  }
  return { head, timeMs: Number((await keys.verify(note, head.size)) * 1000n) };
}

/** The checkpoint of a note's text; further lines are left to their extensions. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", decimal = "", encoded = "", ...more] = text.split("\n");
  if (!origin || !more.length || more.indexOf("") !== more.length - 1) { // an extension says something
    throw new ProofError("checkpoint is not origin, size, root", "M02");
  }
  const size = plainDecimal(decimal);
  if (size === null) {
    throw new ProofError(`checkpoint size ${JSON.stringify(decimal.slice(0, 20))} is not a plain decimal`, "M02");
  }
  let root: Bytes;
  try {
    root = fromBase64(encoded);
  } catch {
    throw new ProofError("checkpoint root is not base64", "M02");
  }
  if (root.length !== 32) {
    throw new ProofError(`checkpoint root has ${root.length} bytes, not 32`, "M02");
  }
  return { origin, size, root };
}
