/** Decoding off the page's thread: zxing-wasm, its wasm from our own origin. Frames are read and dropped. */

import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm";
import { prepareZXingModule, purgeZXingModule, readBarcodes, type ReaderOptions, type ReadResult } from "zxing-wasm/reader";
import type { DecodeAnswer, DecodeRequest } from "./decoder";
import { type Grid, gridOf, lightOf, reasonOf } from "./luma";

const FAST: ReaderOptions = {
  formats: ["QRCode", "Code128"],
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  maxNumberOfSymbols: 2,
};
const HARD: ReaderOptions = { ...FAST, tryHarder: true, tryRotate: true, tryDownscale: true, returnErrors: true };

let made: Promise<unknown> | undefined;

/** The decoder, fetched once; after a failure anew, with the next frame. */
function decoder(): Promise<unknown> {
  made ??= prepareZXingModule({
    overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasmUrl : prefix + path) },
    fireImmediately: true,
  });
  return made;
}

function beginAnew(): void {
  made = undefined;
  purgeZXingModule();
}

decoder().catch(beginAnew); // its wasm did not come: there may be a network by the time a frame does

let canvas: OffscreenCanvas | undefined;
let before: Grid | undefined; // of the last frame
let glimpsedPx = 0; // side of what the last hard look saw and did not read

function pixelsOf(bitmap: ImageBitmap): ImageData {
  canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) {
    throw new Error("no 2d context");
  }
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

async function decode(request: DecodeRequest): Promise<DecodeAnswer> {
  await decoder();
  const pixels = pixelsOf(request.bitmap);
  request.bitmap.close();
  const grid = gridOf(pixels);
  const light = lightOf(pixels, grid, before);
  before = grid;
  const found = await readBarcodes(pixels, request.hard ? HARD : FAST);
  const symbols = found.filter((symbol) => symbol.isValid).map((symbol) => ({ text: symbol.text, format: symbol.format }));
  if (request.hard || symbols.length) {
    glimpsedPx = Math.max(0, ...found.filter((symbol) => !symbol.isValid).map(sideOf));
  }
  return { symbols, glimpsed: found.length > 0, reason: symbols.length ? null : reasonOf(light, glimpsedPx) };
}

/** Mean length of the sides of a square code, in pixels; 0 for anything else. */
function sideOf({ format, position: { topLeft, topRight, bottomRight, bottomLeft } }: ReadResult): number {
  const corners = [topLeft, topRight, bottomRight, bottomLeft, topLeft];
  const sides = corners.slice(1).map((corner, at) => Math.hypot(corner.x - (corners[at]?.x ?? 0), corner.y - (corners[at]?.y ?? 0)));
  return format === "QRCode" ? sides.reduce((sum, side) => sum + side, 0) / sides.length : 0;
}

self.onmessage = (event: MessageEvent<DecodeRequest>) => {
  decode(event.data).then(
    (answer) => self.postMessage(answer),
    (error: unknown) => {
      beginAnew(); // after a fault of its own the wasm's memory may be anything
      self.postMessage({ symbols: [], glimpsed: false, reason: null, error: String(error) } satisfies DecodeAnswer);
    },
  );
};
