/** Work that nobody waits for, whose failure is said all the same: never an error that only the console sees. */

type Listener = (error: unknown) => void;

let tell: Listener = (error) => console.error(error);

/** From now on *listener* says on the page what failed. */
export function onFailed(listener: Listener): void {
  tell = listener;
}

/** Let *work* go on by itself. */
export function behind(work: Promise<unknown> | false | null | undefined): void {
  if (work) {
    work.catch((error: unknown) => tell(error));
  }
}
