/**
 * The decoding worker, as the page sees it: one frame at a time, and always an answer. Where the worker or its wasm
 * did not come over the network, or broke, it is fetched again: a page that outlives a dead zone reads once it is out.
 */

import type { Reason } from "./luma";
import { warmed, WORKER } from "./warmed";

export interface DecodeRequest {
  readonly bitmap: ImageBitmap;
  readonly hard: boolean;
}

export interface Symbol {
  readonly text: string;
  readonly format: string;
}

export interface DecodeAnswer {
  readonly symbols: readonly Symbol[];
  readonly glimpsed: boolean;
  readonly reason: Reason | null; // why nothing was read, where the light says so
  readonly error?: string; // the frame was not looked at
}

/** What a `Worker` has that is used here. */
export interface WorkerLike {
  onmessage: ((event: MessageEvent<DecodeAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: DecodeRequest, transfer: Transferable[]): void;
  terminate(): void;
}

function makeWorker(): WorkerLike {
  return (warmed().takeWorker?.() ?? new Worker(WORKER, { type: "module" })) as WorkerLike;
}

export class Decoder {
  private worker: WorkerLike | null;
  private asked: ((answer: DecodeAnswer) => void) | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly make: () => WorkerLike = makeWorker) {
    this.worker = this.begin();
  }

  /** What a frame shows, after the frames before it. Never rejects: `error` says that nobody has looked. */
  look(request: DecodeRequest): Promise<DecodeAnswer> {
    const answer = this.turn.then(() => this.ask(request));
    this.turn = answer;
    return answer;
  }

  /** For good: what was asked is answered by nobody. */
  close(): void {
    this.closed = true;
    this.worker?.terminate();
    this.answer(unseen("closed"));
  }

  private ask(request: DecodeRequest): Promise<DecodeAnswer> {
    if (this.closed) {
      return Promise.resolve(unseen("closed"));
    }
    return new Promise((resolve) => {
      this.asked = resolve;
      this.worker ??= this.begin();
      this.worker.postMessage(request, [request.bitmap]);
    });
  }

  private begin(): WorkerLike {
    const worker = this.make();
    worker.onmessage = ({ data }) => this.answer(data);
    worker.onerror = (event) => {
      event.preventDefault?.(); // an answer says it, and the next frame makes it good
      worker.terminate();
      this.worker = null;
      this.answer(unseen(event.message || "not loaded"));
    };
    return worker;
  }

  private answer(answer: DecodeAnswer): void {
    const asked = this.asked;
    this.asked = null;
    asked?.(answer);
  }
}

function unseen(error: string): DecodeAnswer {
  return { symbols: [], glimpsed: false, reason: null, error };
}
