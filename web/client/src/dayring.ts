/** The keys of the day: the certificates as the log had them when this device last saw it, each entry's signature checked. */

import { verifySign1 } from "../../verifier/src/cose";
import { CustodyError } from "../../verifier/src/errors";
import { parseEvent } from "../../verifier/src/event";
import { E, F } from "../../verifier/src/fields";
import { KeyRing } from "../../verifier/src/keys";
import { type Bytes, toHex } from "./bytes";
import { dayOf, type SystemEntry } from "./day";
import { all } from "./store";
import type { Me } from "./told";

let made: { readonly name: string; readonly ring: Promise<KeyRing> } | null = null; // once a page, until the day brings more

/** The ring of certificates of *me*'s day; null where no day was ever brought. Nobody may change it: it is shared. */
export async function dayRing(me: Me): Promise<KeyRing | null> {
  const [day, entries] = [await dayOf(me), await systemEntries(me)];
  const roots = (day as { readonly roots?: readonly string[] } | undefined)?.roots ?? [];
  if (!day || !entries.length || !roots.length) {
    return null;
  }
  const name = `${me.net} ${roots.join()} ${entries.length} ${entries.at(-1)?.index}`;
  if (made?.name !== name) {
    made = { name, ring: build(roots, entries) };
  }
  return made.ring;
}

/** The newest KEY_CERT entry of a public key (hex) that this device has seen. */
export async function certificateEntry(me: Me, publicKey: string): Promise<Bytes | null> {
  const wanted = (await systemEntries(me)).map(({ raw }) => bytesOf(raw)).findLast((raw) => {
    const event = parseEvent(raw);
    return event.type === E.KEY_CERT && toHex(event.bytes(F.PUBLIC) as Bytes) === publicKey;
  });
  return wanted ?? null;
}

async function build(roots: readonly string[], entries: readonly SystemEntry[]): Promise<KeyRing> {
  const ring = new KeyRing(new Set(roots));
  for (const { index, loggedMs, raw } of entries) {
    const event = parseEvent(bytesOf(raw));
    try {
      await verifySign1(event.message, ring.publicOf(event));
      await ring.apply({ index, event, loggedMs });
    } catch (error) {
      if (!(error instanceof CustodyError)) {
        throw error; // what does not hold makes no key, and ends none: a key that is not in the ring signs nothing here
      }
    }
  }
  return ring;
}

async function systemEntries(me: Me): Promise<SystemEntry[]> {
  const found = (await all<SystemEntry>("system")).filter((one) => one.net === me.net);
  return found.sort((left, right) => left.index - right.index);
}

function bytesOf(base64url: string): Bytes {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
