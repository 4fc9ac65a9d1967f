/** One short sound and one vibration for each kind of result, told apart without looking. */

export type Tone =
  | "good" | "again" | "unlisted" | "misplaced" | "old" | "alien" | "warn" | "bad" | "info" | "done" | "undone";

/** A note: Hz, start s, length s. */
export type Note = readonly [hertz: number, startS: number, lengthS: number];

/** No two are alike in how many notes there are, where they go and how long they last (test/sound.test.ts). */
export const NOTES: Readonly<Record<Tone, readonly Note[]>> = {
  good: [[1_320, 0, 0.09]], // one, high
  again: [[880, 0, 0.06], [880, 0.1, 0.06]], // two alike, quick
  unlisted: [[523, 0, 0.1], [784, 0.12, 0.1], [523, 0.24, 0.2]], // up and down: a question
  misplaced: [[988, 0, 0.1], [740, 0.13, 0.1], [554, 0.26, 0.1], [415, 0.39, 0.22]], // down the stairs
  old: [[784, 0, 0.07], [392, 0.1, 0.35]], // an octave down, long
  alien: [[262, 0, 0.4]], // one, low and long
  info: [[660, 0, 0.15]],
  warn: [[620, 0, 0.16], [520, 0.2, 0.2]],
  bad: [[190, 0, 0.22], [170, 0.28, 0.22], [150, 0.56, 0.32]], // three, low and harsh
  done: [[880, 0, 0.09], [1_108, 0.1, 0.09], [1_318, 0.2, 0.18]], // up the stairs
  undone: [[1_108, 0, 0.07], [740, 0.09, 0.1]],
};

/** ms on, ms off, ms on ... */
export const PULSES: Readonly<Record<Tone, readonly number[]>> = {
  good: [40],
  again: [20, 40, 20],
  unlisted: [80, 50, 30, 50, 80],
  misplaced: [60, 40, 60, 40, 60, 40, 60],
  old: [40, 60, 180],
  alien: [300],
  info: [30],
  warn: [120, 60, 120],
  bad: [250, 80, 250, 80, 250],
  done: [40, 40, 80],
  undone: [30, 30, 60],
};

let context: AudioContext | undefined;
let muted = false;

/** Browsers let a page sound only after a touch: call this from one. */
export function unlockSound(): void {
  try {
    context ??= new AudioContext();
    context.resume().catch(() => undefined); // colour, shape and word remain
  } catch {
    // no sound device: colour, shape and word remain
  }
}

/** No sound and no word any more, or again; vibration stays. */
export function mute(silent: boolean): void {
  muted = silent;
}

export function isMuted(): boolean {
  return muted;
}

/** Where sound goes, once a touch has allowed it and nobody has switched it off. */
export function audio(): AudioContext | null {
  return context?.state === "running" && !muted ? context : null;
}

export function play(tone: Tone): void {
  navigator.vibrate?.([...PULSES[tone]]);
  const out = audio();
  if (!out) {
    return;
  }
  for (const [frequency, start, length] of NOTES[tone]) {
    const at = out.currentTime + start;
    const oscillator = out.createOscillator();
    const gain = out.createGain();
    oscillator.type = tone === "bad" ? "sawtooth" : tone === "alien" ? "triangle" : "sine";
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.35, at + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(out.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
  }
}
