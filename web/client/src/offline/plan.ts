/** What the service worker does with a request, as a pure function of it and of the list of what is kept. */

/** What the app is made of, as the service names it at the top of /sw.js. */
export interface Kept {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>; // address -> SHA-256 of what is there, hex
  readonly shells: Readonly<Record<string, string>>; // page -> address of its shell, which names no person
  readonly offline: string; // address of the page that says there is no network
}

export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

/**
 * - kept: the file at `address` as it was kept, and only where it is gone from the network;
 * - page: from the network, and where there is none the page at `address` that says so;
 * - network: not the worker's business.
 */
export type Way = { readonly kind: "kept" | "page"; readonly address: string } | { readonly kind: "network" };

/** Data is never kept: only files of the list and shells are. Whatever changes something is left alone. */
export function wayOf(request: Asked, origin: string, kept: Kept): Way {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== origin) {
    return { kind: "network" };
  }
  if (request.mode === "navigate") {
    const shell = kept.shells[url.pathname];
    return shell ? { kind: "kept", address: shell } : { kind: "page", address: kept.offline };
  }
  return url.pathname in kept.files ? { kind: "kept", address: url.pathname } : { kind: "network" };
}

/** Which files of the new list an older one has already, byte for byte. */
export function sameFiles(kept: Kept["files"], older: Kept["files"]): string[] {
  return Object.keys(kept).filter((address) => older[address] === kept[address]);
}
