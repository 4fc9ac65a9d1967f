/** All that goes beside the events of this device: drawings of signatures, records of paper slips. */

import { type Aside, Asides } from "./aside";
import { honestClock } from "./dayclock";
import { t } from "./i18n";

export const DRAWINGS = new Asides("glass", "glass", "drawing");
export const RECORDS = new Asides("slips", "slip", "record");

/** One that the service will never take: what it is, why, and what to do. */
export interface RefusedPaper {
  readonly one: Aside;
  readonly title: string;
  readonly next: string;
  explain(text: string, place: number): Promise<void>;
  again(): Promise<void>; // to be sent once more
}

/** Send what waits, as *signer*; how many of them were refused just now. */
export async function sendPapers(signer: string): Promise<number> {
  return (await DRAWINGS.send(signer)).length + (await RECORDS.send(signer)).length;
}

/** How many of *signer* are signed for, and not with the service yet. */
export async function waitingPapers(signer: string): Promise<number> {
  return (await DRAWINGS.waiting(signer)) + (await RECORDS.waiting(signer));
}

export async function refusedPapers(): Promise<RefusedPaper[]> {
  const of = async (asides: Asides, title: string, next: string): Promise<RefusedPaper[]> => (await asides.refused()).map((one) => ({
    one, title, next, explain: (text, place) => asides.explain(one.text, { text, place, atMs: honestClock().now().ms }),
    again: () => asides.again(one.text),
  }));
  return [
    ...await of(DRAWINGS, t("Signature on the screen"),
      t("The delivery counts, but without its drawing. Tell your supervisor; let the recipient confirm on paper.")),
    ...await of(RECORDS, t("Record a paper slip"), t("What was signed counts, but the slip is not bound to it. Keep both parts and tell your supervisor.")),
  ];
}
