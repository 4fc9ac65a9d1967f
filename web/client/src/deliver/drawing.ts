/** What is drawn on the glass, as data: the text whose digest the delivery carries, and that the service keeps. Pure. */

const LONGEST = 60_000;
const POINTS = 2_000; // in one stroke
const STROKES = 200;

/** x, y, x, y... in thousandths of the field. */
export type Stroke = readonly number[];

/** Enough was drawn to be somebody's hand and not a touch. */
export function isDrawn(strokes: readonly Stroke[]): boolean {
  const length = strokes.reduce((sum, stroke) => sum + lengthOf(stroke), 0);
  return length >= 300; // a third of the field's width
}

/** The text of a drawing; strokes that would make it too long are thinned. */
export function drawingText(name: string, strokes: readonly Stroke[]): string {
  const kept = strokes.filter((stroke) => stroke.length >= 4).slice(0, STROKES).map((stroke) => stroke.slice(0, 2 * POINTS).map(bounded));
  for (let step = 1; ; step *= 2) {
    const text = JSON.stringify({ v: 1, name, strokes: kept.map((stroke) => thinned(stroke, step)) });
    if (new TextEncoder().encode(text).length <= LONGEST) {
      return text;
    }
  }
}

function bounded(value: number): number {
  return Math.min(1000, Math.max(0, Math.round(value)));
}

/** Every *step*th point, the last one always. */
function thinned(stroke: Stroke, step: number): number[] {
  const last = stroke.length - 2;
  return stroke.filter((_, index) => (index >> 1) % step === 0 || index >= last);
}

function lengthOf(stroke: Stroke): number {
  let sum = 0;
  for (let at = 2; at + 1 < stroke.length; at += 2) {
    sum += Math.hypot((stroke[at] ?? 0) - (stroke[at - 2] ?? 0), (stroke[at + 1] ?? 0) - (stroke[at - 1] ?? 0));
  }
  return sum;
}
