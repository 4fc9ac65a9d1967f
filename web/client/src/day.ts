/**
 * The day: what a shift of one person needs, kept on the device (`GET /api/v1/day`), and what the items in it are by
 * now, with every event that only this device knows of. Nothing here is evidence: the service judges again.
 *
 * An item is kept as the service told it. What it is *now* is never stored: it is folded, on each look, from that and
 * from the signed events in the outbox and among the receipts. So an event advances its item by being kept, once,
 * whether it was signed here or came from another device; and nothing has to be undone when the service answers.
 */

import { CustodyError } from "../../verifier/src/errors";
import { type Event, parseEvent } from "../../verifier/src/event";
import { ask, bodyOf, Problem, Unreachable } from "./api";
import { actionsOf, fold } from "./dayfold";
import type { LabelKey } from "./label";
import { isStillIn, timesLeft } from "./offline/leave";
import { all, allIn, asked, beginning, byArrival, get, nextOrder, type OutboxEntry, type StoredReceipt, write } from "./store";
import type { DayContact, DayItem, DayPerson, Item, Me } from "./told";

export interface Day {
  readonly roots: readonly string[]; // kids of the root keys that no other key certified
  readonly atMs: number; // the service's clock when it told this
  readonly more: boolean; // there are more items than are kept here
  readonly people: readonly DayPerson[];
  readonly label_keys: readonly LabelKey[];
  readonly checkpoint: { readonly size: number; readonly root: string; readonly note: string } | null;
}

/** A system entry of the log: what the second verifier's KeyRing is built of (`dayring.ts`). */
export interface SystemEntry {
  readonly net: string;
  readonly index: number;
  readonly loggedMs: number;
  readonly raw: string; // base64url
}

interface Answer extends Omit<Day, "atMs"> {
  readonly person?: string; // whose day it is: the one who is signed in
  readonly now_ms: number;
  readonly items: readonly DayItem[];
  readonly system: { readonly since: number; readonly entries: readonly { index: number; logged_ms: number; entry: string }[] };
}

/** Whose day it is, and the key they sign with here. */
type Whose = { readonly me: Me; readonly key: { readonly kid: string } };

type Kept = DayItem & { readonly owner: string };

/** What this device knows beside what the service told. */
interface Here {
  readonly events: readonly Event[];
  readonly names: ReadonlyMap<string, string>;
}

/** What the service does not say of an item when it is asked for that one alone. */
const EMPTY = {
  why: "pass", before: "HELD", is_container: false, container: null, only_named: false, is_returning: false, contacts: [], contents: [],
  ahead: false,
} as const;

const SYSTEM_PAGE = 1_500; // the service gives 2,000 at most, less what has ended
const FRESH_MS = 5 * 60_000;
const parsed = new Map<string, Event>();
const kept = new Set<string>(); // kids whose day this page keeps fresh

/** Whose day it is: one of each person and site in this browser. */
export function ownerOf(me: Pick<Me, "net" | "person">): string {
  return `${me.net}:${me.person.id}`;
}

/** Bring the day from the service. False where it does not answer, or does not know of days: the last one stays. */
export async function refreshDay(session: Whose): Promise<boolean> {
  const owner = ownerOf(session.me);
  const [etag, known] = [await get<string>("day", `${owner}:etag`), await all<SystemEntry>("system")];
  const left = await timesLeft();
  const since = Math.max(-1, ...known.filter((one) => one.net === session.me.net).map((one) => one.index)) + 1;
  try {
    const answer = await ask(`/api/v1/day?since=${since}`, { headers: etag ? { "If-None-Match": etag } : {} });
    if (answer.status !== 304) {
      const told = await bodyOf<Answer>(answer);
      const isTheirs = told.person === undefined || told.person === session.me.person.id;
      if (!isTheirs || !(await keepDay(session.me, told, answer.headers.get("ETag") ?? "", left))) {
        return false; // another is signed in by now, or nobody
      }
      return told.system.entries.length < SYSTEM_PAGE || refreshDay(session); // the rest of the keys
    }
    return true;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Problem) {
      return false;
    }
    throw error;
  }
}

