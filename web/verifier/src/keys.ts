/** Who may sign: the certificates in the log, and the rules by which a key's words count (docs/spec/event.md, section 5). */

import { type Bytes, equal } from "./bytes";
import { type Certificate, logCertificates, readCertificate, RETIRED } from "./certificate";
import { kidOf } from "./cose";
import { isValidPoint } from "./ed25519";
import { SignatureError } from "./errors";
import type { Entry, Event } from "./event";
import { CHAIN_TYPES, E, F } from "./fields";
import { mayWrite, OWN_WORD, subjectOf } from "./issuance";
import { changeOf, type LogChange } from "./logkeys";
import { DEFAULTS, limitNumber } from "./policy";
import { Role } from "./roles";
import { approvers } from "./threshold";

const THRESHOLD = limitNumber("root_threshold");
const NOBODY = "00".repeat(8);

/** The certificates of a log, grown entry by entry in log order. */
export class KeyRing {
  /** How many root keys must sign what roots alone may say. */
  threshold = DEFAULTS.root_threshold;
  readonly logChanges: LogChange[] = [];
  private readonly certificates = new Map<string, Certificate[]>();
  private readonly logKeys = new Map<string, Certificate>();
  private readonly labels = new Map<string, string>();
  private readonly people = new Map<string, string[]>();

  /** *roots* are the kids that are believed without a certificate by another; where empty, the log's very first key. */
  constructor(private readonly roots: ReadonlySet<string>) {}

  /** Take a system entry in; throws SignatureError (K01, K08-K10), and is then unchanged. */
  async apply(entry: Entry): Promise<void> {
    const { event } = entry;
    await this.check(event, entry.loggedMs);
    if (event.type === E.KEY_CERT) {
      this.add(readCertificate(entry, await this.replaced(event)));
    } else if (event.type === E.KEY_REVOKE) {
      this.revoke(entry);
    } else if (event.type === E.LOGKEY) {
      this.logChanges.push(changeOf(entry.index, event));
      logCertificates(entry).forEach((one) => this.logKeys.set(one.kid, one));
    } else if (event.type === E.POLICY) {
      this.threshold = this.wantedThreshold(event);
    }
  }

  /** Check that a system entry is signed by those who may sign it, and may at *atMs*; links of chains pass. */
  async check(event: Event, atMs: number | null = null): Promise<void> {
    if (CHAIN_TYPES.has(event.type)) {
      return;
    }
    switch (event.type) {
      case E.KEY_CERT:
        return this.checkCertificate(event, atMs);
      case E.KEY_REVOKE:
        return this.checkRevocation(event, atMs);
      case E.POLICY:
        return this.checkPolicy(event, atMs);
      case E.LOGKEY:
        return this.checkLogKey(event, atMs);
      default:
        await this.checkIssuer(event, atMs, []);
    }
  }

  /** The key that *event* must verify under; a root's own certificate verifies under itself. Throws K01. */
  publicOf(event: Event): Bytes {
    const key = this.get(event.kid)?.key ?? (event.type === E.KEY_CERT ? event.bytes(F.PUBLIC) : undefined);
    if (!key || kidOf(key) !== event.kid) {
      throw new SignatureError(`no certificate for key ${event.kid}`, "K01");
    }
    return key;
  }

  /** The newest certificate of *kid*, or the one that an event at *index* stands under. */
  get(kid: string, index: number | null = null): Certificate | undefined {
    const logKey = this.logKeys.get(kid);
    const known = this.certificates.get(kid) ?? (logKey ? [logKey] : []);
    return known.findLast((one) => index === null || one.index < index);
  }

  /** The label-issuing key that labels call *kid4*, as `get`. */
  labelKey(kid4: string, index: number): Certificate | undefined {
    const kid = this.labels.get(kid4);
    return kid === undefined ? undefined : this.get(kid, index);
  }

  /** For each key of *person*, the certificate that `get` at *index* gives, revoked or not. */
  ofPerson(person: string, index: number | null = null): Certificate[] {
    return (this.people.get(person) ?? []).flatMap((kid) => this.get(kid, index) ?? []);
  }

  /** Whether a key of *person* was certified before *index*; zeros are nobody, the service's own keys bear them. */
  knows(person: string, index: number): boolean {
    return !/^0*$/.test(person) && this.ofPerson(person, index).length > 0;
  }

  /** The agencies of the keys of *person* as an entry at *index* finds them. */
  agenciesOf(person: string, index: number): Set<number | null> {
    return new Set(this.ofPerson(person, index).map((one) => one.agency));
  }

  /** Every certificate by a KEY_CERT. */
  all(): Certificate[] {
    return [...this.certificates.values()].flat();
  }

