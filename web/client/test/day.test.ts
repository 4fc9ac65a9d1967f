import "fake-indexeddb/auto";
import "./locks";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { parseEvent } from "../../verifier/src/event";
import { fromHex } from "../src/bytes";
import { dayItem, dayItems, dayPeople, keepForeign, ownerOf, putItem, refreshDay } from "../src/day";
import { actionsOf } from "../src/dayfold";
import { record } from "../src/device";
import { EventType, Field, type Fields } from "../src/event";
import { findPeople, getItem } from "../src/items";
import { ensureKey } from "../src/keys";
import { leave } from "../src/offline/leave";
import { Outbox } from "../src/outbox";
import type { Session } from "../src/session";
import { all, type OutboxEntry, setSetting, write } from "../src/store";
import type { DayItem, Me } from "../src/told";

const NET = "0011223344556677";
const [AN, BINH, CHI] = ["01".repeat(8), "02".repeat(8), "03".repeat(8)];
const ME: Me = {
  person: { id: AN, name: "An", login: "an", roles: ["courier"], office: { code: 220_001, name: "Centre" }, agency: null },
  net: NET, origin: "test", anchor: null, demo: true, now_ms: 0, device: null,
};
const OTHER: Me = { ...ME, person: { ...ME.person, id: BINH, name: "Bình" } };
const OFFERED: DayItem = {
  number: "ZK473124829VN", uid: "00112233445566ff", why: "offered", before: "HELD", state: "OFFERED", seq: 1, head: "aa".repeat(32),
  custodian: { id: CHI, name: "Chi" },
  offer: { id: "aa".repeat(32), giver: { id: CHI, name: "Chi" }, taker: { id: AN, name: "An" }, expires_ms: 0 },
  instance: 0, label: null, seal_commitment: null, kind: 1, is_container: false, container: null, secrecy: 0, urgency: 0, due_ms: null,
  sender: null, recipient: null, only_named: false, is_returning: false, contacts: [], contents: [],
  verdict: "INTACT", findings: [], held: false, actions: ["receive", "refuse"], ahead: false,
} as unknown as DayItem;
const PEOPLE = [
  { id: BINH, name: "Nguyễn Đức Bình", roles: ["recipient"], office: null, agency: { code: 5, name: "B" }, kids: ["00"] },
  { id: CHI, name: "Lê Thị Chi", roles: ["issuer", "clerk"], office: { code: 220_001, name: "Centre" }, agency: null, kids: [] },
];

function told(items: readonly DayItem[], size: number): object {
  return {
    items, people: PEOPLE, label_keys: [], roots: [], more: false, now_ms: 1_000, checkpoint: { size, root: "", note: "" },
    system: { since: 0, entries: [{ index: 3, logged_ms: 9, entry: "AA" }] },
  };
}

function answer(make: (path: string, init?: RequestInit) => Response | Promise<Response>): void {
  globalThis.fetch = async (path, init) => make(String(path), init);
}

function offline(): void {
  answer(() => Promise.reject(new TypeError("network")));
}

async function session(me = ME): Promise<Session> {
  return { me, key: await ensureKey(NET, me.person.id), status: "active" };
}

/** Sign *type* about the item as this device sees it now. */
async function act(by: Session, item: DayItem, type: EventType, extra: Fields = new Map()): Promise<string> {
  return record(by, { type, number: item.number, title: "", uid: fromHex(item.uid), seq: item.seq + 1, prev: fromHex(item.head), place: 220_001, extra });
}

async function now(me = ME): Promise<DayItem> {
  return await dayItem(me, OFFERED.number) as DayItem;
}

beforeEach(async () => {
  await write(["keys", "outbox", "receipts", "settings", "items", "day", "system"], (transaction) => {
    for (const name of ["keys", "outbox", "receipts", "settings", "items", "day", "system"]) {
      transaction.objectStore(name).clear();
    }
  });
  await setSetting("me", ME);
  answer((path) => (path.startsWith("/api/v1/day") ? Response.json(told([OFFERED], 10), { headers: { ETag: '"1"' } }) : Response.json({}, { status: 503 })));
  assert.equal(await refreshDay(await session()), true);
  offline();
});

