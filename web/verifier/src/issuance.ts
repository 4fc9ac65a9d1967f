/** Who may write which system entry: root, authority, office, and what each of them may make or end. */

import { Certificate } from "./certificate";
import type { Event } from "./event";
import { E, F } from "./fields";
import { Role } from "./roles";

/** What any certified key says for itself. */
export const OWN_WORD: ReadonlySet<number> = new Set([E.DEVICE_HEAD, E.PAPER_ANCHOR]);
const OF_THE_LOG: ReadonlySet<number> = new Set([E.HEADMAP, E.LOGKEY]);
const OF_KEYS: ReadonlySet<number> = new Set([E.KEY_CERT, E.KEY_REVOKE]);

/** A key that is made or ended, as far as it matters who may. */
export interface Subject {
  readonly roles: ReadonlySet<number>;
  readonly offices: readonly number[];
  readonly signsLabels: boolean;
  /** It takes for a body. */
  readonly speaksForAgency: boolean;
}

/** What a KEY_CERT makes, or what the revocation of a certified key ends. */
export function subjectOf(what: Event | Certificate): Subject {
  if (what instanceof Certificate) {
    const { roles, offices, kid4, agency } = what;
    return { roles, offices, signsLabels: kid4 !== "", speaksForAgency: agency !== null };
  }
  return {
    roles: new Set(what.nums(F.ROLES)),
    offices: what.nums(F.OFFICES),
    signsLabels: what.fields.has(F.KID4),
    speaksForAgency: what.fields.has(F.AGENCY),
  };
}

/** Whether *issuer* may write a system entry of *type*, which makes or ends *subjects*. */
export function mayWrite(issuer: Certificate, type: number, subjects: readonly Subject[]): boolean {
  if (OWN_WORD.has(type) || (OF_THE_LOG.has(type) && issuer.roles.has(Role.LOG))) {
    return true;
  }
  if (type === E.LOGKEY) {
    return false;
  }
  if (issuer.isRoot) {
    return true;
  }
  if (issuer.isAuthority) {
    return !subjects.some(isForRoots);
  }
  return issuer.isOffice && OF_KEYS.has(type) && subjects.every((subject) => isWithin(subject, issuer.offices));
}

/** Only root keys make or end it: a root, an authority, a key of the log. */
function isForRoots({ roles, offices }: Subject): boolean {
  return roles.has(Role.ROOT) || roles.has(Role.LOG) || (!offices.length && roles.has(Role.ENROL));
}

/** An ordinary key, bound to some of *offices* and to no other, and to no body. */
function isWithin(subject: Subject, offices: readonly number[]): boolean {
  const isSpecial = [Role.ROOT, Role.LOG, Role.ENROL, Role.WITNESS].some((role) => subject.roles.has(role));
  return !isSpecial && !subject.signsLabels && !subject.speaksForAgency && subject.offices.length > 0
    && subject.offices.every((office) => offices.includes(office));
}
