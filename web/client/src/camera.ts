/**
 * The camera: one stream for the whole session, frames to the decoding worker one at a time. What cannot be read
 * for two seconds goes as one still to the service's stronger decoder, less and less often while nothing is read.
 */

import { postForm } from "./api";
import { behind } from "./behind";
import { type DecodeAnswer, Decoder, type Symbol } from "./decoder";
import type { Reason } from "./luma";
import { markFirst } from "./marks";
import { CAMERA, noteCamera, warmed } from "./warmed";

export type { Symbol };

/** What the service's decoder saw; *suggestion* is a number that it could not read, to be confirmed by a person. */
export interface Decoded {
  readonly symbols: readonly Symbol[];
  readonly suggestion: string | null;
}

/** What this camera can do beyond pictures. */
export interface Abilities {
  readonly torch: boolean;
  readonly zoom: { readonly min: number; readonly max: number; readonly step: number } | null;
  readonly focus: boolean; // on a point that is tapped
}

interface MoreCapabilities extends MediaTrackCapabilities {
  readonly torch?: boolean;
  readonly zoom?: { readonly min: number; readonly max: number; readonly step: number };
  readonly focusMode?: readonly string[];
}

interface MoreSupport extends MediaTrackSupportedConstraints {
  readonly pointsOfInterest?: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a press in a box lies in a picture that covers it, 0 to 1 from the top left; the rest of the picture is cut off. */
export function pointIn(picture: Size, box: Size, press: { readonly x: number; readonly y: number }): { x: number; y: number } {
  const scale = Math.max(box.width / picture.width, box.height / picture.height);
  const place = (at: number, length: number, whole: number): number =>
    Math.min(1, Math.max(0, (at + (whole * scale - length) / 2) / (whole * scale)));
  return { x: place(press.x, box.width, picture.width), y: place(press.y, box.height, picture.height) };
}

const HARD_EVERY = 3;
const STILL_AFTER_MS = 2_000;
const STILL_LONGEST_MS = 30_000;
const GAP_MS = 40;
const REST_MS = 200; // no picture to look at
const AGAIN_MS = 1_000; // nobody looked: the decoder is fetched again
const UNSEEN: DecodeAnswer = { symbols: [], glimpsed: false, reason: null };
const FOCUS_HELD_MS = 4_000; // then the camera looks for itself again

export class Camera {
  readonly video = document.createElement("video");
  private readonly decoder = new Decoder();
  private stream: MediaStream | undefined;
  private running = false;
  private frames = 0;
  private turns = 0; // how often reading was taken up: of two loops the later one goes on
  private lastReadMs = 0;
  private stillWaitMs = STILL_AFTER_MS;
  private stillMs = 0;
  private refocus: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly onSymbols: (symbols: readonly Symbol[]) => void,
    private readonly onUnread: (reason: Reason | null) => void = () => undefined,
    private readonly onSuggestion: (number: string | null) => void = () => undefined,
    private readonly onDecoder: (works: boolean) => void = () => undefined,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
  }

  /** Open the stream, or go on with the one there is. Rejects with the browser's own error (NotAllowedError...). */
  async start(): Promise<Abilities> {
    if (!this.stream?.active) {
      this.stream = await this.openStream();
      this.video.srcObject = this.stream;
    }
    performance.mark("camera-given");
    await this.video.play();
    performance.mark("camera-plays");
    this.resume();
    behind(this.follow());
    return this.abilities();
  }

  /** The stream that the page began with its first line, or a new one. */
  private async openStream(): Promise<MediaStream> {
    try {
      const early = await warmed().takeStream?.()?.catch(() => undefined);
      const stream = early?.active ? early : await navigator.mediaDevices.getUserMedia(CAMERA);
      noteCamera(true);
      return stream;
    } catch (error) {
      noteCamera(false);
      throw error;
    }
  }

  /** Read on; the stream was never closed. */
  resume(): void {
    if (!this.running && this.stream) {
      this.running = true;
      this.lastReadMs = performance.now();
      this.stillWaitMs = STILL_AFTER_MS;
      this.turns += 1;
      behind(this.next(this.turns));
    }
  }

  /** Stop reading and keep the stream. */
  pause(): void {
    this.running = false;
  }

  stop(): void {
    this.pause();
    for (const track of this.stream?.getTracks() ?? []) {
      track.stop();
    }
    this.stream = undefined;
  }

