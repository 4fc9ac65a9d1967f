/**
 * Why a picture is not read, from its light alone: a grid of brightnesses, how fine its edges are, what it shares with
 * the picture before. All of it pure; limits are of 8-bit luma, found with the graded pictures of the tests.
 */

/** Brightness at every so many pixels, 0 to 255. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

/** What a frame's light says. */
export interface Light {
  readonly mean: number;
  readonly spread: number; // standard deviation
  readonly clipped: number; // share of the middle that is pure white
  readonly sharpness: number; // variance of the Laplacian over that of the brightness
  readonly motion: number | null; // mean change since the frame before, in spreads; null for the first frame
}

export type Reason = "dark" | "glare" | "moving" | "far" | "blurred" | "foreign";

interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

const COLUMNS = 160;
const REACH_PX = 2; // of the Laplacian, between means of 2 x 2 pixels: noise of a single pixel is no edge
const WHITE = 252;
const EMPTY_SPREAD = 12; // a wall, a table: nothing to be sharp

const DARK_MEAN = 45;
const GLARE_SHARE = 0.08;
const MOVING_SPREADS = 0.3;
const DULL = 0.12;
const OUR_MODULES = 49; // of the larger layout: 8-Q
const NEEDED_PX = 3.4; // a module, for a reader to have a chance

/** Brightness of a pixel, ITU-R BT.601 in 8 bits. */
function luma(data: Uint8ClampedArray, at: number): number {
  return ((data[at] ?? 0) * 77 + (data[at + 1] ?? 0) * 150 + (data[at + 2] ?? 0) * 29) >> 8;
}

/** Mean brightness of 2 x 2 pixels. */
function four(data: Uint8ClampedArray, at: number, width: number): number {
  const below = at + width * 4;
  return (luma(data, at) + luma(data, at + 4) + luma(data, below) + luma(data, below + 4)) / 4;
}

/** The grid of a frame. */
export function gridOf({ data, width, height }: Pixels): Grid {
  const step = Math.max(1, Math.floor(width / COLUMNS));
  const [columns, rows] = [Math.floor(width / step), Math.floor(height / step)];
  const values = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      values[row * columns + column] = luma(data, (row * step * width + column * step) * 4);
    }
  }
  return { width: columns, height: rows, values };
}

/** What the light of a frame says; *before* is the grid of the frame before it. */
export function lightOf(pixels: Pixels, grid: Grid, before?: Grid): Light {
  const { mean, spread } = moments(grid.values);
  return {
    mean,
    spread,
    clipped: clippedShare(grid),
    sharpness: spread < EMPTY_SPREAD ? 1 : laplacian(pixels) / (spread * spread),
    motion: before && before.values.length === grid.values.length ? change(grid, before) / Math.max(spread, EMPTY_SPREAD) : null,
  };
}

function moments(values: ArrayLike<number>): { mean: number; spread: number } {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(values.length, 1);
  return { mean, spread: Math.sqrt(Math.max(squares / Math.max(values.length, 1) - mean * mean, 0)) };
}

/** How much of the middle half is pure white: where the label is held. */
function clippedShare({ width, height, values }: Grid): number {
  let [white, all] = [0, 0];
  for (let row = height >> 2; row < height - (height >> 2); row += 1) {
    for (let column = width >> 2; column < width - (width >> 2); column += 1) {
      white += (values[row * width + column] ?? 0) >= WHITE ? 1 : 0;
      all += 1;
    }
  }
  return white / Math.max(all, 1);
}

/** Variance of the Laplacian, at the grid's points of the middle, with neighbours of the full picture. */
function laplacian({ data, width, height }: Pixels): number {
  const step = Math.max(1, Math.floor(width / COLUMNS));
  const found: number[] = [];
  for (let y = height >> 2; y < height - (height >> 2); y += step) {
    for (let x = width >> 2; x < width - (width >> 2); x += step) {
      const at = (y * width + x) * 4;
      const side = REACH_PX * 4;
      const line = side * width;
      found.push(4 * four(data, at, width) - four(data, at - side, width) - four(data, at + side, width)
        - four(data, at - line, width) - four(data, at + line, width));
    }
  }
  const { spread } = moments(found);
  return spread * spread;
}

function change(grid: Grid, before: Grid): number {
  let sum = 0;
  for (let at = 0; at < grid.values.length; at += 1) {
    sum += Math.abs((grid.values[at] ?? 0) - (before.values[at] ?? 0));
  }
  return sum / Math.max(grid.values.length, 1);
}

/** A symbol that was seen but not read: the length of its side in pixels of the frame. */
export function tooFar(sidePx: number): boolean {
  return sidePx > 0 && sidePx < OUR_MODULES * NEEDED_PX;
}

/** Why a frame is not read; null where nothing speaks against it, or nothing is there to be read. */
export function reasonOf(light: Light, glimpsedPx: number): Reason | null {
  if (light.mean < DARK_MEAN) {
    return "dark";
  }
  if (light.motion !== null && light.motion > MOVING_SPREADS) {
    return "moving";
  }
  if (light.clipped > GLARE_SHARE) {
    return "glare";
  }
  if (tooFar(glimpsedPx)) {
    return "far";
  }
  return light.sharpness < DULL ? "blurred" : null;
}

const WINDOW_MS = 1_500;
const SILENT_MS = 1_200; // after a read nothing is wrong
const ENOUGH = 3; // frames

/** The reason to be said: the most frequent one of the last frames, and not a word while all goes well. */
export class Reasons {
  private readonly seen: { readonly reason: Reason | null; readonly ms: number }[] = [];
  private readMs = Number.NEGATIVE_INFINITY;

  note(reason: Reason | null, nowMs: number): void {
    this.seen.push({ reason, ms: nowMs });
    while ((this.seen[0]?.ms ?? nowMs) < nowMs - WINDOW_MS) {
      this.seen.shift();
    }
  }

  /** Something was read: what was said before is over. */
  read(nowMs: number): void {
    this.readMs = nowMs;
    this.seen.length = 0;
  }

  current(nowMs: number): Reason | null {
    if (nowMs - this.readMs < SILENT_MS || this.seen.length < ENOUGH) {
      return null;
    }
    const counts = new Map<Reason | null, number>();
    for (const { reason } of this.seen) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const [reason, count] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
    return count * 2 > this.seen.length ? reason : null;
  }
}
