import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { fromHex, toBase64Url, toHex } from "../src/bytes";
import { certificateEntry, dayRing } from "../src/dayring";
import { ownerOf } from "../src/day";
import { write } from "../src/store";
import type { Me } from "../src/told";

const V = JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/pass.json`, "utf8")) as {
  net: string; roots: string[]; system: { index: number; logged_ms: number; raw: string }[];
  giver: { person: string; kid: string }; taker: { kid: string };
};
const ME: Me = {
  person: { id: V.giver.person, name: "An", login: "an", roles: [], office: null, agency: null },
  net: V.net, origin: "test", anchor: null, demo: true, now_ms: 0, device: null,
};

async function keep(entries: readonly { index: number; logged_ms: number; raw: string }[], roots: readonly string[] = V.roots): Promise<void> {
  await write(["system", "day"], (transaction) => {
    for (const { index, logged_ms: loggedMs, raw } of entries) {
      transaction.objectStore("system").put({ net: V.net, index, loggedMs, raw: toBase64Url(fromHex(raw)) });
    }
    transaction.objectStore("day").put({ roots, people: [], label_keys: [], checkpoint: null, atMs: 0, more: false }, ownerOf(ME));
  });
}

beforeEach(async () => {
  await write(["system", "day"], (transaction) => {
    transaction.objectStore("system").clear();
    transaction.objectStore("day").clear();
  });
});

test("the ring of the day knows who was certified, and is none where no day was brought", async () => {
  assert.equal(await dayRing(ME), null);
  await keep(V.system);
  const ring = await dayRing(ME);
  assert.equal(ring?.get(V.giver.kid)?.person, V.giver.person);
  assert.equal(await dayRing(ME), ring); // built once
  const key = toHex(ring?.get(V.giver.kid)?.key ?? new Uint8Array(0));
  assert.equal(toHex((await certificateEntry(ME, key)) ?? new Uint8Array(0)), V.system.find(({ raw }) => raw.includes(key))?.raw);
  assert.equal(await certificateEntry(ME, "00".repeat(32)), null);
});

test("an entry that was altered where it is stored makes no key, and takes no other one's away", async () => {
  const ring = await (await keep(V.system), dayRing(ME));
  const key = toHex(ring?.get(V.giver.kid)?.key ?? new Uint8Array(0));
  const altered = V.system.map((entry) => (entry.raw.includes(key) ? { ...entry, raw: entry.raw.slice(0, -2) + (entry.raw.endsWith("00") ? "01" : "00") } : entry));
  await keep([...altered, { ...(altered[0] as (typeof altered)[number]), index: 99 }]);
  const again = await dayRing(ME);
  assert.equal(again?.get(V.giver.kid), undefined);
  assert.ok(again?.get(V.taker.kid));
});

test("with other roots nobody is believed", async () => {
  await keep(V.system, ["00".repeat(8)]);
  assert.equal((await dayRing(ME))?.get(V.giver.kid), undefined);
});
