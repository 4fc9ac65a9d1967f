/** Decoding off the page's thread: zxing-wasm, its wasm from our own origin. Frames are read and dropped. */

import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm";
import { prepareZXingModule, readBarcodes, type ReaderOptions } from "zxing-wasm/reader";
import type { DecodeAnswer, DecodeRequest } from "./camera";

const FAST: ReaderOptions = {
  formats: ["QRCode", "Code128"],
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  maxNumberOfSymbols: 2,
};
const HARD: ReaderOptions = { ...FAST, tryHarder: true, tryRotate: true, tryDownscale: true, returnErrors: true };

prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasmUrl : prefix + path) },
  fireImmediately: true,
});

let canvas: OffscreenCanvas | undefined;

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
  const pixels = pixelsOf(request.bitmap);
  request.bitmap.close();
  const found = await readBarcodes(pixels, request.hard ? HARD : FAST);
  return {
    symbols: found.filter((symbol) => symbol.isValid).map((symbol) => ({ text: symbol.text, format: symbol.format })),
    glimpsed: found.length > 0,
  };
}

self.onmessage = (event: MessageEvent<DecodeRequest>) => {
  decode(event.data).then(
    (answer) => self.postMessage(answer),
    (error: unknown) => self.postMessage({ symbols: [], glimpsed: false, error: String(error) } satisfies DecodeAnswer),
  );
};