/** Bring the day now, and again whenever the network returns or some minutes have passed in sight. */
export function keepDayFresh(session: Whose): void {
  const refresh = (): void => void refreshDay(session).catch(() => false);
  refresh();
  if (!kept.has(session.key.kid)) {
    kept.add(session.key.kid);
    addEventListener("online", refresh);
    setInterval(() => document.visibilityState === "visible" && refresh(), FRESH_MS);
  }
}

/** The day of *me* without its items, or undefined where none was ever brought. */
export function dayOf(me: Me): Promise<Day | undefined> {
  return get<Day>("day", ownerOf(me));
}

/** The items of the day as they are now, by what this device knows. */
export async function dayItems(me: Me): Promise<DayItem[]> {
  const [kept, here] = [await allIn<Kept>("items", beginning(ownerOf(me))), await knownHere(me)];
  return kept.map((item) => shown(me, item, here));
}

/** One item of the day, by number or uid, as it is now by what this device knows. */
export async function dayItem(me: Me, name: string): Promise<DayItem | undefined> {
  const range = beginning(ownerOf(me), name);
  const [kept] = [...await allIn<Kept>("items", IDBKeyRange.only([ownerOf(me), name]), "number"), ...await allIn<Kept>("items", range)];
  return kept && shown(me, kept, await knownHere(me));
}

/** An item as the service has just shown it, with what it does not know yet. */
export async function withWaiting(me: Me, item: Item): Promise<Item> {
  const here = await knownHere(me);
  if (!here.events.some((event) => event.item(item.uid))) {
    return item;
  }
  const now = shown(me, { ...EMPTY, ...item, owner: "" }, here);
  return now.ahead ? now : item;
}

/** People of the day who match: what `findPeople` asks of the service. */
export async function dayPeople(me: Me, query: Readonly<Record<string, string | number>>): Promise<DayPerson[]> {
  const word = plain(String(query["q"] ?? ""));
  return ((await dayOf(me))?.people ?? []).filter((person) => person.id !== me.person.id
    && (query["office"] === undefined || person.office?.code === Number(query["office"]))
    && (query["agency"] === undefined || person.agency?.code === Number(query["agency"]))
    && (!query["role"] || person.roles.includes(String(query["role"]).toLowerCase()))
    && plain(person.name).includes(word));
}

/** Keep an item that came from another device, as it was *before* the events that came with it (`keepForeign`). */
export async function putItem(me: Me, item: DayItem): Promise<void> {
  await write(["items"], async (transaction) => {
    const store = transaction.objectStore("items");
    const known = await asked<Kept | undefined>(store.get([ownerOf(me), item.uid]));
    if (!known || known.seq < item.seq) {
      store.put({ ...item, owner: ownerOf(me) });
    }
  });
}

/** Keep whom to call for an item that is here, as another device has told. */
export async function putContacts(me: Me, uid: string, contacts: readonly DayContact[]): Promise<void> {
  await write(["items"], async (transaction) => {
    const store = transaction.objectStore("items");
    const known = await asked<Kept | undefined>(store.get([ownerOf(me), uid]));
    if (known) {
      store.put({ ...known, contacts });
    }
  });
}

/**
 * Keep an event that another device signed, its signature checked by the caller: it advances its items here, and is
 * uploaded from here as well. Harmless where it is known; false then, but for one whose signature is checked only now.
 */
export async function keepForeign(me: Me, raw: OutboxEntry["raw"], about: Pick<OutboxEntry, "number" | "title" | "signer" | "unchecked">): Promise<boolean> {
  const event = parseEvent(raw);
  return write(["outbox", "receipts", "settings"], async (transaction) => {
    const [outbox, receipts] = [transaction.objectStore("outbox"), transaction.objectStore("receipts")];
    const known = await asked<OutboxEntry | undefined>(outbox.get(event.id));
    if (known?.unchecked && !about.unchecked) {
      const { unchecked: _, ...rest } = known;
      outbox.put({ ...rest, ...about, raw, status: "waiting", problem: "" } satisfies OutboxEntry);
      return true;
    }
    if (known || await asked(receipts.get(event.id))) {
      return false;
    }
    outbox.add({
      ...about,
      id: event.id,
      raw,
      net: me.net,
      kid: event.kid,
      dseq: event.deviceLink?.dseq ?? 0,
      createdMs: event.claimedMs,
      order: await nextOrder(transaction),
      status: "waiting",
      problem: "",
      foreign: true,
    } satisfies OutboxEntry);
    return true;
  });
}

