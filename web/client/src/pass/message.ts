/**
 * What two devices show each other (docs/spec/pass.md, section 1): signed events as they are, the signer's certificate,
 * and of each item offered its label and what the cover says. CBOR, deflated; read strictly.
 */

import { decode, encode, type Fields, type Value } from "../../../verifier/src/cbor";
import { type Bytes, concat, sha256 } from "../bytes";

const VERSION = 1;
const MOST_EVENTS = 200;
const MOST_ITEMS = 200;
const MOST_BYTES = 256 * 1024; // unpacked: no small message fills the memory of who reads it
const LABEL_BYTES = 92;
const COMMITMENT_BYTES = 8;
const MOST_CODE = 999_999_999;
const MOST_MS = 4_102_444_800_000;

const MOST_CONTACTS = 32 * 1024;

const Key = { VERSION: 1, KIND: 2, EVENTS: 3, CERTIFICATE: 4, ITEMS: 5, CONTACTS: 6 } as const;
export const Kind = { OFFER: 1, ANSWER: 2, CONTACTS: 3 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Bits of `Cover.flags`. */
export const Flag = { CONTAINER: 1, ONLY_NAMED: 2, RETURNING: 4, SET_APART: 8 } as const;

/** What the giver says of an item: its label is signed, the rest is what the log says again. */
export interface Cover {
  readonly label: Bytes;
  readonly seal: Bytes; // commitment of the seal that is on it now
  readonly kind: number;
  readonly secrecy: number;
  readonly urgency: number;
  readonly dueMs: number; // 0: none
  readonly sender: number; // 0: not said
  readonly recipient: number;
  readonly flags: number;
}

export interface Message {
  readonly kind: Kind;
  readonly events: readonly Bytes[];
  readonly certificate: Bytes | null; // the KEY_CERT entry of who signed the events
  readonly covers: readonly Cover[]; // of an offer; none in an answer
  readonly contacts?: Bytes; // whom to call (`contacts.ts`): alone in a message of that kind
}

/** A message that is not of this form; `newer` where it may be of a later version. */
export class MessageError extends Error {
  constructor(message: string, readonly newer = false) {
    super(message);
  }
}

/** The message that says whom to call, and nothing else. */
export function packContacts(contacts: Bytes): Promise<Bytes> {
  const fields: Fields = new Map<number, Value>([[Key.VERSION, VERSION], [Key.KIND, Kind.CONTACTS], [Key.CONTACTS, contacts]]);
  return through(encode(fields), new CompressionStream("deflate-raw"));
}

/** The bytes of *message*, to be cut into frames. */
export async function pack(message: Message): Promise<Bytes> {
  const fields: Fields = new Map<number, Value>([
    [Key.VERSION, VERSION],
    [Key.KIND, message.kind],
    [Key.EVENTS, [...message.events]],
  ]);
  if (message.certificate) {
    fields.set(Key.CERTIFICATE, message.certificate);
  }
  if (message.covers.length) {
    fields.set(Key.ITEMS, message.covers.map(valueOf));
  }
  return through(encode(fields), new CompressionStream("deflate-raw"));
}

/** What an OFFER attaches (ATTACH): the digest of what its message says of the covers, so that the giver signs that too. */
export function digestOf(covers: readonly Cover[]): Promise<Bytes> {
  return sha256(encode(covers.map(valueOf)));
}

/** The message of *bytes*; throws MessageError for anything that `pack` does not write. */
export async function unpack(bytes: Bytes): Promise<Message> {
  let fields: Value;
  try {
    fields = decode(await through(bytes, new DecompressionStream("deflate-raw"), MOST_BYTES));
  } catch (error) {
    throw new MessageError(`message cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!(fields instanceof Map) || fields.get(Key.VERSION) !== VERSION) {
    throw new MessageError("message is of another version", fields instanceof Map);
  }
  return read(fields);
}

function read(fields: Fields): Message {
  const kind = fields.get(Key.KIND);
  const contacts = fields.get(Key.CONTACTS);
  if (kind === Kind.CONTACTS) {
    if (!(contacts instanceof Uint8Array) || contacts.length > MOST_CONTACTS || fields.size !== 3) {
      throw new MessageError("message without contacts, or with more than them");
    }
    return { kind, events: [], certificate: null, covers: [], contacts };
  }
  const events = fields.get(Key.EVENTS);
  const certificate = fields.get(Key.CERTIFICATE) ?? null;
  const items = fields.get(Key.ITEMS) ?? [];
  if (kind !== Kind.OFFER && kind !== Kind.ANSWER) {
    throw new MessageError(`message of kind ${String(kind)}`);
  }
  if (!isList(events, MOST_EVENTS) || !events.length || !events.every((one) => one instanceof Uint8Array)) {
    throw new MessageError("message without events");
  }
  if (certificate !== null && !(certificate instanceof Uint8Array)) {
    throw new MessageError("certificate is no entry");
  }
  if (!isList(items, MOST_ITEMS) || (kind === Kind.OFFER) !== items.length > 0) {
    throw new MessageError("items are named by an offer, and by nothing else");
  }
  if (contacts !== undefined || [...fields.keys()].some((key) => !(Object.values(Key) as unknown[]).includes(key))) {
    throw new MessageError("message with a field that is none");
  }
  return { kind, events: events as Bytes[], certificate, covers: items.map(coverOf) };
}

function isList(value: unknown, most: number): value is Value[] {
  return Array.isArray(value) && value.length <= most;
}

function valueOf(cover: Cover): Value {
  const { label, seal, kind, secrecy, urgency, dueMs, sender, recipient, flags } = cover;
  return [label, seal, kind, secrecy, urgency, dueMs, sender, recipient, flags];
}

const LIMITS = [3, 3, 2, MOST_MS, MOST_CODE, MOST_CODE, 15];

function coverOf(value: Value): Cover {
  const [label, seal, ...numbers] = Array.isArray(value) ? value : [];
  const isWhole = label instanceof Uint8Array && label.length === LABEL_BYTES && seal instanceof Uint8Array && seal.length === COMMITMENT_BYTES
    && numbers.length === LIMITS.length
    && numbers.every((number, index) => typeof number === "number" && number >= 0 && number <= (LIMITS[index] as number));
  if (!isWhole) {
    throw new MessageError("item is not [label, seal, kind, secrecy, urgency, due, sender, recipient, flags]");
  }
  const [kind, secrecy, urgency, dueMs, sender, recipient, flags] = numbers as [number, number, number, number, number, number, number];
  return { label, seal, kind, secrecy, urgency, dueMs, sender, recipient, flags };
}

/** *bytes* through a stream; throws RangeError where more than *most* come out. */
async function through(bytes: Bytes, stream: CompressionStream | DecompressionStream, most = Number.POSITIVE_INFINITY): Promise<Bytes> {
  const reader = new Blob([bytes]).stream().pipeThrough<Uint8Array>(stream).getReader();
  const parts: Bytes[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return concat(...parts);
    }
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
    parts.push(Uint8Array.from(value));
  }
}