test("a day is carried through without a network: taken, offered, refused, offered again, delivered", async () => {
  const open = await session();
  await act(open, await now(), EventType.ACCEPT, new Map([[Field.CITES, fromHex(OFFERED.head)]]));
  assert.deepEqual([(await now()).state, (await now()).custodian?.name, (await now()).seq], ["HELD", "An", 2]);
  assert.ok((await now()).actions.includes("hand_over"));
  const offer = await act(open, await now(), EventType.OFFER, new Map<number, never>([[Field.OFFEREE, fromHex(BINH) as never], [Field.EXPIRY, 3600 as never]]));
  assert.deepEqual([(await now()).state, (await now()).offer?.id, (await now()).offer?.taker.name], ["OFFERED", offer, "Nguyễn Đức Bình"]);
  await act(open, await now(), EventType.CANCEL, new Map([[Field.CITES, fromHex(offer)]]));
  assert.deepEqual([(await now()).state, (await now()).offer], ["HELD", null]);
  await act(open, await now(), EventType.SIGHT, new Map([[Field.REASON, 5]]));
  assert.equal((await now()).seq, 4); // nothing builds on a sighting
  await act(open, await now(), EventType.OFFER, new Map<number, never>([[Field.OFFEREE, fromHex(BINH) as never], [Field.EXPIRY, 3600 as never]]));
  const chain = (await all<OutboxEntry>("outbox")).sort((left, right) => left.dseq - right.dseq).map(({ raw }) => parseEvent(raw));
  const custody = chain.filter((event) => event.name !== "SIGHT");
  custody.slice(1).forEach((event, index) => assert.equal(event.items[0]?.prev, custody[index]?.id));
});

test("without an answer an item is the one of the day, marked as local; with one, what waits here counts on top", async () => {
  assert.equal((await getItem(OFFERED.number)).local, true);
  await act(await session(), await now(), EventType.ACCEPT);
  answer(() => Response.json(OFFERED)); // the service does not know yet
  assert.deepEqual([(await getItem(OFFERED.number)).state, (await getItem(OFFERED.number)).custodian?.id], ["HELD", AN]);
  answer(() => Response.json({ code: "forbidden" }, { status: 403 }));
  assert.equal((await getItem(OFFERED.number)).state, "HELD");
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").clear());
  await assert.rejects(getItem(OFFERED.number), /forbidden/);
});

test("an event from another device advances its item as one's own does, once, and is uploaded from here as well", async () => {
  const taker = await session(OTHER);
  await act(taker, await now(), EventType.REFUSE, new Map([[Field.CITES, fromHex(OFFERED.head)]]));
  const [entry] = await all<OutboxEntry>("outbox") as [OutboxEntry];
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").clear());
  assert.equal((await now()).state, "OFFERED");
  assert.equal(await keepForeign(ME, entry.raw, { number: OFFERED.number, title: "refused" }), true);
  assert.equal(await keepForeign(ME, entry.raw, { number: OFFERED.number, title: "refused" }), false);
  assert.deepEqual([(await now()).state, (await now()).custodian?.name], ["HELD", "Chi"]);
  assert.equal((await all<OutboxEntry>("outbox")).length, 1);
});

test("an event taken in unchecked counts here once it comes again with its signature checked", async () => {
  const taker = await session(OTHER);
  await act(taker, await now(), EventType.REFUSE, new Map([[Field.CITES, fromHex(OFFERED.head)]]));
  const [entry] = await all<OutboxEntry>("outbox") as [OutboxEntry];
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").clear());
  const about = { number: OFFERED.number, title: "refused" };
  assert.equal(await keepForeign(ME, entry.raw, { ...about, unchecked: true }), true);
  assert.equal((await now()).state, "OFFERED");
  assert.equal(await keepForeign(ME, entry.raw, { ...about, unchecked: true }), false);
  assert.equal(await keepForeign(ME, entry.raw, { ...about, unchecked: false }), true);
  assert.equal((await now()).state, "HELD");
  assert.equal(await keepForeign(ME, entry.raw, { ...about, unchecked: true }), false); // what is known to hold stays so
  assert.equal((await now()).state, "HELD");
});

test("what was taken over without a network outlives a refresh that knows nothing of it, and is the service's once it does", async () => {
  const open = await session();
  await putItem(ME, { ...OFFERED, uid: "ff".repeat(8), number: "ZK000000005VN" });
  await act(open, await dayItem(ME, "ZK000000005VN") as DayItem, EventType.ACCEPT);
  answer((path) => (path.startsWith("/api/v1/day") ? Response.json(told([], 12)) : Response.json({}, { status: 503 })));
  await refreshDay(open);
  assert.deepEqual((await dayItems(ME)).map(({ number, state }) => [number, state]), [["ZK000000005VN", "HELD"]]);
  answer(async (path, init) => {
    if (path.startsWith("/api/v1/day")) {
      return Response.json(told([], 14));
    }
    const { entries } = JSON.parse(String(init?.body)) as { entries: string[] };
    const ids = entries.map((text) => parseEvent(Uint8Array.from(Buffer.from(text, "base64url"))).id);
    return Response.json({ results: ids.map((id) => ({ id, status: "stored", index: 13, findings: [], receipt: "", error: null })) });
  });
  await new Outbox(NET).flush();
  assert.equal((await dayItems(ME)).length, 1); // its receipt is newer than the day
  await refreshDay(open);
  assert.equal((await dayItems(ME)).length, 0);
});

