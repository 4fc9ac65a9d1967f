/** Small things about promises. */

/** A promise that somebody else keeps: *wait* resolves once *done* is called. */
export interface Latch {
  readonly wait: Promise<void>;
  readonly done: () => void;
}

export function latch(): Latch {
  let done = (): void => undefined;
  const wait = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { wait, done };
}
