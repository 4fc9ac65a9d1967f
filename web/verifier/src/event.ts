/** Custody events: read from signed bytes (docs/spec/event.md). Byte strings that are only compared are hex here. */

import { type Bytes, toHex, utf8 } from "./bytes";
import { decode, encode, type Fields, type Value } from "./cbor";
import { parseSign1, type Sign1 } from "./cose";
import { FormatError } from "./errors";
import { ADMITTED, F, FIELD_NAMES, FORMS, REQUIRED, TYPE_NAMES } from "./fields";
import { leafHash } from "./merkle";

export const ZERO = "00".repeat(32);
export const SECOND_CONTEXT = utf8("KT1-SECOND-v1");
export const APPROVE_CONTEXT = utf8("KT1-APPROVE-v1");
const VERSION = 1;
const BESIDE_CORE: ReadonlySet<unknown> = new Set([F.SECOND, F.WEBAUTHN, F.APPROVALS]);

/** One item that an event is about: uid, position in its chain, id of the event it builds on. */
export interface ItemRef {
  readonly uid: string;
  readonly seq: number;
  readonly prev: string;
}

/** A well-formed event, its signature not yet verified; its forms are those of `fields.ts`. */
export class Event {
  readonly items: readonly ItemRef[];

  constructor(readonly id: string, readonly message: Sign1, readonly type: number, readonly fields: Fields) {
    const refs = (fields.get(F.ITEMS) ?? []) as [Bytes, number, Bytes][];
    this.items = refs.map(([uid, seq, prev]) => ({ uid: toHex(uid), seq, prev: toHex(prev) }));
  }

  get kid(): string {
    return this.message.kid;
  }

  get name(): string {
    return TYPE_NAMES.get(this.type) ?? String(this.type);
  }

  get claimedMs(): number {
    return this.num(F.T_CLAIM) as number;
  }

  get actor(): string {
    return this.hex(F.ACTOR) ?? "";
  }

  get place(): number {
    return this.num(F.PLACE) ?? 0;
  }

  /** Size and root of the newest checkpoint that the device had seen. */
  get anchor(): { size: number; root: string } | null {
    const value = this.fields.get(F.ANCHOR) as [number, Bytes] | undefined;
    return value ? { size: value[0], root: toHex(value[1]) } : null;
  }

  /** The seal as read, and its condition: 0 intact, 1 damaged, 2 broken, 3 replaced. */
  get seal(): { commitment: string; condition: number } | null {
    const value = this.fields.get(F.SEAL) as [Bytes, number] | undefined;
    return value ? { commitment: toHex(value[0]), condition: value[1] } : null;
  }

  /** Position in the chain of all events of this key. */
  get deviceLink(): { dseq: number; dprev: string } | null {
    const value = this.fields.get(F.DEVICE) as [number, Bytes] | undefined;
    return value ? { dseq: value[0], dprev: toHex(value[1]) } : null;
  }

  /** Root and count of a manifest. */
  get manifest(): { root: Bytes; count: number } {
    const [root, count] = this.fields.get(F.MANIFEST) as [Bytes, number];
    return { root, count };
  }

  item(uid: string): ItemRef | undefined {
    return this.items.find((ref) => ref.uid === uid);
  }

  /** A field that is a number or not there. */
  num(field: number): number | undefined {
    return this.fields.get(field) as number | undefined;
  }

  /** A field that is a byte string or not there. */
  hex(field: number): string | undefined {
    const value = this.fields.get(field);
    return value instanceof Uint8Array ? toHex(value) : undefined;
  }

  bytes(field: number): Bytes | undefined {
    return this.fields.get(field) as Bytes | undefined;
  }

  text(field: number): string | undefined {
    return this.fields.get(field) as string | undefined;
  }

  /** A field that is a list of numbers; empty where it is not there. */
  nums(field: number): readonly number[] {
    return (this.fields.get(field) ?? []) as number[];
  }

  /** A field that is a list of byte strings; empty where it is not there. */
  hexes(field: number): readonly string[] {
    return ((this.fields.get(field) ?? []) as Bytes[]).map(toHex);
  }

  /** To whom it is offered: a person's id in hex, or the code of an office or body. */
  get offeree(): string | number | undefined {
    return this.hex(F.OFFEREE) ?? this.num(F.OFFEREE);
  }
}

/** An event where the log has it, and whether the further signatures in it hold under the keys they name. */
export interface Entry {
  readonly index: number;
  readonly event: Event;
  readonly loggedMs: number;
  /** The second person's signature is there and verifies. */
  isSeconded?: boolean;
  /** The whole label in it verifies under the key it names. */
  isLabelSigned?: boolean;
  /** Why the passkey assertion in it does not hold; "" where it does. */
  passkeyFault?: string;
}

/** The event of signed bytes, no signature verified; throws FormatError E01, E02, E03, E05 or E06. */
export function parseEvent(raw: Bytes): Event {
  const message = parseSign1(raw);
  const fields = decode(message.payload);
  if (!(fields instanceof Map)) {
    throw new FormatError("payload is not a map", "E01");
  }
  const type = checkFields(fields);
  return new Event(toHex(leafHash(raw)), message, type, fields);
}

/** What further signers sign: the payload without SECOND, WEBAUTHN and APPROVALS. */
export function coreOf(fields: Fields): Bytes {
  return encode(new Map([...fields].filter(([key]) => !BESIDE_CORE.has(key))));
}

/** Whether two events say the same in *field*. */
export function saysSame(left: Event, right: Event, field: number): boolean {
  const said = (event: Event): string => {
    const value = event.fields.get(field);
    return value === undefined ? "" : toHex(encode(value));
  };
  return said(left) === said(right);
}

function checkFields(fields: Fields): number {
  const type = fields.get(F.TYPE);
  if (fields.get(F.V) !== VERSION || (typeof type !== "number" && typeof type !== "bigint")) {
    throw new FormatError("payload has no version 1 or no type", "E06");
  }
  const name = TYPE_NAMES.get(type as number);
  const [required, admitted] = [REQUIRED.get(type as number), ADMITTED.get(type as number)];
  if (!name || !required || !admitted) {
    throw new FormatError(`event type ${type} is unknown`, "E05");
  }
  for (const field of required) {
    if (!fields.has(field)) {
      throw new FormatError(`${name} lacks ${FIELD_NAMES.get(field)}`, "E06");
    }
  }
  for (const [field, value] of fields) {
    if (!admitted.has(field as number)) {
      throw new FormatError(`${name} does not carry field ${field}`, "E06");
    }
    if (!FORMS.get(field as number)?.(value as Value)) {
      throw new FormatError(`${FIELD_NAMES.get(field as number)} of ${name} is out of form`, "E06");
    }
  }
  return type as number;
}
