/** A key as the log certified it, and when its word counts. */

import { type Bytes } from "./bytes";
import { kidOf } from "./cose";
import type { Entry } from "./event";
import { F } from "./fields";
import { Role } from "./roles";

const COUNTERSIGN = 1;
const NEVER_MS = 4_102_444_800_000;
/** Reason of a revocation in routine, for no loss. */
export const RETIRED = 0;

/** What `faults` asks of an event. */
export interface Times {
  readonly index: number;
  readonly loggedMs: number;
  /** Signed time of the checkpoint it cites, or when it was logged where it cites none. */
  readonly asOfMs: number;
  readonly claimedMs: number;
  /** How late an event may be uploaded. */
  readonly offlineMs: number;
}

interface Facts {
  readonly kid: string;
  readonly key: Bytes;
  readonly person: string;
  readonly device: string;
  readonly roles: ReadonlySet<number>;
  readonly offices: readonly number[];
  readonly agency: number | null;
  readonly secrecyMax: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly kid4: string;
  readonly countersignsOnly: boolean;
  readonly keyStore: number;
  readonly uvPublic: Bytes | null;
  readonly issuer: string;
  /** kid of the person's older key that signed for this one too, or "". */
  readonly replaces: string;
  readonly index: number;
  readonly loggedMs: number;
}

export interface Certificate extends Facts {}

export class Certificate {
  revokedIndex: number | null = null;
  revokedMs: number | null = null;
  retired = false;
  compromisedMs: number | null = null;
  /** Its issuer's key was compromised when it certified this one. */
  tainted = false;

  constructor(facts: Facts) {
    Object.assign(this, facts);
  }

  get isRoot(): boolean {
    return this.roles.has(Role.ROOT);
  }

  /** An enrolment key that no office bounds. */
  get isAuthority(): boolean {
    return this.roles.has(Role.ENROL) && !this.offices.length;
  }

  /** The enrolment key of some offices. */
  get isOffice(): boolean {
    return this.roles.has(Role.ENROL) && this.offices.length > 0;
  }

  /** Whether it is not revoked, and valid at *atMs* where that is given. */
  lives(atMs: number | null = null): boolean {
    return this.revokedIndex === null && (atMs === null || (this.notBeforeMs <= atMs && atMs <= this.notAfterMs));
  }

  /** K02-K05: what its window and revocation say against an event. */
  *faults(times: Times): Generator<[string, string]> {
    const { index, loggedMs, asOfMs, claimedMs } = times;
    if (loggedMs < this.notBeforeMs) {
      yield ["K02", `logged ${this.notBeforeMs - loggedMs} ms before the key was valid`];
    }
    const latestMs = Math.max(asOfMs, claimedMs);
    if (latestMs > this.notAfterMs) {
      yield ["K03", `signed ${latestMs - this.notAfterMs} ms after the certificate ended`];
    }
    if (this.revokedIndex !== null && index > this.revokedIndex) {
      if (!this.isLateUpload(loggedMs, latestMs, times.offlineMs)) {
        yield ["K04", `key was revoked by entry ${this.revokedIndex}`];
      }
    } else if (this.compromisedMs !== null && loggedMs >= this.compromisedMs) {
      yield ["K05", `key was compromised ${loggedMs - this.compromisedMs} ms before`];
    }
    if (this.tainted) {
      yield ["K05", `key ${this.issuer} was compromised when it certified this one`];
    }
  }

  /** It was retired in routine, and the event says, within the limit, that it is older than that. */
  private isLateUpload(loggedMs: number, latestMs: number, offlineMs: number): boolean {
    if (!this.retired || this.compromisedMs !== null || this.revokedMs === null) {
      return false;
    }
    return latestMs <= this.revokedMs && loggedMs - this.revokedMs <= offlineMs;
  }
}

/** The certificate of a KEY_CERT entry. */
export function readCertificate(entry: Entry, replaces: string): Certificate {
  const { event } = entry;
  const key = event.bytes(F.PUBLIC) as Bytes;
  return new Certificate({
    kid: kidOf(key),
    key,
    person: event.hex(F.PERSON) as string,
    device: event.hex(F.DEVICE_ID) ?? "",
    roles: new Set(event.nums(F.ROLES)),
    offices: event.nums(F.OFFICES),
    agency: event.num(F.AGENCY) ?? null,
    secrecyMax: event.num(F.SECRECY_MAX) as number,
    notBeforeMs: event.num(F.NOT_BEFORE) as number,
    notAfterMs: event.num(F.NOT_AFTER) as number,
    kid4: event.hex(F.KID4) ?? "",
    countersignsOnly: event.num(F.USE) === COUNTERSIGN,
    keyStore: event.num(F.KEY_STORE) ?? 0,
    uvPublic: event.bytes(F.UV_PUBLIC) ?? null,
    issuer: event.kid,
    replaces,
    index: entry.index,
    loggedMs: entry.loggedMs,
  });
}

/** What a LOGKEY entry certifies: the log's new key and its clock's. */
export function logCertificates(entry: Entry): Certificate[] {
  return [F.PUBLIC, F.CLOCK_PUBLIC].map((field) => {
    const key = entry.event.bytes(field) as Bytes;
    return new Certificate({
      kid: kidOf(key),
      key,
      person: "00".repeat(8),
      device: "",
      roles: new Set([Role.LOG]),
      offices: [],
      agency: null,
      secrecyMax: 0,
      notBeforeMs: entry.loggedMs,
      notAfterMs: NEVER_MS,
      kid4: "",
      countersignsOnly: false,
      keyStore: 0,
      uvPublic: null,
      issuer: entry.event.kid,
      replaces: "",
      index: entry.index,
      loggedMs: entry.loggedMs,
    });
  });
}
