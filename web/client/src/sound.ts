/** One short sound and one vibration for each kind of result, told apart without looking. */

export type Tone = "good" | "again" | "warn" | "bad" | "info" | "done";

/** Hz, start s, length s. */
const NOTES: Readonly<Record<Tone, readonly (readonly [number, number, number])[]>> = {
  good: [[1_320, 0, 0.09]],
  again: [[880, 0, 0.06], [880, 0.1, 0.06]],
  info: [[660, 0, 0.12]],
  warn: [[620, 0, 0.16], [520, 0.2, 0.2]],
  bad: [[190, 0, 0.22], [170, 0.28, 0.22], [150, 0.56, 0.32]],
  done: [[880, 0, 0.09], [1_108, 0.1, 0.09], [1_318, 0.2, 0.18]],
};
const PULSES: Readonly<Record<Tone, readonly number[]>> = {
  good: [40],
  again: [20, 40, 20],
  info: [30],
  warn: [120, 60, 120],
  bad: [250, 80, 250, 80, 250],
  done: [40, 40, 80],
};

let context: AudioContext | undefined;

/** Browsers let a page sound only after a touch: call this from one. */
export function unlockSound(): void {
  try {
    context ??= new AudioContext();
    void context.resume();
  } catch {
    // no sound device: colour, shape and word remain
  }
}

export function play(tone: Tone): void {
  navigator.vibrate?.([...PULSES[tone]]);
  if (!context || context.state !== "running") {
    return;
  }
  for (const [frequency, start, length] of NOTES[tone]) {
    const at = context.currentTime + start;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = tone === "bad" ? "sawtooth" : "sine";
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.35, at + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
  }
}
