/** From a text that was read to what the person sees: label check on the device, then the register. */

import { getJson, Problem, Unreachable } from "../api";
import { fromHex, type Bytes } from "../bytes";
import { Method } from "../event";
import { explain } from "../explain";
import { getItem } from "../items";
import { type Label, labelDigest, type LabelKey, parseDigits, type Reading, readLabel } from "../label";
import { PRACTICE_KID4 } from "../practice/net";
import { readNumber } from "../s10";
import { get, setSetting } from "../store";
import type { Item, Place } from "../told";
import { readTyped, settleTyped } from "../typed";
import type { ResultKind } from "./words";

type Keys = ReadonlyMap<string, LabelKey & { bytes: Bytes }>;

/** One read and all that is known of it. `label` is the scanned one; a typed number has none. */
export interface Found {
  readonly text: string;
  readonly kind: ResultKind;
  readonly method: Method;
  readonly label: Label | null;
  readonly number: string | null;
  readonly item: Item | null;
  readonly note: string;
}

const UNEXPLAINED: ReadonlySet<ResultKind> = new Set(["unknown-key", "key-window", "misread"]);
const NEWS_MS = 4_000; // an envelope is in hand
const PATIENCE_MS = 500; // keys change a few times a year; a slow network is there every day

/**
 * The issuing keys of the site: fresh where the service answers soon, else the last ones seen. Where it answers later,
 * its answer is there the next time.
 */
export async function labelKeys(patienceMs = PATIENCE_MS): Promise<Keys> {
  const kept = await get<LabelKey[]>("settings", "label-keys");
  const fresh = freshKeys().catch((error: unknown) => {
    if (error instanceof Unreachable || error instanceof Problem) {
      return kept ?? [];
    }
    throw error;
  });
  const late = kept?.length ? [new Promise<readonly LabelKey[]>((resolve) => setTimeout(() => resolve(kept), patienceMs))] : [];
  const known = await Promise.race([fresh, ...late]);
  return byKid(known);
}

/** The issuing keys of a page that reads for hours: the last ones seen at once, the service's as soon as it answers. */
export class KeyBook {
  private fresh = false;
  private readonly news: Promise<void>;

  private constructor(private known: Keys, news: Promise<readonly LabelKey[]>) {
    this.news = news.then((keys) => {
      this.known = byKid(keys);
    }).catch(() => undefined).then(() => { // no network: the last ones hold
      this.fresh = true;
    });
  }

  /** For a page over *keys* of its own, which asks nobody. */
  static of(keys: Keys): KeyBook {
    const book = new KeyBook(keys, Promise.reject(new Error("asks nobody")));
    book.fresh = true;
    return book;
  }

  static async open(): Promise<KeyBook> {
    const kept = await get<LabelKey[]>("settings", "label-keys");
    const book = new KeyBook(byKid(kept ?? []), freshKeys());
    if (!kept?.length) {
      await book.news;
    }
    return book;
  }

  /** What *text* is. A label that the last keys do not explain is nobody's forgery before the newest ones are here. */
  async look(text: string, method: Method): Promise<Found> {
    const isFresh = this.fresh;
    const found = await look(text, method, this.known);
    if (isFresh || !UNEXPLAINED.has(found.kind)) {
      return found;
    }
    await Promise.race([this.news, new Promise((resolve) => setTimeout(resolve, NEWS_MS))]);
    return look(text, method, this.known);
  }
}

function byKid(keys: readonly LabelKey[]): Keys {
  return new Map(keys.map((key) => [key.kid4, { ...key, bytes: fromHex(key.public_key) }]));
}

async function freshKeys(): Promise<readonly LabelKey[]> {
  const { label_keys: keys, offices } = await getJson<{ label_keys: LabelKey[]; offices?: Place[] }>("/api/v1/bundle");
  await setSetting("label-keys", keys);
  await setSetting("offices", offices ?? []); // where a bag may go
  return keys;
}

/** What *text* is, by the label's signature and then the register; what a reader typed is understood first. */
export async function look(text: string, method: Method, keys: Keys): Promise<Found> {
  if (method !== Method.WEDGE) {
    return lookAt(text, method, keys);
  }
  const meant = await settleTyped(readTyped(text), (one) => isConfirmed(one, keys));
  const again: Found = { text, method, label: null, number: null, item: null, kind: "misread", note: "" };
  return meant === null ? again : lookAt(meant, method, keys);
}

/** Whether the register has a number, as far as it is shown to this person; or a label's signature is genuine. */
async function isConfirmed(text: string, keys: Keys): Promise<boolean> {
  if (!readNumber(text)) {
    return (await readLabel(text, keys)).kind === "genuine";
  }
  try {
    await getItem(text);
    return true;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Problem) {
      return false;
    }
    throw error;
  }
}

async function lookAt(text: string, method: Method, keys: Keys): Promise<Found> {
  const number = readNumber(text);
  if (number) {
    return register({ text, method: Method.MANUAL, label: null, number }, "number");
  }
  const reading: Reading = await readLabel(text, keys);
  if (reading.kind === "genuine" || reading.kind === "key-window") {
    return register({ text, method, label: reading.label, number: reading.label.number }, reading.kind);
  }
  const label = "label" in reading ? reading.label : null;
  if (reading.kind === "unknown-key" && label?.kid4 === PRACTICE_KID4) {
    return { text, method, label: null, number: null, kind: "practice", item: null, note: "" };
  }
  return { text, method, label, number: label?.number ?? null, kind: reading.kind, item: null, note: "" };
}

/** The label an event is bound to: the scanned one, else the one the service shows the entitled. */
export function labelOf(found: Found): Label | null {
  if (found.label) {
    return found.label;
  }
  const digits = found.item?.label?.digits;
  try {
    return digits ? parseDigits(digits) : null;
  } catch {
    return null;
  }
}

type Start = Pick<Found, "text" | "method" | "label"> & { readonly number: string };

async function register(start: Start, kind: ResultKind): Promise<Found> {
  try {
    const item = await getItem(start.number, start.label ? await labelDigest(start.label) : undefined);
    const old = start.label !== null && start.label.instance < item.instance;
    return { ...start, item, kind: old ? "superseded" : kind, note: "" };
  } catch (error) {
    if (error instanceof Unreachable) {
      return { ...start, item: null, kind: "offline", note: "" };
    }
    if (error instanceof Problem) {
      const problem: ResultKind = error.status === 404 ? "unregistered" : error.status === 403 ? "forbidden" : "refused";
      return { ...start, item: null, kind: problem, note: problem === "refused" ? explain(error) : "" };
    }
    throw error;
  }
}
