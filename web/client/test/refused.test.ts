import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sha256, toHex, utf8 } from "../src/bytes";
import { entryId } from "../src/cose";
import type { Aside } from "../src/aside";
import { record } from "../src/device";
import { Field } from "../src/event";
import { Outbox } from "../src/outbox";
import { DRAWINGS, RECORDS, type RefusedPaper, waitingPapers } from "../src/papers";
import type { Session } from "../src/session";
import { all, asked, get, type OutboxEntry, saidOf, StorageFullError, type StoredReceipt, write } from "../src/store";
import { DRAFT, empty, NET, PERSON, results, sendOnce, sent, serve, session } from "./device";

beforeEach(empty);

for (const [status, code] of [[413, "too-large"], [400, "bad-json"]] as const) {
  test(`one event that the service cannot take (${status} ${code}) is found and named, and all others are sent`, async () => {
    const open = await session();
    const ids: string[] = [];
    for (let at = 0; at < 9; at += 1) {
      ids.push(await record(open, DRAFT));
    }
    const bad = ids[5] as string;
    serve(async (entries) => {
      const named = await Promise.all(entries.map(async (raw) => toHex(await entryId(raw))));
      return named.includes(bad) ? Response.json({ code, title: "no" }, { status }) : results(entries, "stored");
    });
    const outbox = new Outbox(NET);
    assert.equal(await outbox.flush(), null);
    assert.ok(sent.length < 12, `${sent.length} requests`);
    const { waiting, refused } = await outbox.state();
    assert.equal(waiting, 0);
    assert.deepEqual(refused.map(({ id }) => id), [bad]);
    assert.match(refused[0]?.problem ?? "", status === 413 ? /\d{3} bytes.*supervisor/ : /cannot read.*supervisor/);
    assert.deepEqual((await all<StoredReceipt>("receipts")).map(({ id }) => id).sort(), ids.filter((id) => id !== bad).sort());
  });
}

test("one event that a proxy finds too large waits, and all others are sent", async () => {
  const open = await session();
  const ids: string[] = [];
  for (let at = 0; at < 9; at += 1) {
    ids.push(await record(open, DRAFT));
  }
  const large = ids[5] as string;
  serve(async (entries) => {
    const named = await Promise.all(entries.map(async (raw) => toHex(await entryId(raw))));
    return named.includes(large) ? new Response("<h1>413</h1>", { status: 413 }) : results(entries, "stored");
  });
  const outbox = new Outbox(NET);
  assert.equal((await sendOnce(outbox, large)).kind, "waiting");
  assert.ok(sent.length < 12, `${sent.length} requests`);
  const { waiting, refused } = await outbox.state();
  assert.deepEqual([waiting, refused.length], [1, 0]);
  assert.deepEqual((await all<StoredReceipt>("receipts")).map(({ id }) => id).sort(), ids.filter((id) => id !== large).sort());
});

test("a proxy that lets nothing through is not asked for each event by itself", async () => {
  const open = await session();
  for (let at = 0; at < 30; at += 1) {
    await record(open, DRAFT);
  }
  serve(() => new Response("<h1>413</h1>", { status: 413 }));
  const outbox = new Outbox(NET);
  await sendOnce(outbox, "");
  assert.ok(sent.length < 12, `${sent.length} requests`);
  assert.equal((await outbox.state()).waiting, 30);
});

test("what a proxy says of itself makes no event a refused one", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  serve(() => new Response("<h1>400 Bad Request</h1>", { status: 400 }));
  const outbox = new Outbox(NET);
  assert.equal((await sendOnce(outbox, id)).kind, "waiting");
  assert.equal((await outbox.state()).refused.length, 0);
});

test("a refusal that was explained leaves the list, stays on the device, and the service is told what was said", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  serve((entries) => results(entries, "refused"));
  await sendOnce(outbox, id);
  const told: string[] = [];
  globalThis.fetch = async (path, init) => {
    told.push(`${path} ${String(init?.body)}`);
    return new Response(null, { status: 204 });
  };
  await outbox.explain(id, "the key was changed at noon", 220_001);
  await outbox.flush();
  await outbox.flush();
  assert.equal((await outbox.state()).refused.length, 0);
  assert.deepEqual((await all<OutboxEntry>("outbox")).flatMap(saidOf).map(({ text }) => text), ["the key was changed at noon"]);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^\/api\/v1\/refusals .*"entry":"[0-9a-f]{64}"/);
  assert.match(told[0] ?? "", /"ZK473124829VN sight: the key was changed at noon"/);
});

