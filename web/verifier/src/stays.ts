/** Stays in containers: which findings of a container concern what was in it. */

import type { Entry } from "./event";
import type { Finding } from "./findings";
import type { Item } from "./item";

const GROUPS: ReadonlySet<string> = new Set("LEKCSPTGXDA");
const CODES: ReadonlySet<string> = new Set(["B05", "B06", "B07", "B10"]);
const MISSING = "B02";

/** What is asked of a container's chain. */
export interface Box {
  readonly item: Item;
  readonly entries: readonly Entry[];
  /** Everything found of it. */
  readonly findings: readonly Finding[];
  /** Whether an event took effect. */
  counts(eventId: string): boolean;
}

/** A stay in a container, until that was opened, or until the event at *end* took the item out of it closed. */
export interface Stay {
  readonly container: string;
  readonly end: number | null;
}

/**
 * What was found of the containers that something was in, and concerns whatever was in them; by the place of an event in
 * the container's chain, not in the log. What moved nothing counts only if it came before the opening.
 */
export function shared(stays: readonly Stay[], around: ReadonlyMap<string, Box>): Finding[] {
  return stays.flatMap(({ container, end }) => {
    const box = around.get(container) as Box;
    const places = new Map(box.entries.map(({ event }) => [event.id, event.item(container)?.seq as number]));
    return box.findings.filter((one) =>
      (end === null || one.index <= end) && concerns(one, places) && !isAfterOpening(one, box, places));
  });
}

/** Not what is only about the count; but a container that was missing itself has everything in it missing. */
function concerns({ code, eventId }: Finding, places: ReadonlyMap<string, number>): boolean {
  return code === MISSING ? !places.has(eventId) : GROUPS.has(code[0] as string) || CODES.has(code);
}

function isAfterOpening(one: Finding, box: Box, places: ReadonlyMap<string, number>): boolean {
  const { opened } = box.item;
  const place = places.get(one.eventId);
  if (!opened || place === undefined) {
    return false;
  }
  return box.counts(one.eventId) ? place > (places.get(opened.event.id) as number) : one.index > opened.index;
}
