/** What the log lets in: everything well-formed, well-signed and certified; nothing else. */

import { type Bytes, toHex, utf8 } from "./bytes";
import { verifySign1 } from "./cose";
import { FormatError } from "./errors";
import { type Event, parseEvent } from "./event";
import { F } from "./fields";
import type { KeyRing } from "./keys";
import { sha256 } from "./sha256";

/** The 8-byte network name, in hex, of a log's origin line. */
export function networkOf(origin: string): string {
  return toHex(sha256(utf8(origin)).slice(0, 8));
}

/** The event of *raw* if it may enter the log; throws FormatError E01-E07 or SignatureError K01, E04, K08-K10. */
export async function admit(raw: Bytes, ring: KeyRing, net: string): Promise<Event> {
  const event = parseEvent(raw);
  if (event.hex(F.NET) !== net) {
    throw new FormatError(`event is for network ${event.hex(F.NET)}, not ${net}`, "E07");
  }
  await verifySign1(event.message, ring.publicOf(event));
  await ring.check(event);
  return event;
}