  private livingRoots(atMs: number | null): Set<string> {
    const newest = [...this.certificates.values()].map((known) => known.at(-1) as Certificate);
    return new Set(newest.filter((one) => one.isRoot && one.lives(atMs)).map((one) => one.kid));
  }

  // -- taking in ---------------------------------------------------------------------------------

  private add(certificate: Certificate): void {
    this.certificates.set(certificate.kid, [...(this.certificates.get(certificate.kid) ?? []), certificate]);
    const kids = this.people.get(certificate.person) ?? [];
    this.people.set(certificate.person, kids.includes(certificate.kid) ? kids : [...kids, certificate.kid]);
    if (certificate.kid4) {
      this.labels.set(certificate.kid4, certificate.kid);
    }
  }

  /** End a key; a second revocation may only make it worse: an earlier compromise, a loss after all. */
  private revoke(entry: Entry): void {
    const kid = entry.event.hex(F.KID) as string;
    const sinceMs = entry.event.num(F.COMPROMISED);
    const isRoutine = entry.event.num(F.REASON) === RETIRED && sinceMs === undefined;
    for (const one of this.certificates.get(kid) ?? []) {
      one.retired = isRoutine && (one.revokedIndex === null || one.retired);
      one.revokedIndex ??= entry.index;
      one.revokedMs ??= entry.loggedMs;
      if (sinceMs !== undefined) {
        one.compromisedMs = Math.min(one.compromisedMs ?? sinceMs, sinceMs);
      }
    }
    if (sinceMs !== undefined) {
      this.taint(kid, sinceMs);
    }
  }

  /** Mark what a key certified while it was compromised, and what was certified by that in turn. */
  private taint(kid: string, sinceMs: number): void {
    const todo: [string, number][] = [[kid, sinceMs]];
    for (let next = todo.pop(); next; next = todo.pop()) {
      const [issuer, fromMs] = next;
      for (const one of this.all()) {
        if (one.issuer === issuer && one.kid !== issuer && one.loggedMs >= fromMs && !one.tainted) {
          one.tainted = true;
          if (one.roles.has(Role.ROOT) || one.roles.has(Role.ENROL)) {
            todo.push([one.kid, one.loggedMs]);
          }
        }
      }
    }
  }

  // -- who may -----------------------------------------------------------------------------------

  private async checkCertificate(event: Event, atMs: number | null): Promise<void> {
    const key = event.bytes(F.PUBLIC) as Bytes;
    if (!isValidPoint(key)) {
      throw new SignatureError("certified key is not a point of prime order", "K10");
    }
    const kid = kidOf(key);
    const known = this.get(kid);
    if (event.kid !== kid || known?.isRoot) {
      const issuer = await this.checkIssuer(event, atMs, known ? [event, known] : [event]);
      if (!issuer.isRoot && !issuer.isAuthority) {
        await this.checkOwnPeople(event, issuer);
      }
    } else if (!this.isFounder(event)) {
      throw new SignatureError("a key may not certify itself", "K08");
    }
    if (known) {
      checkAgain(event, known);
    }
    if (this.logKeys.has(kid)) {
      throw new SignatureError(`key ${kid} is the log's`, "K09");
    }
    const kid4 = event.hex(F.KID4);
    if (kid4 !== undefined && (this.labels.get(kid4) ?? kid) !== kid) {
      throw new SignatureError(`label key name ${kid4} is taken`, "K09");
    }
  }

  /** K08: an office certifies a known person only who is all its own, or who signs with a key that is there. */
  private async checkOwnPeople(event: Event, issuer: Certificate): Promise<void> {
    const person = event.hex(F.PERSON) as string;
    if (person === NOBODY) {
      throw new SignatureError("an office certifies people, not the service", "K08");
    }
    const isOwn = this.ofPerson(person).every(({ offices }) =>
      offices.length > 0 && offices.every((office) => issuer.offices.includes(office)));
    if (!isOwn && !(await this.replaced(event))) {
      throw new SignatureError(`person ${person} has a key outside the offices of key ${issuer.kid}`, "K08");
    }
  }

  private async checkRevocation(event: Event, atMs: number | null): Promise<void> {
    const kid = event.hex(F.KID) as string;
    const revoked = this.certificates.get(kid);
    if (!revoked) {
      throw new SignatureError("revoked key is not in the log", "K01");
    }
    await this.checkIssuer(event, atMs, revoked);
    const left = this.livingRoots(atMs);
    left.delete(kid);
    if (revoked.at(-1)?.isRoot && left.size < this.threshold) {
      throw new SignatureError(`${left.size} root keys would be left, ${this.threshold} must sign`, "K08");
    }
  }

