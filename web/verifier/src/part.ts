/** One item out of a part of a log: what a dossier holds. */

import { DEEPEST } from "./containers";
import type { Entry, Event } from "./event";
import { E, F } from "./fields";
import { Chain } from "./judge";
import type { Network } from "./network";
import type { Anchors } from "./step";
import { Watch } from "./watch";

/** The containers that *entries* say an item was in, and those that these were in, as deep as may be. */
export function containersAround(entries: readonly Entry[], uid: string): Set<string> {
  const loads = entries.map((entry) => entry.event).filter(({ type }) => type === E.LOAD || type === E.UNLOAD);
  const found = new Set<string>();
  let todo = new Set([uid]);
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    const inner = loads.filter((event) => [...todo].some((one) => event.item(one))).map((event) => event.hex(F.CONTAINER) as string);
    todo = new Set(inner.filter((one) => !found.has(one)));
    todo.forEach((one) => found.add(one));
  }
  found.delete(uid);
  return found;
}

/** Fold one item out of some entries of a log, in log order, which are all that is known of it. */
export function judgePart(entries: readonly Entry[], uid: string, network: Network, anchors: Anchors): Chain {
  const known = new Map(entries.map((entry) => [entry.event.id, entry]));
  const find = (id: string, index: number): Event | undefined => {
    const entry = known.get(id);
    return entry && entry.index <= index ? entry.event : undefined;
  };
  const around = containersAround(entries, uid);
  const watch = new Watch(network);
  const chain = new Chain(uid, { network, anchors, find }, around);
  for (const entry of entries) {
    if ([uid, ...around].some((one) => entry.event.item(one))) {
      chain.add(entry);
    }
    watch.add(entry).forEach((accused) => chain.accuse(accused.uid, entry, accused.code, accused.detail));
  }
  return chain;
}
