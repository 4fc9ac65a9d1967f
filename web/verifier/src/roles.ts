/** Roles of a key certificate, and how far up a person may handle secret marks. */

import tables from "./tables.json";

export const Role = tables.roles;
export const CUSTODY_ROLES: ReadonlySet<number> = new Set(tables.custodyRoles);
export const ROLE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Role).map(([name, number]) => [number, name]));

const RANK = [0, 3, 2, 1]; // by the codes of SECRECY: none < C < B < A

/** Whether a certificate up to *most* covers an item marked *secrecy* (0 none, 1 A, 2 B, 3 C). */
export function mayHandle(most: number, secrecy: number): boolean {
  return (RANK[secrecy] as number) <= (RANK[most] as number);
}
