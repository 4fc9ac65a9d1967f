/** The clips of one language: a line of JSON saying where each word lies, then 4-bit IMA ADPCM, one clip after the other. */

export interface Clips {
  readonly rate: number; // samples a second
  readonly samples: ReadonlyMap<string, Float32Array<ArrayBuffer>>; // -1 to 1, by word
}

interface Index {
  readonly rate: number;
  readonly words: Readonly<Record<string, readonly [start: number, samples: number]>>; // start in bytes after the line
}

const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143,
  157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552,
  1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487,
  12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
] as const;
const ADJUST = [-1, -1, -1, -1, 2, 4, 6, 8] as const;
const NEWLINE = 10;

/** The clips of a file as `tools/speech.py` writes it; throws RangeError where it is cut short. */
export function readClips(file: Uint8Array): Clips {
  const end = file.indexOf(NEWLINE);
  const index = JSON.parse(new TextDecoder().decode(file.subarray(0, end))) as Index;
  const body = file.subarray(end + 1);
  const samples = new Map(Object.entries(index.words).map(([word, [start, count]]) => {
    const bytes = body.subarray(start, start + Math.ceil(count / 2));
    if (bytes.length * 2 < count) {
      throw new RangeError(`clip of ${word} is cut short: ${bytes.length} bytes for ${count} samples`);
    }
    return [word, decode(bytes, count)];
  }));
  return { rate: index.rate, samples };
}

/** IMA ADPCM from silence, the low nibble first. */
function decode(bytes: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  let value = 0;
  let position = 0;
  for (let at = 0; at < count; at += 1) {
    const byte = bytes[at >> 1] ?? 0;
    const nibble = at % 2 ? byte >> 4 : byte & 15;
    const step = STEPS[position] ?? 7;
    const change = (step >> 3) + (nibble & 4 ? step : 0) + (nibble & 2 ? step >> 1 : 0) + (nibble & 1 ? step >> 2 : 0);
    value = Math.max(-32_768, Math.min(32_767, value + (nibble & 8 ? -change : change)));
    position = Math.max(0, Math.min(STEPS.length - 1, position + (ADJUST[nibble & 7] ?? 0)));
    out[at] = value / 32_768;
  }
  return out;
}
