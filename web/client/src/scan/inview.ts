/** Which codes in the camera's picture are new: each alerts once while it stays in view, however many lie there. Pure. */

const GONE_MS = 1_500; // a code unseen for so long may alert again

export class InView {
  private readonly seenMs = new Map<string, number>();
  private squareMs = Number.NEGATIVE_INFINITY;

  /** Of the codes of one frame those to tell of: squares, and bars only where no square was seen just now. */
  freshOf(squares: readonly string[], bars: readonly string[], nowMs: number): string[] {
    if (squares.length) {
      this.squareMs = nowMs;
      return this.fresh(squares, nowMs);
    }
    return nowMs - this.squareMs < GONE_MS ? [] : this.fresh(bars.slice(0, 1), nowMs); // they say less than the square
  }

  /** Of the *texts* of one frame those that were not in view just now. */
  fresh(texts: readonly string[], nowMs: number): string[] {
    for (const [text, at] of this.seenMs) {
      if (nowMs - at >= GONE_MS) {
        this.seenMs.delete(text);
      }
    }
    const found = [...new Set(texts)].filter((text) => !this.seenMs.has(text));
    texts.forEach((text) => this.seenMs.set(text, nowMs));
    return found;
  }

  /** What was in view when reading paused may still lie there: it alerts no second time. */
  stay(nowMs: number): void {
    for (const text of this.seenMs.keys()) {
      this.seenMs.set(text, nowMs);
    }
  }
}