  private async checkPolicy(event: Event, atMs: number | null): Promise<void> {
    const wanted = this.wantedThreshold(event);
    const issuer = await this.checkIssuer(event, atMs, []);
    if (wanted === this.threshold) {
      return;
    }
    const living = this.livingRoots(atMs).size;
    if (!issuer.isRoot) {
      throw new SignatureError("only root keys change how many of them must sign", "K08");
    }
    if (wanted < 1 || wanted > living) {
      throw new SignatureError(`${wanted} root keys shall sign, ${living} are valid`, "K08");
    }
  }

  private wantedThreshold(event: Event): number {
    return ((event.fields.get(F.LIMITS) as Map<number, number>).get(THRESHOLD)) ?? this.threshold;
  }

  private async checkLogKey(event: Event, atMs: number | null): Promise<void> {
    const keys = [event.bytes(F.PUBLIC) as Bytes, event.bytes(F.CLOCK_PUBLIC) as Bytes];
    await this.checkIssuer(event, atMs, []);
    if (event.kid !== this.logKid()) {
      throw new SignatureError(`key ${event.kid} is not the log's newest`, "K08");
    }
    const kids = keys.map(kidOf);
    keys.forEach((key, position) => {
      if (!isValidPoint(key)) {
        throw new SignatureError("the log's new key is not a point of prime order", "K10");
      }
      if (kids[0] === kids[1] || this.get(kids[position] as string)) {
        throw new SignatureError("the log's new keys are two, and used for nothing else", "K09");
      }
    });
  }

  /** The key that signs checkpoints now: of the newest LOGKEY, else the first certified for the log. */
  private logKid(): string | undefined {
    const newest = this.logChanges.at(-1);
    return newest ? kidOf(newest.log) : this.all().find((one) => one.roles.has(Role.LOG))?.kid;
  }

  private isFounder(event: Event): boolean {
    const isNamed = this.roots.size ? this.roots.has(event.kid) : !this.certificates.size;
    return isNamed && !this.certificates.has(event.kid) && event.nums(F.ROLES).includes(Role.ROOT);
  }

  /** Check who signed and who approved; the signer's certificate. */
  private async checkIssuer(event: Event, atMs: number | null, subjects: readonly (Event | Certificate)[]): Promise<Certificate> {
    const issuer = this.get(event.kid);
    if (!issuer) {
      throw new SignatureError(`no certificate for key ${event.kid}`, "K01");
    }
    if (OWN_WORD.has(event.type)) {
      return issuer;
    }
    if (!issuer.lives() || !mayWrite(issuer, event.type, subjects.map(subjectOf))) {
      throw new SignatureError(`key ${event.kid} may not write this entry`, "K08");
    }
    if (!issuer.lives(atMs)) {
      throw new SignatureError(`key ${event.kid} was not valid when it wrote this entry`, "K08");
    }
    const approved = await this.checkApprovers(event, atMs);
    if (issuer.isRoot || event.type === E.LOGKEY) {
      const signed = approved + (issuer.isRoot ? 1 : 0);
      if (signed < this.threshold) {
        throw new SignatureError(`${signed} of ${this.threshold} root keys signed`, "K08");
      }
    }
    return issuer;
  }

  /** Each approval is by a root, or in a certificate by an older key of the person; how many roots there are. */
  private async checkApprovers(event: Event, atMs: number | null): Promise<number> {
    const found = await approvers(event, (kid) => this.get(kid));
    for (const one of found) {
      const isSame = one.person !== NOBODY && one.person === event.hex(F.PERSON);
      if (!one.lives(atMs) || !(one.isRoot || isSame)) {
        throw new SignatureError(`key ${one.kid} may not approve this entry`, "K08");
      }
    }
    return found.filter((one) => one.isRoot).length;
  }

  private async replaced(event: Event): Promise<string> {
    return (await approvers(event, (kid) => this.get(kid))).find((one) => !one.isRoot)?.kid ?? "";
  }
}

/** K09, K08: a key stays one person's on one device, and ends for good unless it was retired in routine. */
function checkAgain(event: Event, known: Certificate): void {
  if (!equal(known.key, event.bytes(F.PUBLIC) as Bytes) || known.person !== event.hex(F.PERSON)) {
    throw new SignatureError(`key ${known.kid} is certified for somebody else`, "K09");
  }
  if (known.device !== (event.hex(F.DEVICE_ID) ?? "")) {
    throw new SignatureError(`key ${known.kid} is certified for another device`, "K09");
  }
  if (known.revokedIndex !== null && !known.retired) {
    throw new SignatureError(`key ${known.kid} was revoked for cause: it is not certified anew`, "K08");
  }
}
