/**
 * A message as texts for QR codes shown in turn (docs/spec/pass.md, section 2): digits only, so that a hand-held reader
 * types them unharmed under any keyboard, and so that a code holds 10/3 bits of a message for each digit.
 *
 * Frame: "951" | tag (10) | number (2, from 1) | of (2) | data | check (2). No label of any version begins with "95".
 */

import { type Bytes, concat, fromBigInt, sha256, toBigInt } from "../bytes";
import { checkDigits } from "../label";

/** Most bytes of a message in one frame: a QR code of version 15-M holds 991 digits. */
export const FRAME_BYTES = 396;
/** Most frames of a message. */
export const MOST_FRAMES = 99;

const PREFIX = "951";
const FORM = /^951(\d{10})(\d{2})(\d{2})(\d+)(\d{2})$/;
const LONGEST = 991;
const TAG_DIGITS = 10;
const CHUNK = 12; // bytes in 29 digits: 0.4 % more than the bits ask for
const DIGITS = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29]; // of 0..12 bytes, each another number

/** One frame of a message. */
export interface Frame {
  readonly tag: string;
  readonly number: number; // from 1
  readonly of: number;
  readonly data: Bytes;
}

/** Whether *text* says of itself that it is a frame, of this version or a later one; misread or not. */
export function isFrame(text: string): boolean {
  return /^95\d{17,}$/.test(text.trim());
}

/** The texts of a message, each of its frames as long as the others; throws RangeError where it is too long. */
export async function toFrames(message: Bytes): Promise<string[]> {
  const of = Math.max(1, Math.ceil(message.length / FRAME_BYTES));
  if (of > MOST_FRAMES) {
    throw new RangeError(`message of ${message.length} bytes is above ${MOST_FRAMES * FRAME_BYTES}`);
  }
  const tag = await tagOf(message);
  const size = Math.ceil(message.length / of);
  return Array.from({ length: of }, (_, index) => {
    const data = toDigits(message.slice(index * size, (index + 1) * size));
    const body = `${PREFIX}${tag}${two(index + 1)}${two(of)}${data}`;
    return body + checkDigits(body);
  });
}

/** The frame of *text*, or null where it is none, of another version, or misread. */
export function parseFrame(text: string): Frame | null {
  const [whole = "", tag = "", number = "", of = "", digits = "", check = ""] = FORM.exec(text.trim()) ?? [];
  const data = whole.length <= LONGEST ? fromDigits(digits) : null;
  const place = Number(number);
  if (!data || checkDigits(whole.slice(0, -2)) !== check || place < 1 || place > Number(of)) {
    return null;
  }
  return { tag, number: place, of: Number(of), data };
}

/** What became of a frame that was read. */
export type Taken = "new" | "known" | "other" | "misread";

/** The frames of one message, read in any order; those of other messages are told apart by their tag. */
export class Collector {
  private readonly kept = new Map<number, Bytes>();
  private first: Frame | null = null;

  /** The message's name on its frames; "" before the first. */
  get tag(): string {
    return this.first?.tag ?? "";
  }

  /** Frames read so far, and how many there are; 0 of 0 before the first. */
  get progress(): { readonly read: number; readonly of: number } {
    return { read: this.kept.size, of: this.first?.of ?? 0 };
  }

  /** Which frames, by number from 1, are there. */
  has(number: number): boolean {
    return this.kept.has(number);
  }

  /** Take a frame in. "other": it belongs to another message than those before it, and is left out. */
  take(text: string): Taken {
    const frame = parseFrame(text);
    if (!frame) {
      return "misread";
    }
    this.first ??= frame;
    if (frame.tag !== this.first.tag || frame.of !== this.first.of) {
      return "other";
    }
    if (this.kept.has(frame.number)) {
      return "known";
    }
    this.kept.set(frame.number, frame.data);
    return "new";
  }

  /** The message once every frame is there, else null. Throws RangeError where the whole is not what its tag says. */
  async message(): Promise<Bytes | null> {
    if (!this.first || this.kept.size < this.first.of) {
      return null;
    }
    const parts = Array.from({ length: this.first.of }, (_, index) => this.kept.get(index + 1) as Bytes);
    const message = concat(...parts);
    if ((await tagOf(message)) !== this.first.tag) {
      throw new RangeError(`frames do not give message ${this.first.tag}`);
    }
    return message;
  }

  clear(): void {
    this.kept.clear();
    this.first = null;
  }
}

/** Ten digits of a message's SHA-256: enough to tell messages apart; what they say is signed. */
export async function tagOf(message: Bytes): Promise<string> {
  const value = toBigInt((await sha256(message)).slice(0, 8)) % 10n ** BigInt(TAG_DIGITS);
  return value.toString().padStart(TAG_DIGITS, "0");
}

function toDigits(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.slice(at, at + CHUNK);
    text += toBigInt(chunk).toString().padStart(DIGITS[chunk.length] as number, "0");
  }
  return text;
}

/** Null for digits that no bytes give. */
function fromDigits(digits: string): Bytes | null {
  const most = DIGITS[CHUNK] as number;
  const parts: Bytes[] = [];
  for (let at = 0; at < digits.length; at += most) {
    const part = digits.slice(at, at + most);
    const length = DIGITS.indexOf(part.length);
    const value = BigInt(part);
    if (length < 1 || value >= 1n << BigInt(8 * length)) {
      return null;
    }
    parts.push(fromBigInt(value, length));
  }
  return concat(...parts);
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
