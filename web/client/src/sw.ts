/// <reference lib="webworker" />
/**
 * The service worker: keeps the app, so that it opens with no network. It holds no data and no person's page; what is
 * signed waits in the outbox, which it does not touch. A new version waits until a page asks it to take over.
 */

import { type Kept, sameFiles, wayOf } from "./offline/plan";

declare const self: ServiceWorkerGlobalScope;
declare const KEPT: Kept; // written before this script by the service

const PREFIX = "tram-app-";
const NAME = PREFIX + KEPT.version;
const LIST = "/sw.js?list"; // where a cache keeps its own list

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));
self.addEventListener("message", (event) => {
  if (event.data === "take-over") {
    event.waitUntil(self.skipWaiting());
  }
});
self.addEventListener("fetch", (event) => {
  const way = wayOf(event.request, self.location.origin, KEPT);
  if (way.kind === "kept") {
    event.respondWith(keptOrNetwork(way.address, event.request));
  } else if (way.kind === "page") {
    event.respondWith(networkOrKept(event.request, way.address));
  }
});

/** All or nothing: a version of which one file is missing or another never takes over. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(NAME);
  await takeOver(cache);
  const missing: string[] = [];
  for (const address of Object.keys(KEPT.files)) {
    if (!(await cache.match(address))) {
      missing.push(address);
    }
  }
  await Promise.all(missing.map((address) => keep(cache, address)));
  await cache.put(LIST, Response.json(KEPT.files));
}

/** What an older version has byte for byte is not fetched again. */
async function takeOver(cache: Cache): Promise<void> {
  for (const name of await caches.keys()) {
    const older = name.startsWith(PREFIX) && name !== NAME ? await caches.open(name) : undefined;
    const list = (await (await older?.match(LIST))?.json()) as Kept["files"] | undefined;
    for (const address of list ? sameFiles(KEPT.files, list) : []) {
      const answer = await older?.match(address);
      if (answer) {
        await cache.put(address, answer);
      }
    }
  }
}

async function keep(cache: Cache, address: string): Promise<void> {
  const answer = await fetch(address, { cache: "no-cache", redirect: "error" });
  const copy = answer.clone();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!answer.ok || hex !== KEPT.files[address]) {
    throw new Error(`${address} is not what this version lists (status ${answer.status})`);
  }
  await cache.put(address, copy);
}

async function dropOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(others.map((name) => caches.delete(name)));
}

let opened: Promise<Cache> | undefined; // once for the dozens of files of a start

async function keptOrNetwork(address: string, request: Request): Promise<Response> {
  opened ??= caches.open(NAME);
  return (await (await opened).match(address)) ?? fetch(request);
}

async function networkOrKept(request: Request, address: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await (await caches.open(NAME)).match(address);
    if (!page) {
      throw error;
    }
    return page;
  }
}
