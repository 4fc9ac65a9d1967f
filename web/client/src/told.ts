/** The shapes of what the service tells: people, places, items, and what of them a phone keeps for its day. */

export interface Named<K = string> {
  readonly id: K;
  readonly name: string;
}

export interface Place {
  readonly code: number;
  readonly name: string;
}

/** Somebody who may take an item or give one. */
export interface Person extends Named {
  readonly roles: readonly string[];
  readonly office: Place | null;
  readonly agency: Place | null;
}

/** The person who is signed in. */
export interface Self extends Person {
  readonly login: string;
  readonly offices?: readonly Place[];
}

export type DeviceStatus = "active" | "pending" | "none";

/** Who is signed in, and what their device has to know. */
export interface Me {
  readonly person: Self;
  readonly net: string;
  readonly origin: string;
  readonly anchor: { readonly size: number; readonly root: string } | null;
  readonly demo: boolean;
  readonly now_ms: number;
  readonly remarks?: readonly string[]; // codes of findings that put nothing in question
  readonly device: { readonly kid: string; readonly status: DeviceStatus; readonly not_after_ms?: number | null } | null;
}

export type ActionName =
  | "receive" | "hand_over" | "deliver" | "refuse" | "cancel" | "sight"
  | "return" | "relabel" | "void" | "override" | "report" | "claim" | "open" | "deliver_here" | "attempt";

export interface Finding {
  readonly id: string;
  readonly code: string;
  readonly severity: string;
  readonly title: string;
  readonly advice: string;
  readonly resolved: boolean;
}

/** Who alone may open an item, as the counter was told; with an id where it is somebody who signs in. */
export interface NamedPerson extends Named<string | null> {
  readonly duty: string;
}

/** An item as it is shown to one person, and where that person stands towards it. */
export interface Item {
  readonly number: string;
  readonly uid: string;
  readonly state: string;
  readonly seq: number;
  readonly head: string;
  readonly custodian: Named | null;
  readonly offer: { readonly id: string; readonly giver: Named; readonly taker: Named; readonly expires_ms: number } | null;
  readonly instance: number;
  readonly label: { readonly digits: string } | null;
  readonly seal_commitment: string | null;
  readonly kind: number | null;
  readonly secrecy: number | null;
  readonly urgency: number | null;
  readonly due_ms: number | null;
  readonly sender: Place | null;
  readonly recipient: Place | null;
  readonly verdict: string;
  readonly findings: readonly Finding[];
  readonly held: boolean;
  readonly actions: readonly ActionName[];
  readonly is_container?: boolean;
  readonly only_named?: boolean;
  readonly named?: NamedPerson | null; // for its holder and the agency it goes to
  readonly is_returning?: boolean;
  readonly destination?: Place | null; // the office that serves the agency it goes to
  readonly contacts?: readonly DayContact[]; // for its holder alone
  readonly contents?: readonly DayContent[]; // of a bag, for its holder alone
  readonly two_couriers?: boolean; // the policy asks for a second courier's signature
  readonly local?: boolean; // from this device's day: the service was not asked, or did not answer
}

/** Why an item is in the day. "pass": it came from another device; "bag": it is in a bag that is. */
export type Why = "held" | "offered" | "issued" | "office" | "agency" | "pass";

/** Whom to call at an agency when its office is closed (A8): only with an item that this person holds. */
export interface DayContact {
  readonly name: string;
  readonly duty: string;
  readonly phone: string;
  readonly hours: string;
}

/** A thing in a bag: what taking it out needs, and neither sender nor recipient. */
export interface DayContent {
  readonly uid: string;
  readonly number: string;
  readonly seq: number;
  readonly head: string;
  readonly inside: boolean;
  readonly leaf: readonly [number, string, readonly string[]] | null; // position, salt, path: of its LOAD
  readonly went_in: readonly [number, string]; // position and predecessor of its LOAD
  readonly instance: number;
  readonly label_digest: string;
}

/** An item of the day. `local` says that events of this device are folded in, or that the service was not asked. */
export interface DayItem extends Item {
  readonly why: Why;
  readonly before: string; // its state before the OFFER
  readonly is_container: boolean;
  readonly container: string | null; // number of the bag that it is in
  readonly only_named: boolean;
  readonly is_returning: boolean;
  readonly contacts: readonly DayContact[];
  readonly contents: readonly DayContent[];
  readonly ahead: boolean; // of what the service told: an event of this device, or of another's, is folded in
}

/** A person who may take an item, or give one, with the keys by which their signatures are known. */
export interface DayPerson extends Person {
  readonly kids: readonly string[];
}