/** Every event of this network that the service did not know at size *known*, where it told the day, nor has refused. */
export async function eventsHere(me: Me, known?: number): Promise<Event[]> {
  known ??= (await dayOf(me))?.checkpoint?.size ?? 0;
  const receipts = await allIn<StoredReceipt>("receipts", IDBKeyRange.lowerBound(known), "index");
  const outbox = (await all<OutboxEntry>("outbox")).filter((entry) => entry.net === me.net && entry.status === "waiting" && !entry.unchecked);
  return [...receipts, ...outbox.sort(byArrival)].flatMap(readEvent);
}

/** What an entry says, read once a page; nothing where its bytes are not those of an event: the service refuses them. */
export function readEvent({ id, raw }: Pick<OutboxEntry, "id" | "raw">): Event[] {
  try {
    const event = parsed.get(id) ?? parseEvent(raw);
    parsed.set(id, event);
    return [event];
  } catch (error) {
    if (error instanceof CustodyError) {
      return []; // what this device keeps was altered: that must not stop the shift
    }
    throw error;
  }
}

/** False where somebody has left since *left*: then nothing is kept. */
async function keepDay(me: Me, answer: Answer, etag: string, left: number): Promise<boolean> {
  const owner = ownerOf(me);
  const { items, system, now_ms, person: _, ...rest } = answer;
  const fresh = new Set(items.map((item) => item.uid));
  const waiting = new Set((await eventsHere(me, answer.checkpoint?.size)).flatMap((event) => event.items.map(({ uid }) => uid)));
  return write(["items", "day", "system", "settings"], async (transaction) => {
    if (!(await isStillIn(transaction, left))) {
      return false;
    }
    const store = transaction.objectStore("items");
    for (const [, uid] of await asked(store.getAllKeys(IDBKeyRange.bound([owner], [owner, []]))) as [string, string][]) {
      if (!fresh.has(uid) && !waiting.has(uid)) { // the service does not know yet of what waits here
        store.delete([owner, uid]);
      }
    }
    for (const item of items) { // whom to call came from another phone, where the service does not know yet who has it
      const known = waiting.has(item.uid) ? await asked<Kept | undefined>(store.get([owner, item.uid])) : undefined;
      store.put({ ...item, contacts: item.contacts.length ? item.contacts : known?.contacts ?? [], owner });
    }
    system.entries.forEach(({ index, logged_ms: loggedMs, entry: raw }) =>
      transaction.objectStore("system").put({ net: me.net, index, loggedMs, raw } satisfies SystemEntry));
    transaction.objectStore("day").put({ ...rest, atMs: now_ms } satisfies Day, owner);
    transaction.objectStore("day").put(etag, `${owner}:etag`);
    return true;
  });
}

function shown(me: Me, { owner: _, ...kept }: Kept, { events, names }: Here): DayItem {
  const nameOf = (person: string): string => (person === me.person.id ? me.person.name : names.get(person) ?? person.slice(0, 8));
  const item = fold(kept, events, nameOf);
  const contacts = item.custodian?.id === me.person.id ? item.contacts : []; // carried with an offer, shown to the holder alone
  return { ...item, contacts, actions: actionsOf(item, me.person), local: true, ahead: item.head !== kept.head };
}

async function knownHere(me: Me): Promise<Here> {
  const people = (await dayOf(me))?.people ?? [];
  return { events: await eventsHere(me), names: new Map(people.map((person) => [person.id, person.name])) };
}

/** Without marks and case, as the service searches. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().trim();
}

