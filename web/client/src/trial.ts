/** Which codes of a test page were read. Pure; what they hold is written down in labels/trial.py. */

export interface Step {
  readonly kind: "QR" | "Code 128";
  readonly mm: number;
  readonly read: boolean;
  readonly needed: boolean; // a label has codes of this size
}

const QR_MM = [0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.125];
const BARS_MM = [0.25, 0.375, 0.5];
const NEEDED_QR_MM = [0.75, 0.875, 1.125];
const NEEDED_BARS_MM = [0.375, 0.5];

/** The size that a test code says, in mm; null for any other text. */
export function sizeOf(text: string): { readonly kind: Step["kind"]; readonly mm: number } | null {
  const qr = /^9(\d{4})\d{220}$/.exec(text)?.[1];
  if (qr) {
    return { kind: "QR", mm: Number(qr) / 1000 };
  }
  const bars = /^ZZ(\d{8})\dVN$/.exec(text)?.[1];
  return bars ? { kind: "Code 128", mm: Number(bars) / 1000 } : null;
}

/** Every size of the test, largest first, and whether *texts* has it; none where no text is of a test page. */
export function stepsOf(texts: readonly string[]): Step[] {
  const read = texts.map(sizeOf).filter((size) => size !== null);
  if (!read.length) {
    return [];
  }
  const steps = (kind: Step["kind"], sizes: readonly number[], needed: readonly number[]): Step[] =>
    sizes.map((mm) => ({ kind, mm, read: read.some((one) => one.kind === kind && one.mm === mm), needed: needed.includes(mm) })).reverse();
  return [...steps("QR", QR_MM, NEEDED_QR_MM), ...steps("Code 128", BARS_MM, NEEDED_BARS_MM)];
}
