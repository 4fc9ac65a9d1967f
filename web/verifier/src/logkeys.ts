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
  constructor(readonly pairs: readonly LogPair[]) {}

  static of(log: NoteKey, clock: NoteKey): LogKeys {
    return new LogKeys([{ log, clock, index: -1, notBeforeMs: 0 }]);
  }

  /** The name of the log. */
  get origin(): string {
    return this.newest.log.name;
  }

  /** The pair in force. */
  get newest(): LogPair {
    return this.pairs.at(-1) as LogPair;
  }

  /** The keys with one *change* more; throws ProofError M02 where it is not signed by the log key in force before it. */
  follow(change: LogChange): LogKeys {
    const { log, clock } = this.newest;
    if (change.signer !== kidOf(log.key)) {
      throw new ProofError(`entry ${change.index} changes the log's key and is not signed by it`, "M02");
    }
    return new LogKeys([...this.pairs, {
      log: noteKey(log.name, log.kind, change.log),
      clock: noteKey(clock.name, clock.kind, change.clock),
      index: change.index,
      notBeforeMs: change.notBeforeMs,
    }]);
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
