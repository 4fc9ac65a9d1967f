/** The keys by which a log's checkpoints are believed, and how they follow one another (ADR 11). */

import type { Bytes } from "./bytes";
import { kidOf } from "./cose";
import { ProofError } from "./errors";
import type { Event } from "./event";
import { F } from "./fields";
import { type Note, type NoteKey, noteKey, verifyNote } from "./note";

export function clockName(origin: string): string {
  return `${origin}/clock`;
}

/** What a LOGKEY entry says. */
export interface LogChange {
  readonly index: number;
  /** kid of the log key that signed it. */
  readonly signer: string;
  readonly log: Bytes;
  readonly clock: Bytes;
  /** Until then the pair before signs too. */
  readonly notBeforeMs: number;
}

/** The two keys that sign a log's checkpoints from entry *index* on. */
interface LogPair {
  readonly log: NoteKey;
  readonly clock: NoteKey;
  readonly index: number;
  readonly notBeforeMs: number;
}

/** The keys of a log: the pair it began with, and those that followed. */
export class LogKeys {
  readonly pairs: readonly LogPair[];

  constructor(readonly log: NoteKey, readonly clock: NoteKey, changes: readonly LogChange[] = []) {
    const pairs: LogPair[] = [{ log, clock, index: -1, notBeforeMs: 0 }];
    for (const change of changes) {
      const before = pairs.at(-1) as LogPair;
      if (change.signer !== kidOf(before.log.key)) {
        throw new ProofError(`entry ${change.index} changes the log's key and is not signed by it`, "M02");
      }
      pairs.push({
        log: noteKey(log.name, log.kind, change.log),
        clock: noteKey(clock.name, clock.kind, change.clock),
        index: change.index,
        notBeforeMs: change.notBeforeMs,
      });
    }
    this.pairs = pairs;
  }

  followed(changes: readonly LogChange[]): LogKeys {
    return new LogKeys(this.log, this.clock, changes);
  }

  /** The signed time, in unix seconds, of a checkpoint of *size*; throws ProofError M02 where a signature it needs is missing. */
  async verify(note: Note, size: bigint): Promise<bigint> {
    const position = this.pairs.findLastIndex((pair) => BigInt(pair.index) < size);
    const pair = this.pairs[position] ?? (this.pairs[0] as LogPair);
    const before = this.pairs[position - 1];
    await verifyNote(note, pair.log);
    const time = await verifyNote(note, pair.clock);
    if (before && time * 1000n < BigInt(pair.notBeforeMs)) {
      await verifyNote(note, before.log);
      if ((await verifyNote(note, before.clock)) !== time) {
        throw new ProofError("the two clocks of the overlap say different times", "M02");
      }
    }
    return time;
  }
}

/** What a LOGKEY event at *index* says. */
export function changeOf(index: number, event: Event): LogChange {
  return {
    index,
    signer: event.kid,
    log: event.bytes(F.PUBLIC) as Bytes,
    clock: event.bytes(F.CLOCK_PUBLIC) as Bytes,
    notBeforeMs: event.num(F.NOT_BEFORE) as number,
  };
}
