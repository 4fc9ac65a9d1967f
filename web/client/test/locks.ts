/** Locks and a secure context, as a browser has them and node has not. */

const queues = new Map<string, Promise<unknown>>();
Object.defineProperty(globalThis, "navigator", { configurable: true, value: {
  locks: { request: (name: string, work: () => Promise<unknown>) => {
    const turn = (queues.get(name) ?? Promise.resolve()).catch(() => undefined).then(work);
    queues.set(name, turn);
    return turn;
  } },
} });
Object.defineProperty(globalThis, "isSecureContext", { value: true });
