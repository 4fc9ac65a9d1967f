/** Rules about who signs: keys, qualification, and the two people that a step needs. */

import type { Certificate } from "./certificate";
import { E, F } from "./fields";
import { cell, OBSERVATIONS, ROLES, State, TERMINAL, TWO_PERSON } from "./machine";
import { CUSTODY_ROLES, mayHandle, Role, ROLE_NAMES } from "./roles";
import { type Hit, type Step, TAKING } from "./step";

const CUSTODIAN_ONLY: ReadonlySet<number> = new Set([E.RELABEL, E.RESEAL, E.OFFER, E.CANCEL, E.RETURN, E.LOAD, E.VOID, E.OPEN, E.RETIRE]);
const DUTIES: ReadonlySet<number> = new Set([E.LOSS, E.DESTROY]);
const BADGE = 1;
/** Policy two_couriers -> secrecy codes that need two couriers. */
const PAIR_MARKS: readonly (readonly number[])[] = [[], [1], [1, 2], [1, 2, 3]];
const MARKS = " ABC";
const RECIPIENT_ONLY: ReadonlySet<number> = new Set([Role.RECIPIENT]);

/** Whether an offer to a person, or to an office or agency, is one to this certificate's holder. */
export function isOfferee(offeree: string | number | null, certificate: Certificate): boolean {
  if (typeof offeree === "string") {
    return offeree === certificate.person;
  }
  return offeree !== null && (certificate.offices.includes(offeree) || offeree === certificate.agency);
}

/** K02-K05: the key's own time window, and what its revocation says. */
export function* keyValidity(step: Step): Generator<Hit> {
  yield* validity(step, step.certificate);
}

/** K06: a role that the step needs, the secrecy mark that the holder may handle, and a key made for signing. */
export function* role(step: Step): Generator<Hit> {
  const { certificate, event } = step;
  if (certificate.countersignsOnly) {
    yield ["K06", "key is certified for countersigning only"];
  }
  const isProxied = event.type === E.DELIVER && certificate.person !== step.item.custodian;
  const needed = isProxied ? RECIPIENT_ONLY : ROLES.get(event.type) as ReadonlySet<number>;
  if (!meets(certificate.roles, needed)) {
    yield ["K06", `${event.name} needs one of ${[...needed].map((one) => ROLE_NAMES.get(one)).sort().join(", ")}`];
  }
  if (event.type !== E.SIGHT && !mayHandle(certificate.secrecyMax, step.secrecy)) {
    yield ["K06", `signer may not handle an item marked ${MARKS[step.secrecy]}`];
  }
}

/** K12: a step of custody under a key that is kept less safely than the policy wants, or nobody says how. */
export function* softKey(step: Step): Generator<Hit> {
  const { keyStore } = step.certificate;
  if (!OBSERVATIONS.has(step.event.type) && keyStore < step.policy.key_store) {
    yield ["K12", `key store ${keyStore}, wanted ${step.policy.key_store}`];
  }
}

/** P01: the event's person is the certificate's. */
export function* person(step: Step): Generator<Hit> {
  if (step.event.actor !== step.certificate.person) {
    yield ["P01", `event says ${step.event.actor}, key belongs to ${step.certificate.person}`];
  }
}

/** P02: what only the custodian may sign. */
export function* custodian(step: Step): Generator<Hit> {
  const { item, certificate } = step;
  const { type } = step.event;
  const isHeld = !TERMINAL.has(item.state) && item.state !== State.NONE;
  const isInspecting = type === E.INSPECT && !certificate.roles.has(Role.INSPECTOR);
  if (isHeld && (CUSTODIAN_ONLY.has(type) || isInspecting) && certificate.person !== item.custodian) {
    yield ["P02", `item is held by ${item.custodian}`];
  }
}

/** P02: an event of the item is corrected by who signed it, or by a supervisor. */
export function* author(step: Step): Generator<Hit> {
  const { event, certificate } = step;
  if (event.type !== E.CORRECT || certificate.roles.has(Role.SUPERVISOR)) {
    return;
  }
  const cited = step.find(event.hex(F.CITES) as string, step.now);
  if (cited && (!cited.item(step.item.uid) || cited.actor !== certificate.person)) {
    yield ["P02", "what it corrects is not an event of its signer about this item"];
  }
}

