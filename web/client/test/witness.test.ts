import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, fromHex, toHex } from "../src/bytes";
import { kidOf } from "../src/cose";
import { ensureKey } from "../src/keys";
import { all, type StoredKey } from "../src/store";
import { admit } from "../src/witness";

const NET = "0011223344556677";
const SECOND = "0909090909090909";
Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
Object.defineProperty(globalThis, "isSecureContext", { value: true });

interface Asked {
  readonly login: string;
  readonly password: string;
  readonly public_key: string;
}

function serve(): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = async (path, init) => {
    assert.equal(path, "/api/v1/witness");
    asked.push(JSON.parse(String(init?.body)) as Asked);
    return Response.json({ person: { id: SECOND, name: "Bình" }, kid: "00", status: "active" });
  };
  return asked;
}

test("a second signature has a key of its own each time, which this browser does not keep", async () => {
  const asked = serve();
  const own = await ensureKey(NET, SECOND); // that person has enrolled this browser too
  const signers = [await admit("binh", "one"), await admit("binh", "two")];
  assert.equal(new Set([own.publicKey, ...asked.map((one) => one.public_key)]).size, 3);
  assert.deepEqual((await all<StoredKey>("keys")).map((key) => key.kid), [own.kid]);
  for (const [n, signer] of signers.entries()) {
    const raw = fromHex(asked[n]?.public_key ?? "");
    assert.equal(toHex(signer.kid), toHex(await kidOf(raw)));
    const message: Bytes = new Uint8Array([1, 2, 3]);
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    assert.ok(await crypto.subtle.verify("Ed25519", key, await signer.sign(message), message));
  }
});

test("a wrong password makes no signer", async () => {
  globalThis.fetch = async () => Response.json({ code: "wrong-sign-in", detail: "" }, { status: 401 });
  await assert.rejects(admit("binh", "wrong"));
});