test("an explanation is never overwritten: each stands beside those before it, and each is told once", async () => {
  const open = await session();
  const id = await record(open, DRAFT);
  const outbox = new Outbox(NET);
  serve((entries) => results(entries, "refused"));
  await sendOnce(outbox, id);
  await write(["outbox"], async (transaction) => { // as a version before this one kept it
    const store = transaction.objectStore("outbox");
    const entry = await asked<OutboxEntry>(store.get(id));
    store.put({ ...entry, explained: "first", place: 1, told: true });
  });
  const told: string[] = [];
  globalThis.fetch = async (_path, init) => {
    told.push((JSON.parse(String(init?.body)) as { text: string }).text);
    return new Response(null, { status: 204 });
  };
  await Promise.all([outbox.explain(id, "second", 2), outbox.explain(id, "third", 3)]);
  await outbox.flush();
  await outbox.flush();
  const [entry] = (await outbox.state()).explained;
  assert.deepEqual(saidOf(entry as OutboxEntry).map(({ text, place }) => `${text} ${place}`), ["first 1", "second 2", "third 3"]);
  assert.deepEqual(told.map((text) => text.replace(/.*: /, "")), ["second", "third"]);
});

/** Sign an event that covers *texts*; the service has it. */
async function covered(open: Session, ...texts: string[]): Promise<void> {
  const digests = await Promise.all(texts.map((text) => sha256(utf8(text))));
  const id = await record(open, { ...DRAFT, extra: new Map([[Field.ATTACH, digests]]) });
  serve((entries) => results(entries, "stored"));
  await sendOnce(new Outbox(NET), id);
}

const aside = (text: string): Aside => ({ number: DRAFT.number, text, signer: PERSON });

test("what is kept beside an event is not lost while another is sent", async () => {
  await covered(await session(), "first", "second", "third");
  const taken: string[] = [];
  globalThis.fetch = async (_path, init) => {
    taken.push((JSON.parse(String(init?.body)) as { record: string }).record);
    return new Response(null, { status: 204 });
  };
  await RECORDS.keep(aside("first"));
  await Promise.all([RECORDS.send(PERSON), RECORDS.keep(aside("second")), RECORDS.keep(aside("third"))]);
  const kept = (await get<Aside[]>("settings", "slips") ?? []).map(({ text }) => text);
  assert.deepEqual([...taken, ...kept].sort(), ["first", "second", "third"]);
});

test("a drawing waits until its delivery is in the log, whatever else is sent", async () => {
  await DRAWINGS.keep(aside("mine"));
  globalThis.fetch = () => assert.fail("nothing is signed for it yet");
  assert.deepEqual(await DRAWINGS.send(PERSON), []);
  assert.equal(await waitingPapers(PERSON), 0);
  const open = await session();
  await record(open, { ...DRAFT, extra: new Map([[Field.ATTACH, [await sha256(utf8("mine"))]]]) });
  assert.deepEqual(await DRAWINGS.send(PERSON), []);
  assert.equal(await waitingPapers(PERSON), 1);
  assert.equal((await get<Aside[]>("settings", "glass"))?.length, 1);
});

for (const status of [400, 404, 409, 413]) {
  test(`a drawing that is refused (${status}) stays listed with what to do until it is explained, and is not sent again`, async () => {
    await covered(await session(), "mine");
    await DRAWINGS.keep(aside("mine"));
    let asked = 0;
    globalThis.fetch = async () => {
      asked += 1;
      return Response.json({ code: "no", detail: "this is no drawing" }, { status });
    };
    const outbox = new Outbox(NET);
    const tellings: number[] = [];
    outbox.onChange(({ papers }) => tellings.push(papers.length));
    await outbox.sendPapers(PERSON);
    await outbox.sendPapers(PERSON);
    assert.equal(asked, 1);
    const [paper] = (await outbox.state()).papers;
    assert.match(paper?.one.problem ?? "", /no drawing/);
    assert.match(paper?.next ?? "", /supervisor/);
    assert.equal(await waitingPapers(PERSON), 0);
    await outbox.explainPaper(paper as RefusedPaper, "they signed on paper", 1);
    await outbox.explainPaper(paper as RefusedPaper, "and once more", 1);
    assert.deepEqual((await outbox.state()).papers, []);
    assert.equal(tellings.at(-1), 0);
    const [kept] = (await get<Aside[]>("settings", "glass")) ?? [];
    assert.deepEqual(kept?.said?.map(({ text }) => text), ["they signed on paper", "and once more"]);
  });
}

