/**
 * The camera: one stream for the whole session, frames to the decoding worker one at a time. What cannot be read
 * for two seconds goes as one still to the service's stronger decoder, less and less often while nothing is read.
 */

import { postForm } from "./api";

export interface DecodeRequest {
  readonly bitmap: ImageBitmap;
  readonly hard: boolean;
}

export interface Symbol {
  readonly text: string;
  readonly format: string;
}

export interface DecodeAnswer {
  readonly symbols: readonly Symbol[];
  readonly glimpsed: boolean;
  readonly error?: string;
}

/** What this camera can do beyond pictures. */
export interface Abilities {
  readonly torch: boolean;
  readonly zoom: { readonly min: number; readonly max: number; readonly step: number } | null;
}

interface MoreCapabilities extends MediaTrackCapabilities {
  readonly torch?: boolean;
  readonly zoom?: { readonly min: number; readonly max: number; readonly step: number };
}

const HARD_EVERY = 3;
const STILL_AFTER_MS = 2_000;
const STILL_LONGEST_MS = 30_000;
const GAP_MS = 40;

export class Camera {
  readonly video = document.createElement("video");
  private readonly worker = new Worker("/static/build/worker.js", { type: "module" });
  private stream: MediaStream | undefined;
  private running = false;
  private frames = 0;
  private lastReadMs = 0;
  private stillWaitMs = STILL_AFTER_MS;
  private stillMs = 0;

  constructor(private readonly onSymbols: (symbols: readonly Symbol[]) => void) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.worker.addEventListener("message", (event: MessageEvent<DecodeAnswer>) => this.onAnswer(event.data));
  }

  /** Open the stream, or go on with the one there is. Rejects with the browser's own error (NotAllowedError...). */
  async start(): Promise<Abilities> {
    if (!this.stream?.active) {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
      this.video.srcObject = this.stream;
    }
    await this.video.play();
    this.resume();
    return this.abilities();
  }

  /** Read on; the stream was never closed. */
  resume(): void {
    if (!this.running && this.stream) {
      this.running = true;
      this.lastReadMs = performance.now();
      this.stillWaitMs = STILL_AFTER_MS;
      void this.next();
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

  async setTorch(on: boolean): Promise<void> {
    await this.track()?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  }

  async setZoom(zoom: number): Promise<void> {
    await this.track()?.applyConstraints({ advanced: [{ zoom } as MediaTrackConstraintSet] });
  }

  private abilities(): Abilities {
    const track = this.track();
    const can: MoreCapabilities = track && "getCapabilities" in track ? track.getCapabilities() : {};
    return { torch: can.torch === true, zoom: can.zoom && can.zoom.max > can.zoom.min ? can.zoom : null };
  }

  private track(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0];
  }

  private async next(): Promise<void> {
    if (!this.running) {
      return;
    }
    if (document.hidden || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      setTimeout(() => void this.next(), 200);
      return;
    }
    this.frames += 1;
    const bitmap = await createImageBitmap(this.video);
    this.worker.postMessage({ bitmap, hard: this.frames % HARD_EVERY === 0 } satisfies DecodeRequest, [bitmap]);
  }

  private onAnswer(answer: DecodeAnswer): void {
    if (!this.running) {
      return;
    }
    if (answer.symbols.length) {
      this.lastReadMs = performance.now();
      this.stillWaitMs = STILL_AFTER_MS;
      this.onSymbols(answer.symbols);
    } else {
      this.considerStill(answer.glimpsed);
    }
    setTimeout(() => void this.next(), GAP_MS);
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
    const canvas = new OffscreenCanvas(this.video.videoWidth, this.video.videoHeight);
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const symbols = await decodePicture(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 }));
    if (symbols.length && this.running) {
      this.stillWaitMs = STILL_AFTER_MS;
      this.onSymbols(symbols);
    }
  }
}

/** A picture through the service's decoder, which drops it afterwards. */
export async function decodePicture(picture: Blob): Promise<readonly Symbol[]> {
  const form = new FormData();
  form.append("image", picture, "picture.jpg");
  return (await postForm<{ symbols: Symbol[] }>("/api/v1/decode", form)).symbols;
}
