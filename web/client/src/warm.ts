/**
 * The slowest parts of a page that scans, begun with its first line, while its scripts are still read: the decoder, and
 * the camera where it opened here before. A plain script of its own, since modules come too late; `warmed.ts` hands on.
 */

import { CAMERA, wasCameraOpen, WORKER } from "./warmed";

const PATIENCE_MS = 30_000; // then nobody wants it

performance.mark("camera-asked");
let worker: Worker | undefined = new Worker(WORKER, { type: "module" });
worker.onerror = (event) => {
  event.preventDefault(); // whoever wants one makes another
  worker = undefined;
};
let stream = wasCameraOpen() ? navigator.mediaDevices?.getUserMedia(CAMERA) : undefined;
stream?.catch(() => undefined); // whoever takes it hears of it

const taken = {
  takeWorker: (): Worker | undefined => {
    const mine = worker;
    worker = undefined;
    return mine;
  },
  takeStream: (): Promise<MediaStream> | undefined => {
    const mine = stream;
    stream = undefined;
    return mine;
  },
};
window.tramWarmed = taken;
setTimeout(() => {
  taken.takeWorker()?.terminate();
  taken.takeStream()?.then((open) => open.getTracks().forEach((track) => track.stop())).catch(() => undefined);
}, PATIENCE_MS);
