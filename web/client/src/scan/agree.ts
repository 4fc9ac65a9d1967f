/**
 * Which symbols of a stream are believed. Our square code proves itself: check digits and a signature. Bars have one
 * check digit, which one wrong reading in eleven passes: they count once two pictures agree and none contradicts. Pure.
 */

import { readNumber } from "../s10";

const TOGETHER_MS = 10_000; // two stills of the service's decoder lie that far apart
const NEEDED = 2;

export interface Seen {
  readonly text: string;
  readonly format: string;
}

export class Agreement {
  private text = "";
  private count = 0;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** Of the symbols of one picture those that are believed. */
  believed<S extends Seen>(symbols: readonly S[], nowMs: number): S[] {
    const bars = [...new Set(symbols.filter((symbol) => symbol.format !== "QRCode").map((symbol) => symbol.text))];
    if (bars.length) {
      const same = bars.length === 1 && bars[0] === this.text && nowMs - this.lastMs < TOGETHER_MS;
      this.text = bars.length === 1 ? (bars[0] ?? "") : "";
      this.count = bars.length > 1 ? 0 : same ? this.count + 1 : 1;
      this.lastMs = nowMs;
    }
    return symbols.filter((symbol) => symbol.format === "QRCode" || (symbol.text === this.text && this.count >= NEEDED));
  }
}

/** Whether a text can be ours, by its form alone: the digits of a label, or an item number. */
export function isOurs(text: string): boolean {
  return /^[0-9]{200,248}$/.test(text) || readNumber(text) !== null;
}
