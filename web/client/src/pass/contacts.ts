/**
 * Whom to call off hours (A8) goes with the envelope: from the phone that held it to the one that signed for it, in codes
 * of their own after both signatures. The offer attaches their digest, so that they are the giver's word; a salt in them
 * keeps that digest from being guessed. Pure but for what this device keeps.
 */

import { F } from "../../../verifier/src/fields";
import { type Bytes, sha256, toHex, utf8 } from "../bytes";
import { dayItem, putContacts } from "../day";
import type { Session } from "../session";
import type { DayContact, DayItem } from "../told";
import { keptPasses } from "./ground";
import { MessageError } from "./message";
import { keptEvent } from "./stage";
import { RefusedError } from "./verify";

const SALT_BYTES = 16;
const MOST_CONTACTS = 20; // of one item
const FIELDS = ["name", "duty", "phone", "hours"] as const;

/** The contacts of *items*, as they are shown later; null where there are none. Each list stands there once. */
export function contactsOf(items: readonly Pick<DayItem, "uid" | "contacts">[]): Bytes | null {
  const lists = new Map<string, string[]>();
  for (const { uid, contacts } of items.filter((item) => item.contacts.length)) {
    const list = JSON.stringify(contacts.map((one) => FIELDS.map((field) => one[field])));
    lists.set(list, [...(lists.get(list) ?? []), uid]);
  }
  const salt = toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  return lists.size ? utf8(JSON.stringify([salt, [...lists].map(([list, uids]) => [uids, JSON.parse(list)])])) : null;
}

/** uid -> contacts, of what `contactsOf` wrote; throws MessageError. */
export function readContacts(bytes: Bytes): Map<string, DayContact[]> {
  try {
    const [, lists] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as [string, [string[], unknown[][]][]];
    return new Map(lists.flatMap(([uids, list]) => uids.map((uid): [string, DayContact[]] => [uid, list.slice(0, MOST_CONTACTS).map(contactOf)])));
  } catch (error) {
    throw new MessageError(`contacts cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function contactOf(values: unknown[]): DayContact {
  if (values.length !== FIELDS.length || !values.every((value) => typeof value === "string" && value.length <= 200)) {
    throw new RangeError("a contact is name, duty, phone and hours");
  }
  const [name, duty, phone, hours] = values as [string, string, string, string];
  return { name, duty, phone, hours };
}

/**
 * Keep *bytes* with the items that *session*'s person has signed for; the items. Throws RefusedError where they are not
 * what an offer that was answered here had attached.
 */
export async function takeContacts(session: Session, bytes: Bytes): Promise<DayItem[]> {
  const { me } = session;
  const digest = toHex(await sha256(bytes));
  const passes = (await keptPasses(me)).filter(({ side }) => side === "taker");
  const offers = await Promise.all(passes.map(async ({ offerId }) => keptEvent(offerId).catch(() => null)));
  const offer = offers.find((one) => one?.hexes(F.ATTACH).includes(digest));
  if (!offer) {
    throw new RefusedError("E04", "no offer that was answered here has attached them");
  }
  const kept: DayItem[] = [];
  for (const [uid, contacts] of readContacts(bytes)) {
    const item = offer.item(uid) && (await dayItem(me, uid));
    if (item && item.custodian?.id === me.person.id) {
      await putContacts(me, uid, contacts);
      kept.push({ ...item, contacts });
    }
  }
  return kept;
}
