/**
 * Saying a number without a network: by a voice that is on this device where it has one for the language, else by
 * our own clips. A voice that would send the words to another host (localService false) is never used.
 */

import { audio, isMuted } from "../sound";
import { type Clips, readClips } from "./clips";
import { numberWords, type Spoken } from "./numbers";

const AFTER_TONE_S = 0.16; // the tone first, then the word
const BETWEEN_S = 0.02;

let clips: Promise<Clips | null> | undefined;
let sounding: AudioBufferSourceNode[] = [];

/** The language to speak: the page's, or Vietnamese. */
export function spokenLanguage(lang = document.documentElement.lang): Spoken {
  return lang.startsWith("en") ? "en" : "vi";
}

/** Have everything ready before the first word is wanted. */
export function prepareSpeech(language = spokenLanguage()): void {
  clips ??= localVoice(language) ? undefined : fetchClips(language);
}

/** Say *count*, in place of what was being said. Silent where it cannot be: the count is on the screen as well. */
export async function speakNumber(count: number, language = spokenLanguage()): Promise<void> {
  stopSpeech();
  const words = numberWords(count, language);
  if (isMuted() || !words.length) {
    return;
  }
  const voice = localVoice(language);
  if (voice) {
    const utterance = new SpeechSynthesisUtterance(words.join(" "));
    utterance.voice = voice;
    utterance.lang = voice.lang;
    speechSynthesis.speak(utterance);
    return;
  }
  clips ??= fetchClips(language);
  const known = await clips;
  if (known) {
    playClips(known, words);
  }
}

export function stopSpeech(): void {
  globalThis.speechSynthesis?.cancel();
  for (const source of sounding) {
    source.stop();
  }
  sounding = [];
}

function localVoice(language: Spoken): SpeechSynthesisVoice | undefined {
  return globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));
}

async function fetchClips(language: Spoken): Promise<Clips | null> {
  try {
    const answer = await fetch(`/static/speech/${language}.bin`);
    return answer.ok ? readClips(new Uint8Array(await answer.arrayBuffer())) : null;
  } catch {
    clips = undefined; // perhaps at the next word
    return null;
  }
}

function playClips(known: Clips, words: readonly string[]): void {
  const context = audio();
  if (!context) {
    return;
  }
  let at = context.currentTime + AFTER_TONE_S;
  sounding = words.flatMap((word) => {
    const samples = known.samples.get(word);
    if (!samples) {
      return [];
    }
    const buffer = context.createBuffer(1, samples.length, known.rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(at);
    at += samples.length / known.rate + BETWEEN_S;
    return [source];
  });
}
