/** Signed notes (C2SP signed-note v1.0): a text and signature lines; Ed25519 and cosignature/v1 are known here. */

import { bigOf, type Bytes, concat, fromBase64, strip, toBase64, toHex, utf8 } from "./bytes";
import { verify } from "./ed25519";
import { ProofError } from "./errors";
import { sha256 } from "./sha256";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
const DASH = "\u2014";
const MAX_LENGTH = 1_000_000;
const MAX_LINES = 100;

/** A key that signs notes; *id* is the 4 bytes SHA-256(name || 0x0A || kind || key) in hex. */
export interface NoteKey {
  readonly name: string;
  readonly kind: number;
  readonly key: Bytes;
  readonly id: string;
}

export interface Note {
  readonly text: string;
  readonly lines: readonly { readonly name: string; readonly id: string; readonly signature: Bytes }[];
}

/** The key of a vkey text `name+id+key`; throws ProofError. */
export function parseVkey(text: string): NoteKey {
  const [name = "", id = "", ...rest] = strip(text).split("+");
  let typed: Bytes;
  try {
    if (!rest.length) {
      throw new RangeError("two parts only");
    }
    typed = fromBase64(rest.join("+"));
  } catch {
    throw new ProofError(`vkey ${JSON.stringify(text.slice(0, 40))} is not name+id+key`);
  }
  if (!isName(name)) {
    throw new ProofError(`vkey name ${JSON.stringify(name.slice(0, 40))} is empty or has blanks`);
  }
  const kind = typed[0] ?? 0;
  if (typed.length !== 33 || (kind !== ED25519 && kind !== COSIGNATURE)) {
    throw new ProofError(`vkey of ${name} is of a kind we do not know`);
  }
  const key = noteKey(name, kind, typed.slice(1));
  if (key.id !== id) {
    throw new ProofError(`vkey id ${id} of ${name} does not match its key`);
  }
  return key;
}

/** A key with the id that its name, kind and 32 bytes give it. */
export function noteKey(name: string, kind: number, key: Bytes): NoteKey {
  return { name, kind, key, id: toHex(sha256(utf8(`${name}\n`), Uint8Array.of(kind), key).slice(0, 4)) };
}

/** The text form of a key. */
export function vkeyOf({ name, kind, key, id }: NoteKey): string {
  return `${name}+${id}+${toBase64(concat(Uint8Array.of(kind), key))}`;
}

/** The parts of a note, nothing verified; throws ProofError M02. */
export function openNote(data: string): Note {
  const gap = data.lastIndexOf("\n\n");
  if (gap < 0 || (data.length > MAX_LENGTH && Array.from(data).length > MAX_LENGTH) || !data.endsWith("\n")) {
    throw new ProofError("note is not a text, a blank line and signature lines", "M02");
  }
  if (/[\0-\t\v-\x1f]/.test(data)) {
    throw new ProofError("note has control characters", "M02");
  }
  const tail = data.slice(gap + 2);
  const lines = (tail.endsWith("\n") ? tail.slice(0, -1) : tail).split("\n");
  if (lines.length > MAX_LINES) {
    throw new ProofError(`note has ${lines.length} signature lines`, "M02");
  }
  return { text: data.slice(0, gap + 1), lines: lines.map(parseLine) };
}

function parseLine(line: string): Note["lines"][number] {
  const parts = line.split(" ");
  const [dash, name = "", encoded = ""] = parts;
  let blob: Bytes;
  try {
    blob = fromBase64(encoded);
  } catch {
    blob = new Uint8Array(0);
  }
  if (parts.length !== 3 || dash !== DASH || !isName(name) || blob.length < 5) {
    throw new ProofError(`signature line ${JSON.stringify(line.slice(0, 40))} is malformed`, "M02");
  }
  return { name, id: toHex(blob.slice(0, 4)), signature: blob.slice(4) };
}

/** Whether a key may be called so: neither blanks nor plus. */
function isName(name: string): boolean {
  return name !== "" && !name.includes("+") && !Array.from(name).some((character) => !strip(character));
}

/** Check *key*'s signature on a note; the time it signed in unix seconds, 0 for plain Ed25519. Throws ProofError M02. */
export async function verifyNote(note: Note, key: NoteKey): Promise<bigint> {
  const line = note.lines.find(({ name, id }) => name === key.name && id === key.id);
  if (!line) {
    throw new ProofError(`note is not signed by ${key.name}`, "M02");
  }
  let { signature } = line;
  let message = utf8(note.text);
  let time = 0n;
  if (key.kind === COSIGNATURE) {
    if (signature.length !== 72) {
      throw new ProofError(`cosignature of ${key.name} has ${signature.length} bytes, not 72`, "M02");
    }
    time = bigOf(signature.slice(0, 8));
    signature = signature.slice(8);
    message = concat(utf8(`cosignature/v1\ntime ${time}\n`), message); // C2SP tlog-cosignature
  }
  if (!(await verify(key.key, message, signature))) {
    throw new ProofError(`signature of ${key.name} does not verify`, "M02");
  }
  return time;
}
