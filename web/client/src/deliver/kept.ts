/** Drawings on their way to the service. */

import { type Aside, Asides } from "../aside";

const DRAWINGS = new Asides("glass", "glass", "drawing");

/** Keep a drawing until its delivery is in the log. */
export function keepDrawing(one: Aside): Promise<void> {
  return DRAWINGS.keep(one);
}

/** Send the drawings that wait, as *signer*. */
export async function sendDrawings(signer: string): Promise<void> {
  await DRAWINGS.send(signer);
}