for (const status of [400, 404, 409, 413, 422]) {
  test(`a drawing waits where a proxy answers (${status}) in place of the service`, async () => {
    await covered(await session(), "mine");
    await DRAWINGS.keep(aside("mine"));
    globalThis.fetch = async () => new Response("<h1>no</h1>", { status });
    assert.deepEqual(await DRAWINGS.send(PERSON), []);
    assert.equal(await waitingPapers(PERSON), 1);
    globalThis.fetch = async () => new Response(null, { status: 204 });
    await DRAWINGS.send(PERSON);
    assert.deepEqual(await get<Aside[]>("settings", "glass"), []);
  });
}

test("a refused drawing can be sent once more, when what refused it has been put right", async () => {
  await covered(await session(), "mine");
  await DRAWINGS.keep(aside("mine"));
  const outbox = new Outbox(NET);
  for (const [status, left] of [[409, 1], [409, 1], [204, 0]] as const) {
    const [paper] = (await outbox.state()).papers;
    globalThis.fetch = async () => (status === 204 ? new Response(null, { status }) : Response.json({ code: "conflict" }, { status }));
    await (paper ? outbox.sendAgain(paper, PERSON) : outbox.sendPapers(PERSON));
    assert.equal((await outbox.state()).papers.length, left);
  }
  assert.deepEqual(await get<Aside[]>("settings", "glass"), []);
});

test("a drawing of a delivery that was refused and explained makes room for a new one, and no other does", async () => {
  const open = await session();
  const id = await record(open, { ...DRAFT, extra: new Map([[Field.ATTACH, [await sha256(utf8("7"))]]]) });
  serve((entries) => results(entries, "refused"));
  const outbox = new Outbox(NET);
  await sendOnce(outbox, id);
  await write(["settings"], (transaction) => void transaction.objectStore("settings").put(Array.from({ length: 200 }, (_, n) => aside(`${n}`)), "glass"));
  await assert.rejects(DRAWINGS.keep(aside("one more")), StorageFullError); // nobody has said yet what had happened
  globalThis.fetch = async () => new Response(null, { status: 204 });
  await outbox.explain(id, "they signed on paper", 220_001);
  await outbox.flush();
  await DRAWINGS.keep(aside("one more"));
  const kept = (await get<Aside[]>("settings", "glass") ?? []).map(({ text }) => text);
  assert.deepEqual([kept.length, kept.includes("7"), kept.at(-1)], [200, false, "one more"]);
  await assert.rejects(DRAWINGS.keep(aside("and another")), StorageFullError);
});

test("where two hundred wait already nothing more is signed, and none of them is pushed out", async () => {
  await write(["settings"], (transaction) => void transaction.objectStore("settings").put(Array.from({ length: 200 }, (_, n) => aside(`${n}`)), "glass"));
  await assert.rejects(DRAWINGS.keep(aside("one more")), StorageFullError);
  assert.equal((await get<Aside[]>("settings", "glass"))?.length, 200);
});

test("what was altered while it waited is refused and shown, whatever the service says of the bytes", async () => {
  const open = await session();
  await record(open, DRAFT);
  const other = await record(open, DRAFT);
  for (const status of ["refused", "stored"]) {
    const entry = (await all<OutboxEntry>("outbox")).find(({ id }) => id === other) as OutboxEntry;
    const raw = Uint8Array.from(entry.raw);
    raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ (status === "refused" ? 1 : 2);
    await write(["outbox"], (transaction) => void transaction.objectStore("outbox").put({ ...entry, raw, status: "waiting" }));
    serve((entries) => results(entries, status));
    const outbox = new Outbox(NET);
    const outcome = await sendOnce(outbox, other);
    assert.equal(outcome.kind, "refused");
    assert.match(outcome.kind === "refused" ? outcome.problem : "", /altered/);
    assert.ok((await outbox.state()).refused.some(({ id }) => id === other));
  }
  assert.deepEqual((await all<StoredReceipt>("receipts")).filter(({ id }) => id === other), []);
});
