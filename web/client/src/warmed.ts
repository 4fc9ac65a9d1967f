/** What `warm.ts` began before the scripts of the page were read, for whoever needs it first. */

/** Each is taken once; who takes it has to end it. */
export interface Warmed {
  takeWorker?: () => Worker | undefined;
  takeStream?: () => Promise<MediaStream> | undefined;
}

declare global {
  interface Window {
    tramWarmed?: Warmed;
  }
}

/** What there is of it: nothing on a page that does not begin warm. */
export function warmed(): Warmed {
  return globalThis.window?.tramWarmed ?? {};
}

/** Close what nobody took: the page has no use for a camera. */
export async function dropWarmed(): Promise<void> {
  warmed().takeWorker?.()?.terminate();
  const stream = await warmed().takeStream?.()?.catch(() => undefined);
  stream?.getTracks().forEach((track) => track.stop());
}

export const WORKER = "/static/build/worker.js";

/** What the camera is asked for. */
export const CAMERA: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
};

const KEY = "tram-camera";

/** Whether the camera opened here the last time, under whoever is still signed in: then it opens with the page's first line. */
export function wasCameraOpen(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // a browser that keeps nothing
  }
}

/** Note that the camera opened; or that it could not be opened, or that nobody is signed in any more. */
export function noteCamera(open: boolean): void {
  try {
    if (open) {
      localStorage.setItem(KEY, "open");
    } else {
      localStorage.removeItem(KEY);
    }
  } catch {
    // then it opens a little later the next time
  }
}
