/** What marks practice wherever it could be taken for earnest: its network, its issuing key. Nothing of it is secret. */

/** The network of practice events, "practice" in ASCII. A real one is a hash of the log's origin: the service refuses this (E07). */
export const PRACTICE_NET = "7072616374696365";

/** The issuing key of practice labels, "PRAC" in ASCII: a real page knows such a label for what it is. */
export const PRACTICE_KID4 = "50524143";

/** Somebody tried to keep or send what was signed at practice. */
export class PracticeError extends Error {
  constructor() {
    super("practice is neither kept nor sent");
  }
}

/** Throws PracticeError for the practice network: asked wherever something is kept or sent. */
export function refusePractice(net: string): void {
  if (net === PRACTICE_NET) {
    throw new PracticeError();
  }
}