/** P03: only the one to whom it is offered may take or refuse. */
export function* offeree(step: Step): Generator<Hit> {
  const isAnswer = TAKING.has(step.event.type) || step.event.type === E.REFUSE;
  if (isAnswer && step.item.offer && !isProxy(step) && !isOfferee(step.item.offeree, step.certificate)) {
    yield ["P03", "item is offered to somebody else"];
  }
}

/** P04, C09: the other signature that the step rests on: the OFFER it cites, or the second person's. */
export function* countersignature(step: Step): Generator<Hit> {
  const { type } = step.event;
  const { cited } = step;
  if (TAKING.has(type) || type === E.REFUSE || type === E.CANCEL) {
    const { offer } = step.item;
    if (!offer || cited !== offer.event.id) {
      yield ["P04", "no open offer is cited"];
      if (cited !== undefined && !step.find(cited, step.entry.index)) {
        yield ["C09", `event ${cited.slice(0, 16)} that it cites is not in the log`];
      }
    }
  }
  if (TWO_PERSON.has(type) && !step.second()) {
    yield ["P04", "second person's signature is missing or does not verify"];
  }
}

/** P07, K05: the second signer is somebody else, of the same office, with a role and a key that may witness. */
export function* secondPerson(step: Step): Generator<Hit> {
  const needed = TWO_PERSON.get(step.event.type);
  const second = needed ? step.second() : null;
  if (!needed || !second) {
    return;
  }
  const first = step.certificate;
  if (second.person === first.person) {
    yield ["P07", "both signatures are of one person"];
  } else if (!meets(second.roles, needed)) {
    yield ["P07", "second signer has no role for this"];
  } else if (first.offices.length && second.offices.length && !first.offices.some((office) => second.offices.includes(office))) {
    yield ["P07", "second signer is of another office"];
  } else {
    yield* faultsOf("second signer", [...validity(step, second)], "P07");
  }
}

/** P04, P07, K05: where the policy asks for two couriers, a second one signs the taking of a secret item. */
export function* secondCourier(step: Step): Generator<Hit> {
  const marks = PAIR_MARKS[step.policy.two_couriers] ?? [1, 2, 3];
  const isCourier = step.certificate.roles.has(Role.COURIER);
  if (step.event.type !== E.ACCEPT || !isCourier || !marks.includes(step.secrecy)) {
    return;
  }
  const second = step.second();
  if (!second?.roles.has(Role.COURIER) || second.person === step.certificate.person) {
    yield ["P04", `an item marked ${MARKS[step.secrecy]} is taken by two couriers`];
  } else {
    yield* faultsOf("second courier", [...validity(step, second)], "P07");
  }
}

/** S06, K05: a carrier who signs the delivery shows the recipient's badge signature, or a scan of theirs. */
export function* proofOfDelivery(step: Step): Generator<Hit> {
  if (step.event.type !== E.DELIVER || !isProxy(step)) {
    return;
  }
  const proof = step.event.num(F.PROOF);
  if (proof === BADGE) {
    const second = step.second();
    if (!second?.roles.has(Role.RECIPIENT) || !isOfferee(step.item.offeree, second)) {
      yield ["S06", "no signature of the recipient's badge"];
    } else if (!mayHandle(second.secrecyMax, step.secrecy)) {
      yield ["S06", `badge is of somebody who may not handle an item marked ${MARKS[step.secrecy]}`];
    } else {
      yield* faultsOf("badge", [...validity(step, second)], "S06");
    }
  } else if (proof === undefined || !step.event.hexes(F.ATTACH).length) {
    yield ["S06", "neither a recipient's signature nor the digest of its scan"];
  }
}

