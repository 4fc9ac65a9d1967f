/** All rules in the order they are asked; what stops a step, and which acts leave a mark, is data. */

import { clone, foreignSight, labelEvidence, labelScanned, seal, weight } from "./cover";
import { clockQuality, dwell, lateSync, outOfHours, staleAnchor, time, tooFast } from "./clock";
import { contents, doubleLoad, load, opening, unload } from "./containers";
import { E } from "./fields";
import { destination, genesis, offerExpiry, returnLoop, sequence, transition } from "./links";
import {
  author, countersignature, custodian, decision, duties, keyValidity, offeree, oneDevice, person, proofOfDelivery, role,
  secondCourier, secondPerson, selfHandover, softKey,
} from "./persons";
import { controls, officeScope, position, presence, repeatedNode, route, travel } from "./place";
import { lateDelivery } from "./promise";
import { issued } from "./seals";
import type { Rule } from "./step";
import tables from "./tables.json";
import { userVerified } from "./webauthn";

export const RULES: readonly Rule[] = [
  keyValidity, role, softKey, userVerified, officeScope, person, custodian, author, offeree, countersignature, secondPerson,
  secondCourier, proofOfDelivery, decision, duties, selfHandover, oneDevice,
  genesis, sequence, transition, offerExpiry, destination, returnLoop, repeatedNode,
  contents, load, unload, doubleLoad, opening,
  time, lateSync, staleAnchor, clockQuality, lateDelivery, outOfHours, dwell, tooFast,
  travel, route, controls, position, presence,
  labelEvidence, labelScanned, seal, issued, weight, foreignSight, clone,
];

/** What is asked of an event on a losing branch: the state it speaks of never was. */
export const FORK_RULES: readonly Rule[] = [keyValidity, role, person, labelEvidence];

/** What is asked of who takes a container over, for each thing that is in it. */
export const CONTENT_RULES: readonly Rule[] = [role, secondCourier, userVerified];

/** Acts that leave a permanent mark when they take effect. */
export const MARKS: ReadonlyMap<number, string> = new Map(Object.entries(tables.marks).map(([type, code]) => [Number(type), code]));

const BLOCKING: ReadonlySet<string> = new Set(tables.blocking);
const UNPROVEN: ReadonlySet<string> = new Set(["B03", "B04"]);

/** Whether an event under these findings moves nothing; a bag that is open is open, whatever was in it. */
export function isBlocked(type: number, codes: ReadonlySet<string>): boolean {
  const isAny = (set: ReadonlySet<string>): boolean => [...codes].some((code) => set.has(code));
  return isAny(BLOCKING) || ((type === E.LOAD || type === E.UNLOAD) && isAny(UNPROVEN));
}
