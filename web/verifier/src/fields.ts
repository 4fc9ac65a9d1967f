/**
 * The vocabulary of event payloads. Names, numbers and who carries what are data (tables.json); the form of each field
 * is written here from docs/spec/event.md, section 2.
 */

import type { Value } from "./cbor";
import tables from "./tables.json";

export const E = tables.types;
export const F = tables.fields;

export const CHAIN_TYPES: ReadonlySet<number> = new Set(tables.chainTypes);
export const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(E).map(([name, number]) => [number, name]));
export const FIELD_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(F).map(([name, number]) => [number, name]));
export const REQUIRED = setsOf(tables.required);
export const ADMITTED = setsOf(tables.admitted);

type Form = (value: Value) => boolean;

const uint = (limit: number, least = 0): Form => (value) => typeof value === "number" && value >= least && value <= limit;
const bytes = (...lengths: number[]): Form => (value) => value instanceof Uint8Array && lengths.includes(value.length);
const blob = (most: number): Form => (value) => value instanceof Uint8Array && value.length > 0 && value.length <= most;
const tuple = (...forms: Form[]): Form => (value) =>
  Array.isArray(value) && value.length === forms.length && forms.every((form, index) => form(value[index] as Value));
const list = (form: Form, most: number, least = 1): Form => (value) =>
  Array.isArray(value) && value.length >= least && value.length <= most && value.every(form);
const either = (left: Form, right: Form): Form => (value) => left(value) || right(value);

const MS = uint(4_102_444_800_000); // the year 2100
const CODE = uint(999_999_999);
const PERSON = bytes(8);
const HASH = bytes(32);
const LATITUDE = uint(180 * 100_000);
const LONGITUDE = uint(360 * 100_000);
const DAY = uint(0xffff);
const REFERENCES = list(tuple(bytes(8), uint(0xffff), HASH), 1_000);

/** 1 to 500 characters, printable by the list of the core: browsers differ in the age of their Unicode. */
function isText(value: Value): boolean {
  const points = typeof value === "string" ? Array.from(value, (character) => character.codePointAt(0) as number) : [];
  return points.length > 0 && points.length <= 500
    && !points.some((point) => tables.unprintable.some(([first, last]) => first as number <= point && point <= (last as number)));
}

function isItems(value: Value): boolean {
  return REFERENCES(value) && new Set((value as Value[]).map((ref) => String((ref as Value[])[0]))).size === (value as Value[]).length;
}

const LIMITS: Form = (value) => value instanceof Map && value.size <= 64 && [...value.values()].every(uint(2 ** 48));
const ROLE: Form = (value) => (Object.values(tables.roles) as Value[]).includes(value);
const PREFIX: Form = (value) => typeof value === "string" && /^[0-9A-Za-z]{0,20}$/.test(value);

export const FORMS: ReadonlyMap<number, Form> = new Map<number, Form>([
  [F.V, uint(1)],
  [F.TYPE, uint(255)],
  [F.ITEMS, isItems],
  [F.NET, bytes(8)],
  [F.T_CLAIM, MS],
  [F.CLOCK, tuple(uint(2 ** 40), uint(2 ** 40), uint(2 ** 32))],
  [F.ANCHOR, tuple(uint(2 ** 48), HASH)],
  [F.PLACE, CODE],
  [F.ACTOR, PERSON],
  [F.OFFEREE, either(PERSON, CODE)],
  [F.SEAL, tuple(bytes(8), uint(3))],
  [F.MANIFEST, tuple(HASH, uint(10_000))],
  [F.LABEL, bytes(16)],
  [F.METHOD, uint(4, 1)],
  [F.DEVICE, tuple(uint(2 ** 48), HASH)],
  [F.CITES, HASH],
  [F.EXPIRY, uint(30 * 86_400)],
  [F.ATTACH, list(HASH, 16)],
  [F.NONCE, bytes(8)],
  [F.SECOND, blob(200)],
  [F.WEBAUTHN, list(blob(4_000), 3, 3)],
  [F.REASON, uint(255)],
  [F.FINDINGS, list(bytes(8), 200)],
  [F.REASON_TEXT, isText],
  [F.LABEL_RAW, bytes(92)],
  [F.PRESENCE, tuple(uint(3, 1), bytes(8))],
  [F.GEO, tuple(LATITUDE, LONGITUDE, uint(1_000_000))],
  [F.PUBLIC, HASH],
  [F.PERSON, PERSON],
  [F.DEVICE_ID, bytes(8)],
  [F.ROLES, list(ROLE, 16)],
  [F.OFFICES, list(CODE, 100, 0)],
  [F.SECRECY_MAX, uint(3)],
  [F.NOT_BEFORE, MS],
  [F.NOT_AFTER, MS],
  [F.KID4, bytes(4)],
  [F.AGENCY, CODE],
  [F.KID, bytes(8)],
  [F.COMPROMISED, MS],
  [F.ORG_ID, CODE],
  [F.ORG_KIND, uint(9)],
  [F.USE, uint(1)],
  [F.KEY_STORE, uint(3, 1)],
  [F.LOT_SALT, bytes(16)],
  [F.SEAL_TAG, bytes(8)],
  [F.LIMITS, LIMITS],
  [F.APPROVALS, list(blob(200), 8)],
  [F.KIND, uint(3, 1)],
  [F.SECRECY, uint(3)],
  [F.URGENCY, uint(2)],
  [F.DUE, MS],
  [F.SENDER, CODE],
  [F.RECIPIENT, CODE],
  [F.DECLARED, uint(0xffff)],
  [F.MASS, uint(100_000)],
  [F.CHECK, uint(9)],
  [F.ONLY_NAMED, uint(1)],
  [F.CONTAINER, bytes(8)],
  [F.LEAF, tuple(uint(9_999), bytes(16), list(HASH, 14, 0))],
  [F.MISSING, list(HASH, 1_000)],
  [F.STOPS, list(CODE, 100)],
  [F.MANDATORY, list(CODE, 100)],
  [F.ROUTE_ID, CODE],
  [F.HOURS, list(tuple(uint(6), uint(1_440), uint(1_440)), 50, 0)],
  [F.HOLIDAYS, list(DAY, 400, 0)],
  [F.WORKDAYS, list(DAY, 400, 0)],
  [F.POSITION, tuple(LATITUDE, LONGITUDE)],
  [F.SERVED_BY, CODE],
  [F.LOT_PREFIX, PREFIX],
  [F.LOT_RANGE, tuple(uint(10 ** 9), uint(10 ** 9), uint(10, 1))],
  [F.SEAL_TYPE, uint(255)],
  [F.HEADS, tuple(HASH, uint(2 ** 48))],
  [F.CLOCK_PUBLIC, HASH],
  [F.UV_PUBLIC, bytes(65)],
  [F.PROOF, uint(3, 1)],
  [F.APP, uint(999_999_999)],
]);

function setsOf(table: Readonly<Record<string, readonly number[]>>): ReadonlyMap<number, ReadonlySet<number>> {
  return new Map(Object.entries(table).map(([kind, fields]) => [Number(kind), new Set(fields)]));
}