/** S01, K06, P09: an OVERRIDE decides something open, and puts the item into a third, entitled person's hands. */
export function* decision(step: Step): Generator<Hit> {
  const { event } = step;
  if (event.type !== E.OVERRIDE) {
    return;
  }
  const chosen = event.hex(F.OFFEREE);
  if (!event.hexes(F.FINDINGS).some((id) => step.openFindings.has(id))) {
    yield ["S01", "no open finding is cited"];
  }
  if (chosen === undefined || !step.ring.knows(chosen, step.entry.index)) {
    yield ["S01", "nobody is certified under the person named"];
  } else if (step.table.get(cell(step.item.state, E.OVERRIDE)) === State.HELD && !mayHold(step, chosen)) {
    yield ["K06", `person ${chosen} may not hold an item marked ${MARKS[step.secrecy]}`];
  }
  const registrar = step.registration?.actor ?? "";
  const deciders = [step.certificate.person, step.second()?.person ?? ""];
  if (deciders.some((one) => one === chosen || one === registrar)) {
    yield ["P09", "who decides may neither hold the item nor have registered it"];
  }
}

/** P09: who registered an item does not declare it lost or destroy it; who seized it does not release it alone. */
export function* duties(step: Step): Generator<Hit> {
  const { event, certificate, item, registration } = step;
  if (event.type === E.RELEASE) {
    if (item.state === State.QUAR && certificate.person === item.custodian) {
      yield ["P09", "who seized or found the item does not release it"];
    }
  } else if (DUTIES.has(event.type) && registration && [certificate.person, step.second()?.person ?? ""].includes(registration.actor)) {
    yield ["P09", `who registered the item does not sign its ${event.name}`];
  }
}

/** P05: giver and taker are two people. */
export function* selfHandover(step: Step): Generator<Hit> {
  const { type } = step.event;
  const signer = step.certificate.person;
  if (type === E.OFFER && step.event.offeree === signer) {
    yield ["P05", "offered to oneself"];
  }
  if (TAKING.has(type) && step.item.offer && step.item.custodian === signer && !isProxy(step)) {
    yield ["P05", "taken by the giver"];
  }
}

/** P06: two signatures come from two devices; a key certified for countersigning may share one. */
export function* oneDevice(step: Step): Generator<Hit> {
  const { device: mine, person: signer } = step.certificate;
  const { offer } = step.item;
  if (TAKING.has(step.event.type) && offer && !isProxy(step)) {
    const giver = step.ring.get(offer.event.kid, offer.index);
    if (mine && giver?.device === mine && giver.person !== signer) {
      yield ["P06", `offered and taken on device ${mine}`];
    }
  }
  const second = TWO_PERSON.has(step.event.type) ? step.second() : null;
  if (mine && second?.device === mine && !second.countersignsOnly && second.person !== signer) {
    yield ["P06", `both signatures come from device ${mine}`];
  }
}

/** The carrier signs the delivery for a recipient: by whoever holds it, with a custody role. */
export function isProxy(step: Step): boolean {
  const { certificate, item } = step;
  const carries = certificate.person === item.custodian && meets(certificate.roles, CUSTODY_ROLES);
  const isOfferedAway = item.offer !== null && !isOfferee(item.offeree, certificate);
  return step.event.type === E.DELIVER && carries && isOfferedAway;
}

function validity(step: Step, certificate: Certificate): Generator<Hit> {
  return certificate.faults({
    index: step.entry.index,
    loggedMs: step.entry.loggedMs,
    asOfMs: step.asOfMs,
    claimedMs: step.event.claimedMs,
    offlineMs: step.policy.offline_ms,
  });
}

/** *code* where the other key did not count, else K05 where it is in doubt: that moves nothing back. */
function* faultsOf(whose: string, faults: readonly Hit[], code: string): Generator<Hit> {
  const ended = faults.map(([fault]) => fault).filter((fault) => fault !== "K05");
  if (ended.length) {
    yield [code, `key of the ${whose}: ${ended.join(", ")}`];
  } else {
    yield* faults.map(([fault, detail]): Hit => [fault, `key of the ${whose}: ${detail}`]);
  }
}

/** Whether a key of *person* that counts then is of somebody who may have the item in hand. */
function mayHold(step: Step, person: string): boolean {
  return step.ring.ofPerson(person, step.entry.index).some((one) =>
    meets(one.roles, CUSTODY_ROLES) && !one.countersignsOnly && mayHandle(one.secrecyMax, step.secrecy)
    && [...validity(step, one)].every(([code]) => code === "K05"));
}

function meets(left: ReadonlySet<number>, right: ReadonlySet<number>): boolean {
  return [...left].some((one) => right.has(one));
}
