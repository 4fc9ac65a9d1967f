import assert from "node:assert/strict";
import { test } from "node:test";
import { EventType } from "../src/event";
import { commitSeal, normaliseSeal, parseDigits, readLabel } from "../src/label";
import { stepOf, TASKS } from "../src/practice/course";
import { practiceKeys, practiceLabel, practiceNumber } from "../src/practice/labels";
import { PRACTICE_KID4, PRACTICE_NET, PracticeError, refusePractice } from "../src/practice/net";
import { type Act, World } from "../src/practice/world";
import { record } from "../src/device";
import { Outbox } from "../src/outbox";
import { readNumber } from "../src/s10";
import { draftOf, signAndKeep } from "../src/scan/signing";
import { beginRound } from "../src/scan/round";

async function practised(type: EventType): Promise<{ world: World; acts: Act[]; sign(): Promise<unknown> }> {
  const acts: Act[] = [];
  const world = await World.open((act) => acts.push(act));
  const [item] = await world.all();
  assert.ok(item);
  const desk = { session: world.session, outbox: new Outbox(PRACTICE_NET), place: 1, sign: world.sign };
  return { world, acts, sign: () => signAndKeep(desk, [draftOf(desk, item, { type, title: "", extra: new Map() })]) };
}

test("a practice label is a label, read by the practice key and by no other", async () => {
  const made = await practiceLabel(1, "TS 1024");
  const label = parseDigits(made.digits);
  assert.deepEqual([label.number, label.kid4], [practiceNumber(1), PRACTICE_KID4]);
  assert.ok(readNumber(made.number));
  assert.deepEqual(label.sealCommitment, await commitSeal(label, normaliseSeal("ts-1024") ?? ""), "as a person types it");
  assert.equal((await readLabel(made.digits, await practiceKeys())).kind, "genuine");
  assert.equal((await readLabel(made.digits, new Map())).kind, "unknown-key");
  assert.equal((await readLabel((await practiceLabel(1, "TS 1024", true)).digits, await practiceKeys())).kind, "forged");
});

test("what is signed at practice counts in its page alone", async () => {
  const { world, acts, sign } = await practised(EventType.ACCEPT);
  assert.deepEqual(await sign().then((signed) => (signed as { outcome: unknown }[]).map(({ outcome }) => outcome)), [{ kind: "practised" }]);
  assert.equal((await world.item(practiceNumber(1))).state, "HELD");
  assert.deepEqual(acts.map(({ number }) => number), [practiceNumber(1)]);
  assert.equal(beginRound("receive", await world.all()).expected.length, 4, "what is left is offered");
  world.reset();
  assert.equal((await world.item(practiceNumber(1))).state, "OFFERED");
});

test("the device's chain and the outbox refuse the network of practice", async () => {
  const { world } = await practised(EventType.ACCEPT);
  const [item] = await world.all();
  assert.ok(item);
  const draft = draftOf({ place: 1 }, item, { type: EventType.ACCEPT, title: "", extra: new Map() });
  await assert.rejects(record(world.session, draft), PracticeError);
  assert.throws(() => refusePractice(PRACTICE_NET), PracticeError);
  assert.doesNotThrow(() => refusePractice("00".repeat(8)));
});

test("a task is done by doing it, and signing for a seal that differs is not", () => {
  const act = (type: EventType, number = "a", isSealRight = true): Act => ({ type, number, isSealRight });
  const [receive, handOver, wrongSeal, forged, round] = TASKS;
  assert.ok(receive && handOver && wrongSeal && forged && round);
  assert.equal(stepOf(receive, ["a"], []), "on");
  assert.equal(stepOf(receive, ["a"], [act(EventType.ACCEPT, "b")]), "on");
  assert.equal(stepOf(receive, ["a"], [act(EventType.ACCEPT)]), "done");
  assert.equal(stepOf(receive, ["a"], [act(EventType.ACCEPT, "a", false)]), "wrong");
  assert.equal(stepOf(handOver, ["a"], [act(EventType.ACCEPT)]), "on");
  assert.equal(stepOf(handOver, ["a"], [act(EventType.ACCEPT), act(EventType.OFFER)]), "done");
  assert.equal(stepOf(wrongSeal, ["a"], [act(EventType.ACCEPT, "a", false)]), "wrong");
  assert.equal(stepOf(wrongSeal, ["a"], [act(EventType.REFUSE, "a", false)]), "done");
  assert.equal(stepOf(forged, ["a"], [act(EventType.SIGHT)]), "done");
  assert.equal(stepOf(round, ["a", "b"], [act(EventType.ACCEPT)]), "on");
  assert.equal(stepOf(round, ["a", "b"], [act(EventType.ACCEPT), act(EventType.ACCEPT, "b")]), "done");
});
