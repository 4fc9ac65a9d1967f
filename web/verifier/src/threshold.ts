/** Further signatures under a system entry: the roots that approve it, the older key that a device had (ADR 11). */

import { CustodyError, SignatureError } from "./errors";
import type { Bytes } from "./bytes";
import type { Certificate } from "./certificate";
import { parseSign1, verifySign1 } from "./cose";
import { APPROVE_CONTEXT, coreOf, type Event } from "./event";
import { F } from "./fields";

/** kid -> the certificate as of the entry, or none. */
export type FindKey = (kid: string) => Certificate | undefined;

/** The certificate of every approval under *event*; throws SignatureError K08 where one does not hold or is there twice. */
export async function approvers(event: Event, find: FindKey): Promise<Certificate[]> {
  const core = coreOf(event.fields);
  const seen = new Set([event.kid]);
  const found: Certificate[] = [];
  for (const raw of (event.fields.get(F.APPROVALS) ?? []) as Bytes[]) {
    const one = await verified(raw, core, find);
    if (seen.has(one.kid)) {
      throw new SignatureError(`key ${one.kid} signed twice`, "K08");
    }
    seen.add(one.kid);
    found.push(one);
  }
  return found;
}

async function verified(raw: Bytes, core: Bytes, find: FindKey): Promise<Certificate> {
  try {
    const message = parseSign1(raw, core, APPROVE_CONTEXT);
    const found = find(message.kid);
    if (!found) {
      throw new SignatureError(`no certificate for approving key ${message.kid}`);
    }
    await verifySign1(message, found.key);
    return found;
  } catch (error) {
    if (error instanceof CustodyError) {
      throw new SignatureError(`approval does not hold: ${error.message}`, "K08");
    }
    throw error;
  }
}
