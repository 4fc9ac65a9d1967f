/** The limits by which findings are judged: set by POLICY entries, with the core's defaults where none is set. */

import type { Value } from "./cbor";
import tables from "./tables.json";

export type Limit = keyof typeof tables.limits;
export type Policy = Readonly<Record<Limit, number>>;

const NUMBERS = Object.entries(tables.limits) as [Limit, [number, number]][];

export const DEFAULTS = Object.fromEntries(NUMBERS.map(([name, [, value]]) => [name, value])) as Policy;

/** The number by which a POLICY names a limit. */
export function limitNumber(name: Limit): number {
  return tables.limits[name][0] as number;
}

/** The policy with the LIMITS of a POLICY entry; numbers it does not know are left alone. */
export function withLimits(policy: Policy, limits: ReadonlyMap<unknown, Value>): Policy {
  const changed = NUMBERS.filter(([, [number]]) => limits.has(number)).map(([name, [number]]) => [name, limits.get(number)]);
  return { ...policy, ...Object.fromEntries(changed) } as Policy;
}
