/** Custody events as signed bytes (docs/spec): which fields they carry, the core a second person signs. */

import { type Bytes, fromHex, utf8 } from "./bytes";
import { encode, type Value } from "./cbor";
import { type Signer, sign1 } from "./cose";

export const EventType = {
  REGISTER: 1,
  RELABEL: 2,
  RESEAL: 3,
  OFFER: 4,
  ACCEPT: 5,
  REFUSE: 6,
  CANCEL: 7,
  DELIVER: 8,
  LOAD: 9,
  UNLOAD: 10,
  SIGHT: 11,
  RETURN: 13,
  VOID: 19,
  OVERRIDE: 21,
  CLOSE: 32,
  OPEN: 33,
  RETIRE: 34,
  DEVICE_HEAD: 72,
  PAPER_ANCHOR: 74,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

export const Field = {
  V: 1,
  TYPE: 2,
  ITEMS: 3,
  NET: 5,
  T_CLAIM: 6,
  CLOCK: 7,
  ANCHOR: 8,
  PLACE: 10,
  ACTOR: 11,
  OFFEREE: 12,
  SEAL: 13,
  MANIFEST: 14,
  LABEL: 15,
  METHOD: 16,
  DEVICE: 17,
  CITES: 18,
  EXPIRY: 19,
  ATTACH: 20,
  NONCE: 21,
  SECOND: 22,
  WEBAUTHN: 23,
  REASON: 24,
  FINDINGS: 25,
  REASON_TEXT: 26,
  LABEL_RAW: 27,
  KIND: 50,
  SECRECY: 51,
  URGENCY: 52,
  DUE: 53,
  SENDER: 54,
  RECIPIENT: 55,
  DECLARED: 56,
  MASS: 57,
  CHECK: 58,
  ONLY_NAMED: 59,
  CONTAINER: 60,
  LEAF: 61,
  MISSING: 62,
  PROOF: 78,
} as const;

export const Method = { PHONE: 1, DESKTOP: 2, WEDGE: 3, MANUAL: 4 } as const;
export type Method = (typeof Method)[keyof typeof Method];

export const Condition = { INTACT: 0, DAMAGED: 1, BROKEN: 2 } as const;
export type Condition = (typeof Condition)[keyof typeof Condition];

/** Why a handover is refused or an item reported. */
export const Reason = {
  OTHER: 1, SEAL: 2, COVER: 3, NOT_MINE: 4, ABSENT: 5, FORGED: 6,
  NAMED_ABSENT: 7, NOT_ENTITLED: 8, DECLINED: 9, ADDRESS: 10, NO_WAY: 11, // an attempt to deliver failed
  DIFFERENCE: 12, EMPTIED: 13, // a bag
} as const;

export type Fields = Map<number, Value>;

/** An item that an event is about, where in its chain, and the event that it builds on. */
export interface ItemRef {
  readonly uid: Bytes;
  readonly seq: number;
  readonly prev: Bytes;
}

/** Where an event stands: the item's chain, the device's chain, the network, the moment. */
export interface Frame extends ItemRef {
  readonly net: Bytes;
  readonly actor: Bytes;
  readonly place: number;
  readonly dseq: number;
  readonly dprev: Bytes;
  readonly anchor: { readonly size: number; readonly root: Bytes } | null;
  readonly claimedMs: number;
  readonly nonce: Bytes;
  readonly also?: readonly ItemRef[];
  readonly clock?: readonly [sinceS: number, uncertaintyMs: number, epoch: number];
}

/** The payload fields of an event of *type*, the special ones of its kind in *extra*. */
export function makeFields(type: EventType, frame: Frame, extra: Fields): Fields {
  const fields: Fields = new Map<number, Value>([
    [Field.V, 1],
    [Field.TYPE, type],
    [Field.NET, frame.net],
    [Field.T_CLAIM, frame.claimedMs],
    [Field.PLACE, frame.place],
    [Field.ACTOR, frame.actor],
    [Field.DEVICE, [frame.dseq, frame.dprev]],
    [Field.NONCE, frame.nonce],
  ]);
  if (type !== EventType.DEVICE_HEAD) {
    fields.set(Field.ITEMS, [frame, ...(frame.also ?? [])].map(({ uid, seq, prev }) => [uid, seq, prev]));
  }
  if (frame.clock) {
    fields.set(Field.CLOCK, [...frame.clock]);
  }
  if (frame.anchor) {
    fields.set(Field.ANCHOR, [frame.anchor.size, frame.anchor.root]);
  }
  for (const [key, value] of extra) {
    fields.set(key, value);
  }
  return fields;
}

/** What a second signer signs: the payload without SECOND and WEBAUTHN. */
export function coreOf(fields: Fields): Bytes {
  return encode(new Map([...fields].filter(([key]) => key !== Field.SECOND && key !== Field.WEBAUTHN)));
}

/** external_aad of a second signature, so that it is no entry of the second person's own. */
const SECOND_CONTEXT = utf8("KT1-SECOND-v1");

/** Signed bytes of *fields*; with *second*, that person's detached signature over the core goes in first. */
export async function signEvent(fields: Fields, signer: Signer, second?: Signer): Promise<Bytes> {
  const payload: Fields = new Map(fields);
  if (second) {
    payload.set(Field.SECOND, await sign1(coreOf(payload), second, { detached: true, context: SECOND_CONTEXT }));
  }
  return sign1(encode(payload), signer);
}

/** The fields the service asks a REGISTER or RELABEL to carry: {"50": 1, "13": ["<hex>", 0]}; hex becomes bytes. */
export function fieldsOfJson(json: Readonly<Record<string, unknown>>): Fields {
  return new Map(Object.entries(json).map(([key, value]) => [Number(key), valueOfJson(value)]));
}

const TYPED: readonly (readonly [string, number])[] = [
  ["kind", Field.KIND], ["secrecy", Field.SECRECY], ["urgency", Field.URGENCY], ["due_ms", Field.DUE],
  ["sender", Field.SENDER], ["recipient", Field.RECIPIENT], ["mass_g", Field.MASS],
];

/** Whether the facts that the service asks to have signed are those the clerk typed, and nothing beside them. */
export function areTypedFacts(facts: Fields, typed: Readonly<Record<string, unknown>>): boolean {
  const isFact = (key: number): boolean => key === Field.LABEL_RAW || key === Field.SEAL || (key >= Field.KIND && key <= Field.ONLY_NAMED);
  return [...facts.keys()].every(isFact)
    && TYPED.every(([name, field]) => Number(typed[name] ?? 0) === Number(facts.get(field) ?? 0));
}

/** One line of free text as the format admits it: printable, 1 to 500 characters; "" where nothing is left. */
export function reasonText(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim()
    .slice(0, 500);
}

function valueOfJson(value: unknown): Value {
  if (typeof value === "number") {
    return value;
  }
  if (typeof value === "string") {
    return fromHex(value);
  }
  if (Array.isArray(value)) {
    return value.map(valueOfJson);
  }
  throw new RangeError(`${JSON.stringify(value)} cannot be a field`);
}