  /** Stop for good: the decoder goes as well. */
  close(): void {
    this.stop();
    this.decoder.close();
  }

  async setTorch(on: boolean): Promise<void> {
    await this.track()?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  }

  async setZoom(zoom: number): Promise<void> {
    await this.track()?.applyConstraints({ advanced: [{ zoom } as MediaTrackConstraintSet] });
  }

  /** Focus on a point, 0 to 1 from the top left; after a while the camera looks for itself again. */
  async focusAt(point: { readonly x: number; readonly y: number }): Promise<void> {
    clearTimeout(this.refocus);
    this.refocus = setTimeout(() => behind(this.follow()), FOCUS_HELD_MS);
    const wanted: MediaTrackConstraintSet & Record<string, unknown> = { focusMode: "single-shot", pointsOfInterest: [point] };
    await this.track()?.applyConstraints({ advanced: [wanted] });
  }

  /** Let the camera focus by itself, where it can be told to. */
  private async follow(): Promise<void> {
    if (this.can().focusMode?.includes("continuous")) {
      await this.track()?.applyConstraints({ advanced: [{ focusMode: "continuous" } as MediaTrackConstraintSet] })
        .catch(() => undefined); // it has its own mind
    }
  }

  private abilities(): Abilities {
    const can = this.can();
    const points = (navigator.mediaDevices.getSupportedConstraints() as MoreSupport).pointsOfInterest === true;
    return {
      torch: can.torch === true,
      zoom: can.zoom && can.zoom.max > can.zoom.min ? can.zoom : null,
      focus: points && can.focusMode?.includes("single-shot") === true,
    };
  }

  private can(): MoreCapabilities {
    const track = this.track();
    return track && "getCapabilities" in track ? track.getCapabilities() : {};
  }

  private track(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0];
  }

  private async next(turn: number): Promise<void> {
    if (!this.running || turn !== this.turns) {
      return;
    }
    if (document.hidden || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      setTimeout(() => behind(this.next(turn)), REST_MS);
      return;
    }
    this.frames += 1;
    markFirst("frame");
    const bitmap = await createImageBitmap(this.video).catch(() => null); // the stream has just ended
    const answer = bitmap ? await this.decoder.look({ bitmap, hard: this.frames % HARD_EVERY === 0 }) : UNSEEN;
    if (this.running && turn === this.turns) {
      setTimeout(() => behind(this.next(turn)), answer.error === undefined ? GAP_MS : AGAIN_MS); // whatever becomes of this answer
      this.onAnswer(answer);
    }
  }

  private onAnswer(answer: DecodeAnswer): void {
    markFirst("decoded");
    this.onDecoder(answer.error === undefined);
    if (answer.symbols.length) {
      this.lastReadMs = performance.now();
      this.stillWaitMs = STILL_AFTER_MS;
      this.onSymbols(answer.symbols);
    } else {
      this.onUnread(answer.reason);
      this.considerStill(answer.glimpsed);
    }
  }

  private considerStill(glimpsed: boolean): void {
    const now = performance.now();
    const due = Math.max(this.lastReadMs, this.stillMs) + (glimpsed ? STILL_AFTER_MS : this.stillWaitMs);
    if (now < due || !navigator.onLine) {
      return;
    }
    this.stillMs = now;
    this.stillWaitMs = Math.min(this.stillWaitMs * 2, STILL_LONGEST_MS);
    void this.sendStill().catch(() => undefined); // the camera reads on either way
  }

  private async sendStill(): Promise<void> {
    const turn = this.turns;
    const canvas = new OffscreenCanvas(this.video.videoWidth, this.video.videoHeight);
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const { symbols, suggestion } = await decodePicture(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 }));
    if (!this.running || turn !== this.turns) {
      return; // of what lay there before a pause
    }
    if (symbols.length) {
      this.stillWaitMs = STILL_AFTER_MS;
      this.onSymbols(symbols);
    } else {
      this.stillWaitMs = suggestion ? STILL_AFTER_MS : this.stillWaitMs;
      this.onSuggestion(suggestion);
    }
  }
}

/** A picture through the service's decoder, which drops it afterwards. */
export async function decodePicture(picture: Blob): Promise<Decoded> {
  const form = new FormData();
  form.append("image", picture, "picture.jpg");
  return postForm<Decoded>("/api/v1/decode", form);
}
