/** Offices and bodies, routes, hours and seals, as the log names them. Every answer is as of an index. */

import { type Bytes } from "./bytes";
import type { Entry } from "./event";
import { E, F } from "./fields";

export interface Org {
  readonly code: number;
  /** (latitude + 90, longitude + 180) in 1e-5 degrees. */
  readonly position: readonly [number, number] | null;
  readonly servedBy: number | null;
}

export interface Route {
  readonly number: number;
  readonly stops: readonly number[];
  readonly mandatory: ReadonlySet<number>;
}

/** How an item may get from one office to another, by any of some routes: the offices between, and each route's controls. */
export interface Way {
  readonly nodes: ReadonlySet<number>;
  readonly controls: readonly ReadonlySet<number>[];
}

/** When an office works, at +07:00; days count from 2024-01-01, weekdays from Monday = 0. */
export interface Calendar {
  readonly hours: ReadonlyMap<number, readonly (readonly [number, number])[]>;
  readonly holidays: ReadonlySet<number>;
  readonly workdays: ReadonlySet<number>;
}

export interface SealLot {
  readonly sealType: number;
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
  readonly digits: number;
  readonly salt: Bytes;
}

/** Values of things over the log, oldest first. */
class History<T> {
  private readonly known = new Map<number, { index: number; value: T }[]>();

  add(name: number, index: number, value: T): void {
    this.known.set(name, [...(this.known.get(name) ?? []), { index, value }]);
  }

  /** The newest value from an entry before *index*. */
  at(name: number, index: number): T | undefined {
    return this.known.get(name)?.findLast((one) => one.index < index)?.value;
  }

  names(): number[] {
    return [...this.known.keys()];
  }
}

export class Directory {
  private readonly orgs = new History<Org>();
  private readonly routesKnown = new History<Route>();
  private readonly calendars = new History<Calendar>();
  private readonly lotsKnown: { index: number; lot: SealLot }[] = [];

  /** Take in an ORG, ROUTE, CALENDAR or SEAL_LOT entry; other types change nothing. */
  apply(entry: Entry): void {
    const { event, index } = entry;
    if (event.type === E.ORG) {
      const code = event.num(F.ORG_ID) as number;
      const position = event.nums(F.POSITION) as [number, number] | [];
      this.orgs.add(code, index, { code, position: position.length ? position : null, servedBy: event.num(F.SERVED_BY) ?? null });
    } else if (event.type === E.ROUTE) {
      const number = event.num(F.ROUTE_ID) as number;
      this.routesKnown.add(number, index, { number, stops: event.nums(F.STOPS), mandatory: new Set(event.nums(F.MANDATORY)) });
    } else if (event.type === E.CALENDAR) {
      this.calendars.add(event.num(F.ORG_ID) as number, index, calendarOf(entry));
    } else if (event.type === E.SEAL_LOT) {
      const [first, last, digits] = event.nums(F.LOT_RANGE) as [number, number, number];
      const sealType = event.num(F.SEAL_TYPE) as number;
      const salt = event.bytes(F.LOT_SALT) as Bytes;
      this.lotsKnown.push({ index, lot: { sealType, prefix: event.text(F.LOT_PREFIX) as string, first, last, digits, salt } });
    }
  }

  org(code: number, index: number): Org | undefined {
    return this.orgs.at(code, index);
  }

  routes(index: number): Route[] {
    return this.routesKnown.names().flatMap((number) => this.routesKnown.at(number, index) ?? []);
  }

  /** The way between two offices as an entry at *index* finds it; none where no route has both in order. */
  way(start: number, end: number, index: number, isBackwards: boolean): Way | null {
    const parts = this.routes(index).flatMap((route) => {
      const [first, last] = [route.stops.indexOf(start), route.stops.indexOf(end)];
      if (first < 0 || last < 0 || (first > last && !isBackwards)) {
        return [];
      }
      return [{ nodes: route.stops.slice(Math.min(first, last), Math.max(first, last) + 1), mandatory: route.mandatory }];
    });
    return parts.length ? {
      nodes: new Set(parts.flatMap(({ nodes }) => nodes)),
      controls: parts.map(({ nodes, mandatory }) => new Set(nodes.filter((node) => mandatory.has(node)))),
    } : null;
  }

  /** An office's hours as an entry at *index* finds them; without one, as they are now. */
  calendar(office: number, index = Infinity): Calendar | undefined {
    return this.calendars.at(office, index);
  }

  lots(index: number): SealLot[] {
    return this.lotsKnown.filter((one) => one.index < index).map((one) => one.lot);
  }
}

function calendarOf({ event }: Entry): Calendar {
  const hours = new Map<number, (readonly [number, number])[]>();
  for (const [weekday, begin, end] of event.fields.get(F.HOURS) as unknown as [number, number, number][]) {
    hours.set(weekday, [...(hours.get(weekday) ?? []), [begin, end]]);
  }
  return { hours, holidays: new Set(event.nums(F.HOLIDAYS)), workdays: new Set(event.nums(F.WORKDAYS)) };
}