test("what the service refused moves nothing", async () => {
  await act(await session(), await now(), EventType.ACCEPT);
  const [entry] = await all<OutboxEntry>("outbox") as [OutboxEntry];
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").put({ ...entry, status: "refused" }));
  assert.equal((await now()).state, "OFFERED");
});

test("a step that the table does not allow ends the way, and of two that build on one the first counts", async () => {
  const open = await session();
  const [before, cites] = [await now(), new Map([[Field.CITES, fromHex(OFFERED.head)]])];
  await act(open, before, EventType.RETURN); // not while it is offered
  assert.equal((await now()).seq, 1);
  const [other, third] = [await session(OTHER), await session({ ...ME, person: { ...ME.person, id: CHI, name: "Chi" } })];
  await act(other, before, EventType.ACCEPT);
  await act(third, before, EventType.REFUSE, cites);
  assert.equal((await now()).state, "OFFERED", "the first that builds on it is the one that cannot be");
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").clear());
  await act(open, before, EventType.ACCEPT);
  await act(other, before, EventType.REFUSE, cites);
  assert.deepEqual([(await now()).state, (await now()).custodian?.id], ["HELD", AN]);
});

test("people are found by office, body and name without marks, and oneself never; another person's day stays theirs", async () => {
  assert.deepEqual((await dayPeople(ME, { q: "duc binh" })).map(({ id }) => id), [BINH]);
  assert.deepEqual((await findPeople({ office: 220_001 })).map(({ id }) => id), [CHI]);
  assert.deepEqual((await findPeople({ agency: 5 })).map(({ id }) => id), [BINH]);
  await assert.rejects(findPeople({ q: "nobody" }));
  assert.deepEqual(await dayItems(OTHER), []);
  assert.deepEqual(await dayPeople(OTHER, {}), []);
  assert.notEqual(ownerOf(ME), ownerOf(OTHER));
});

test("a refresh asks only for what is new, and takes 304 for an answer", async () => {
  const asked: string[] = [];
  answer((path, init) => {
    asked.push(`${path} ${(init?.headers as Record<string, string>)["If-None-Match"]}`);
    return new Response(null, { status: 304 });
  });
  assert.equal(await refreshDay(await session()), true);
  assert.deepEqual(asked, ['/api/v1/day?since=4 "1"']);
  assert.equal((await dayItems(ME)).length, 1);
  offline();
  assert.equal(await refreshDay(await session()), false);
  assert.equal((await dayItems(ME)).length, 1);
});

test("the day of another who is signed in by now is not kept as one's own, nor one that comes after a leave", async () => {
  const own = await session();
  const before = await now();
  const theirs = { ...told([{ ...OFFERED, uid: "ff00112233445566", number: "ZK000000015VN" }], 40), person: BINH };
  answer(() => Response.json(theirs, { headers: { ETag: '"2"' } }));
  assert.equal(await refreshDay(own), false);
  assert.deepEqual(await dayItems(ME), [before]);
  answer(async (path) => {
    if (path !== "/sign-out") {
      await leave();
    }
    return path === "/sign-out" ? new Response(null, { status: 204 }) : Response.json({ ...told([OFFERED], 40), person: AN }, { headers: { ETag: '"3"' } });
  });
  assert.equal(await refreshDay(own), false);
  assert.deepEqual(await all("items"), []);
});

test("bytes that were altered on the device stop neither the next signature nor the day", async () => {
  const open = await session();
  await act(open, await now(), EventType.ACCEPT);
  const [entry] = await all<OutboxEntry>("outbox") as [OutboxEntry];
  await write(["outbox"], (transaction) => void transaction.objectStore("outbox").put({ ...entry, id: "00", raw: new Uint8Array([1]) }));
  assert.equal((await now()).state, "HELD");
  await act(open, await now(), EventType.RETURN);
  assert.equal((await now()).is_returning, true);
});

test("what a device opens to its person is what the service opens", () => {
  type Case = [roles: string, state: string, mine: number, taker: string | null, bag: number, held: number, early: number, steps: string];
  const cases = JSON.parse(readFileSync(`${REPOSITORY}/web/client/test/actions.json`, "utf8")) as Case[];
  assert.ok(cases.length > 500);
  for (const [names, state, mine, taker, bag, held, early, steps] of cases) {
    const roles = names.split(" ");
    const isRecipient = roles.includes("recipient");
    const me = { id: AN, roles, office: isRecipient ? null : { code: 220_001, name: "" }, agency: isRecipient ? { code: 5, name: "" } : null };
    const item = {
      state, held: held === 1, custodian: { id: mine ? AN : BINH, name: "" }, is_container: bag === 1, is_returning: early === 0, seq: early ? 0 : 3,
      offer: taker === null ? null : { taker: { id: taker, name: "" } },
    };
    assert.equal(actionsOf(item, me).sort().join(" "), steps.split(" ").sort().join(" "), `${names} ${JSON.stringify(item)}`);
  }
});
