/**
 * A file of events that another device saved: each signature is checked by the keys of the day before anything of it is
 * shown. One by a key that this device does not know is sent all the same, the service knows more, but moves no item here.
 */

import { verifySign1 } from "../../verifier/src/cose";
import { CustodyError } from "../../verifier/src/errors";
import { type Event, parseEvent } from "../../verifier/src/event";
import { F } from "../../verifier/src/fields";
import type { KeyRing } from "../../verifier/src/keys";
import { fromBase64Url, fromHex } from "./bytes";
import { keepForeign } from "./day";
import { dayRing } from "./dayring";
import { t } from "./i18n";
import { unpackNumber } from "./s10";
import type { Me } from "./told";

/** What became of the events of a file. */
export interface Carried {
  readonly taken: number;
  readonly known: number; // to this device already
  readonly false: number; // no event of this site, or none that its key signed: left out
}

/** Take in the file *text*, the body of `POST /api/v1/events`; null where it is none. */
export async function takeIn(me: Me, text: string): Promise<Carried | null> {
  const entries = entriesOf(text);
  if (!entries) {
    return null;
  }
  const ring = await dayRing(me);
  const found = { taken: 0, known: 0, false: 0 };
  for (const entry of entries) {
    const event = eventOf(entry);
    const standing = event && event.hex(F.NET) === me.net ? await standingOf(event, ring) : "false";
    if (!event || standing === "false") {
      found.false += 1;
      continue;
    }
    const about = { number: numberOf(event), title: t("From a file"), signer: t("another device") };
    found[await keepForeign(me, event.message.raw, { ...about, unchecked: standing === "unknown" }) ? "taken" : "known"] += 1;
  }
  return found;
}

function entriesOf(text: string): string[] | null {
  try {
    const { entries } = JSON.parse(text) as { entries?: unknown };
    return Array.isArray(entries) && entries.every((entry) => typeof entry === "string") ? entries : null;
  } catch {
    return null;
  }
}

function eventOf(entry: string): Event | null {
  try {
    return parseEvent(fromBase64Url(entry));
  } catch (error) {
    if (error instanceof CustodyError || error instanceof DOMException) {
      return null;
    }
    throw error;
  }
}

/** Of the first of its items; "" where it is about none. */
function numberOf({ items: [item] }: Event): string {
  try {
    return item ? unpackNumber(fromHex(item.uid.slice(0, 12))) : "";
  } catch (error) {
    if (error instanceof CustodyError) {
      return "";
    }
    throw error;
  }
}

async function standingOf(event: Event, ring: KeyRing | null): Promise<"good" | "unknown" | "false"> {
  const certificate = ring?.get(event.kid);
  if (!certificate) {
    return "unknown";
  }
  try {
    await verifySign1(event.message, certificate.key);
    return event.actor === certificate.person ? "good" : "unknown"; // the log will take it, and say P01
  } catch (error) {
    if (error instanceof CustodyError) {
      return "false";
    }
    throw error;
  }
}
