import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseEvent } from "../../verifier/src/event";
import { KeyRing } from "../../verifier/src/keys";
import { type Bytes, fromHex, toHex } from "../src/bytes";
import { Collector, FRAME_BYTES, isFrame, MOST_FRAMES, parseFrame, toFrames } from "../src/pass/frames";
import { digestOf, type Message, MessageError, pack, unpack } from "../src/pass/message";
import { inLanguages, phraseOf } from "../src/pass/phrase";
import { checkAnswer, checkOffer, type Ground, RefusedError } from "../src/pass/verify";
import { WORDS } from "../src/pass/words";

interface Shown { message: string; wire: string; frames: string[]; ids: string[]; words: number[] }
interface Someone { person: string; kid: string; seed: string }
const V = JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/pass.json`, "utf8")) as {
  net: string; roots: string[]; system: { index: number; logged_ms: number; raw: string }[]; made_ms: number;
  giver: Someone; taker: Someone; items: { uid: string; number: string; head: string }[]; offer: Shown; answer: Shown;
};
const [OFFER, ANSWER] = [V.offer, V.answer];

/** The keys as the log had certified them, without entry *but*, and with *also* at the end. */
async function ringOf(but = -1): Promise<KeyRing> {
  const ring = new KeyRing(new Set(V.roots));
  for (const { index, logged_ms: loggedMs, raw } of V.system) {
    if (index !== but) {
      await ring.apply({ index, event: parseEvent(fromHex(raw)), loggedMs });
    }
  }
  return ring;
}

async function ground(more: Partial<Ground> = {}, who: Someone = V.taker): Promise<Ground> {
  const ring = more.ring ?? (await ringOf());
  return { net: V.net, person: who.person, kid: who.kid, nowMs: V.made_ms + 60_000, known: new Map(), ...more, ring };
}

const offered = (): Promise<Message> => unpack(fromHex(OFFER.wire));
const answered = (): Promise<Message> => unpack(fromHex(ANSWER.wire));
const refused = (code: string) => (error: unknown): boolean => {
  assert.ok(error instanceof RefusedError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};
const offers = async (): Promise<ReturnType<typeof parseEvent>[]> => (await offered()).events.map(parseEvent);
const certifying = (who: Someone): number =>
  V.system.find(({ raw }) => raw.includes(who.person) && parseEvent(fromHex(raw)).hex(31) === who.person)?.index ?? -1;
const bytes = (length: number, seed = 7): Bytes => Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 3)) & 255);

// -- frames ------------------------------------------------------------------------------------

test("the frames of the second implementation are these, and give their message in any order, with strangers among them", async () => {
  for (const shown of [OFFER, ANSWER]) {
    assert.deepEqual(await toFrames(fromHex(shown.wire)), shown.frames);
    const collector = new Collector();
    for (const frame of [...shown.frames].reverse()) {
      assert.equal(await collector.message(), null);
      assert.equal(collector.take(frame), "new");
      assert.equal(collector.take(frame), "known");
      assert.equal(collector.take((shown === OFFER ? ANSWER : OFFER).frames[0] ?? ""), "other");
    }
    assert.equal(toHex((await collector.message()) ?? bytes(0)), shown.wire);
  }
});

test("a message of any length comes back, in frames of one size that a camera reads", async () => {
  for (const length of [1, 2, 11, 12, 13, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES - 5, 9_000]) {
    const frames = await toFrames(bytes(length, length));
    const collector = new Collector();
    frames.forEach((frame) => collector.take(frame));
    assert.deepEqual(await collector.message(), bytes(length, length));
    assert.ok(frames.every((frame) => frame.length <= 991 && isFrame(frame)));
    assert.deepEqual(collector.progress, { read: frames.length, of: frames.length });
  }
  await assert.rejects(toFrames(bytes(MOST_FRAMES * FRAME_BYTES + 1)), RangeError);
});

test("any one digit of a frame altered is misread, and so are two that changed places", () => {
  const frame = OFFER.frames[0] ?? "";
  for (let at = 0; at < frame.length; at += 1) {
    const digit = Number(frame[at]);
    const other = frame.slice(0, at) + ((digit + 1 + (at % 8)) % 10) + frame.slice(at + 1);
    assert.equal(parseFrame(other), null, `digit ${at}`);
    const swapped = frame.slice(0, at) + (frame[at + 1] ?? "") + digit + frame.slice(at + 2);
    assert.ok(swapped === frame || at + 1 >= frame.length || parseFrame(swapped) === null, `digits ${at}`);
  }
  for (const text of ["", "951", frame.slice(1), `${frame}0`, `952${frame.slice(3)}`, "0".repeat(224), "ZK473124829VN"]) {
    assert.equal(parseFrame(text), null);
  }
  assert.ok(!isFrame("0".repeat(224)) && !isFrame("ZK473124829VN") && isFrame(`952${frame.slice(3)}`));
});

test("frames of which one was swapped for another of the same name give no message", async () => {
  const [first = "", second = ""] = await toFrames(bytes(700));
  const [, forged = ""] = await toFrames(bytes(700, 9));
  const tag = (parseFrame(first)?.tag ?? "").padStart(10, "0");
  const body = `951${tag}${forged.slice(13, -2)}`;
  const fake = body + String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
  const collector = new Collector();
  assert.deepEqual([collector.take(first), collector.take(fake)], ["new", "new"]);
  await assert.rejects(collector.message(), RangeError);
  collector.clear();
  assert.deepEqual([collector.take(second), collector.take(first)], ["new", "new"]);
  assert.deepEqual(await collector.message(), bytes(700));
});

// -- message -----------------------------------------------------------------------------------

test("a message is read as it was packed, and small enough", async () => {
  const message = await offered();
  const packed = await pack(message);
  assert.deepEqual(await unpack(packed), message);
  assert.ok(packed.length < OFFER.message.length / 2);
  assert.equal((await answered()).covers.length, 0);
});

test("what is no message is said, and a small one that unpacks to a large one is not unpacked", async () => {
  const bomb = new Blob([new Uint8Array(3_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const small = new Uint8Array(await new Response(bomb).arrayBuffer());
  assert.ok(small.length < 8 * FRAME_BYTES);
  await assert.rejects(unpack(small), MessageError);
  await assert.rejects(unpack(bytes(40)), MessageError);
  const message = await offered();
  await assert.rejects(unpack(await pack({ ...message, covers: [] })), MessageError);
  await assert.rejects(unpack(await pack({ ...message, events: [] })), MessageError);
  await assert.rejects(unpack(await pack({ ...(await answered()), covers: message.covers })), MessageError);
});

// -- phrase ------------------------------------------------------------------------------------

test("both screens have the same four words, whichever language they show", async () => {
  for (const shown of [OFFER, ANSWER]) {
    const phrase = await phraseOf(shown.ids);
    assert.deepEqual(phrase, shown.words.map((number) => WORDS[number]));
    const [vietnamese, english] = [inLanguages(phrase, "vi"), inLanguages(phrase, "en")];
    assert.deepEqual([vietnamese.own, vietnamese.other], [english.other, english.own]);
  }
  assert.notDeepEqual(await phraseOf([...ANSWER.ids].reverse()), await phraseOf(ANSWER.ids));
});

/** A Vietnamese word as it may be heard anywhere: without marks, and with what dialects merge taken for one. */
function heard(word: string): string {
  return word.split(" ").map((syllable) => {
    const plain = syllable.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/^ngh/, "ng").replace(/^gh/, "g");
    const begun = plain.replace(/^tr/, "ch").replace(/^s/, "x").replace(/^(r|v|gi(?=.))/, "d").replace(/^n(?![gh])/, "l");
    return begun.replace(/(?<=.)(ng|nh)$/, "n").replace(/(?<=.)(ch|c)$/, "t").replaceAll("y", "i");
  }).join(" ");
}

function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      next.push(Math.min((row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1, (row[to - 1] ?? 0) + (left[at - 1] === right[to - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test("no two of the 256 words are taken for one another, in either language", () => {
  assert.equal(WORDS.length, 256);
  assert.equal(new Set(WORDS.map(({ vi }) => heard(vi))).size, 256);
  WORDS.forEach(({ vi, en }, index) => {
    assert.match(vi, /^\p{Ll}{2,}( \p{Ll}+)*$/u);
    assert.match(en, /^[a-z]{3,12}$/);
    assert.ok(WORDS.slice(0, index).every((other) => distance(other.en, en) > 1), en);
  });
});

// -- offer -------------------------------------------------------------------------------------

test("an offer that holds names its giver, its items and nobody else", async () => {
  const found = await checkOffer(await offered(), await ground());
  assert.equal(found.giver.person, V.giver.person);
  assert.deepEqual(found.items.map(({ label }) => label.number), V.items.map(({ number }) => number));
  assert.deepEqual(found.items.map(({ fault }) => fault), [null, null]);
  assert.deepEqual(found.items.map(({ cover }) => [cover.secrecy, cover.urgency]), [[3, 0], [2, 1]]);
  assert.equal(found.aheadMs, 0);
});

test("any byte of an offer altered is refused", async () => {
  const whole = fromHex(OFFER.message);
  const at = await ground();
  for (let index = 0; index < whole.length; index += 1) {
    const altered = Uint8Array.from(whole);
    altered[index] = (altered[index] ?? 0) ^ (1 << index % 8);
    const wire = await deflated(altered);
    await assert.rejects(async () => {
      const found = await checkOffer(await unpack(wire), at);
      const fault = found.items.find((item) => item.fault)?.fault;
      throw fault ? new RefusedError(fault.code, fault.detail) : new Error("taken");
    }, (error) => error instanceof RefusedError || error instanceof MessageError, `byte ${index}`);
  }
});

async function deflated(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await new Response(new Blob([message]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer());
}

test("any byte of an answer altered is refused", async () => {
  const whole = fromHex(ANSWER.message);
  const [at, made] = [await ground({}, V.giver), await offers()];
  for (let index = 0; index < whole.length; index += 1) {
    const altered = Uint8Array.from(whole);
    altered[index] = (altered[index] ?? 0) ^ (1 << index % 8);
    const wire = await deflated(altered);
    await assert.rejects(async () => checkAnswer(await unpack(wire), made, at),
      (error) => error instanceof RefusedError || error instanceof MessageError, `byte ${index}`);
  }
});

test("an offer to somebody else, of another network, expired, or one's own is refused by its finding", async () => {
  const message = await offered();
  await assert.rejects(checkOffer(message, await ground({ person: "00".repeat(8) })), refused("P03"));
  await assert.rejects(checkOffer(message, await ground({}, V.giver)), refused("P05"));
  await assert.rejects(checkOffer(message, await ground({ net: "11".repeat(8) })), refused("E07"));
  const day = 8 * 3_600_000;
  await assert.rejects(checkOffer(message, await ground({ nowMs: V.made_ms + day + 130_000 })), refused("S04"));
  await assert.rejects(checkOffer(await answered(), await ground()), refused("S01"));
  await assert.rejects(checkOffer({ ...message, events: [...message.events, ...message.events] }, await ground()), refused("E08"));
});

test("clocks may differ by two minutes in silence; more is said, and stops nobody", async () => {
  const message = await offered();
  assert.equal((await checkOffer(message, await ground({ nowMs: V.made_ms - 119_000 }))).aheadMs, 0);
  assert.equal((await checkOffer(message, await ground({ nowMs: V.made_ms - 3_600_000 }))).aheadMs, 3_600_000);
  await checkOffer(message, await ground({ nowMs: V.made_ms + 8 * 3_600_000 + 110_000 }));
});

test("a giver whose key is revoked, compromised or over, as far as this device knows, is refused", async () => {
  const message = await offered();
  for (const [change, code] of [
    [{ revokedIndex: 40, retired: true }, "K04"], [{ compromisedMs: 1 }, "K05"], [{ tainted: true }, "K05"],
  ] as const) {
    const ring = await ringOf();
    Object.assign(ring.get(V.giver.kid) ?? {}, change);
    await assert.rejects(checkOffer(message, await ground({ ring })), refused(code));
  }
  const year = 366 * 86_400_000;
  await assert.rejects(checkOffer({ ...message, certificate: null }, await ground({ nowMs: V.made_ms + 2 * year })), refused("K03"));
  await assert.rejects(checkOffer(message, await ground({ nowMs: V.made_ms - 2 * year })), refused("K02"));
});

test("a giver certified since this device last saw the log is known by the certificate shown, and by nothing less", async () => {
  const message = await offered();
  const ring = await ringOf(certifying(V.giver));
  assert.equal(ring.get(V.giver.kid), undefined);
  assert.equal((await checkOffer(message, await ground({ ring }))).giver.person, V.giver.person);
  await assert.rejects(checkOffer({ ...message, certificate: null }, await ground({ ring })), refused("K01"));
  const others = fromHex(V.system[certifying(V.taker)]?.raw ?? "");
  await assert.rejects(checkOffer({ ...message, certificate: others }, await ground({ ring })), refused("K01"));
  const issuer = parseEvent(fromHex(V.system[certifying(V.giver)]?.raw ?? "")).kid;
  Object.assign(ring.get(issuer) ?? {}, { compromisedMs: 1 });
  await assert.rejects(checkOffer(message, await ground({ ring })), refused("K05"));
});

test("whoever may not certify any more vouches for nobody: revoked, over, or not yet valid, as this device knows", async () => {
  const message = await offered();
  const issuer = parseEvent(fromHex(V.system[certifying(V.giver)]?.raw ?? "")).kid;
  const day = 86_400_000;
  for (const [change, code] of [
    [{ revokedIndex: 40 }, "K08"], [{ revokedIndex: 40, retired: true }, "K08"], [{ notAfterMs: V.made_ms - day }, "K08"],
    [{ notBeforeMs: V.made_ms + day }, "K08"], [{ tainted: true }, "K05"],
  ] as const) {
    const ring = await ringOf(certifying(V.giver));
    Object.assign(ring.get(issuer) ?? {}, change);
    await assert.rejects(checkOffer(message, await ground({ ring })), refused(code), JSON.stringify(change));
  }
});

test("the same device is no second one", async () => {
  const ring = await ringOf();
  Object.assign(ring.get(V.taker.kid) ?? {}, { device: ring.get(V.giver.kid)?.device });
  await assert.rejects(checkOffer(await offered(), await ground({ ring })), refused("P06"));
});

test("an item that goes on elsewhere, bears a false label or a mark too high is refused by itself", async () => {
  const message = await offered();
  const [first = { uid: "", head: "" }, second = { uid: "", head: "" }] = V.items;
  const [offer] = (await offers()) as [ReturnType<typeof parseEvent>];
  const codes = async (more: Partial<Ground>): Promise<(string | undefined)[]> =>
    (await checkOffer(message, await ground(more))).items.map((item) => item.fault?.code);
  const know = (seq: number, head: string, offerId: string | null = null): Partial<Ground> => ({ known: new Map([[first.uid, { seq, head, offerId }]]) });
  assert.deepEqual(await codes(know(0, first.head)), [undefined, undefined]);
  assert.deepEqual(await codes(know(0, second.head)), ["C04", undefined]);
  assert.deepEqual(await codes(know(4, first.head)), ["C04", undefined]);
  assert.deepEqual(await codes(know(1, offer.id, offer.id)), [undefined, undefined]); // read a second time
  const low = await ringOf();
  Object.assign(low.get(V.taker.kid) ?? {}, { secrecyMax: 3 });
  assert.deepEqual(await codes({ ring: low }), [undefined, "K06"]);
  const unlabelled = await ringOf();
  unlabelled.labelKey = () => undefined;
  assert.deepEqual(await codes({ ring: unlabelled }), ["L03", "L03"]);
});

test("what is said of the covers is signed: another seal in its place is refused", async () => {
  const message = await offered();
  const covers = message.covers.map((cover, index) => (index ? cover : { ...cover, seal: new Uint8Array(8) }));
  assert.notDeepEqual(await digestOf(covers), await digestOf(message.covers));
  await assert.rejects(checkOffer({ ...message, covers }, await ground()), refused("E04"));
  await assert.rejects(checkOffer({ ...message, covers: message.covers.slice(1) }, await ground()), refused("E04"));
});

// -- answer ------------------------------------------------------------------------------------

test("an answer says of each item what became of it", async () => {
  const found = await checkAnswer(await answered(), await offers(), await ground({}, V.giver));
  assert.deepEqual(found.taken, [V.items[0]?.uid]);
  assert.deepEqual([...found.refused], [[V.items[1]?.uid, 2]]);
  assert.deepEqual(found.open, []);
  const half = { ...(await answered()), events: (await answered()).events.slice(0, 1) };
  assert.deepEqual((await checkAnswer(half, await offers(), await ground({}, V.giver))).open, [V.items[1]?.uid]);
});

test("an answer to another offer, by another person, or twice over is refused", async () => {
  const [message, made, at] = [await answered(), await offers(), await ground({}, V.giver)];
  await assert.rejects(checkAnswer(message, [], at), refused("P04"));
  await assert.rejects(checkAnswer({ ...message, events: [...message.events, ...message.events.slice(0, 1)] }, made, at), refused("E08"));
  await assert.rejects(checkAnswer(await offered(), made, at), refused("S01"));
  await assert.rejects(checkAnswer(message, made, await ground({}, V.taker)), refused("P06"));
  const ring = await ringOf();
  Object.assign(ring.get(V.taker.kid) ?? {}, { revokedIndex: 40 });
  await assert.rejects(checkAnswer(message, made, await ground({ ring }, V.giver)), refused("K04"));
});
