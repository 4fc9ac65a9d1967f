import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Bytes, fromHex, toBase64Url, toHex } from "../src/bytes";
import { encode, type Value } from "../src/cbor";
import { entryId, kidOf, protectedHeader, sigStructure, type Signer } from "../src/cose";
import { coreOf, type Fields, signEvent } from "../src/event";
import { commitSeal, labelDigest, type LabelKey, normaliseSeal, parseDigits, parseLabel, readLabel, verifyLabel } from "../src/label";

interface LabelVector {
  number: string; instance: number; day: number; kid4: string; nonce: string; seal_serial: string; seal_commitment: string;
  uid: string; body: string; signature: string; digest: string; digits: string;
}
interface EventVector {
  name: string; signer: string; second: string | null; fields: Record<string, unknown>; core: string; public_key: string;
  kid: string; payload: string; sig_structure: string; raw: string; id: string;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(`${REPOSITORY}/docs/spec/vectors/${name}.json`, "utf8")) as T;
const LABELS = read<{ public_key: string; labels: LabelVector[]; misread: string[]; forged: string[] }>("label");
const EVENTS = read<{ seeds: Record<string, string>; events: EventVector[] }>("event");

const first = LABELS.labels[0] as LabelVector;
const key: LabelKey & { bytes: Bytes } = {
  kid4: first.kid4, public_key: LABELS.public_key, not_before_ms: 0, not_after_ms: 1e15, revoked: false, bytes: fromHex(LABELS.public_key),
};
const keys = new Map([[first.kid4, key]]);

test("every golden label is read field for field", async () => {
  for (const vector of LABELS.labels) {
    const label = parseDigits(vector.digits);
    const { number, instance, day, kid4 } = label;
    assert.deepEqual({ number, instance, day, kid4 },
      { number: vector.number, instance: vector.instance, day: vector.day, kid4: vector.kid4 });
    assert.equal(toHex(label.raw), vector.body + vector.signature);
    assert.equal(toHex(label.uid), vector.uid);
    assert.equal(toHex(label.nonce), vector.nonce);
    assert.equal(toHex(await labelDigest(label)), vector.digest);
    assert.equal(toHex(label.sealCommitment), vector.seal_commitment);
    assert.equal(toHex(await commitSeal(label, normaliseSeal(vector.seal_serial) ?? "")), vector.seal_commitment);
    assert.ok(await verifyLabel(label, key.bytes));
    assert.equal((await readLabel(vector.digits, keys)).kind, "genuine");
  }
});

test("misread and forged are told apart, because only one of them is a crime", async () => {
  for (const digits of LABELS.misread) {
    assert.equal((await readLabel(digits, keys)).kind, "misread");
  }
  for (const digits of LABELS.forged) {
    assert.equal((await readLabel(digits, keys)).kind, "forged");
  }
});

test("one changed digit is a misread wherever it stands", async () => {
  for (let at = 0; at < first.digits.length; at += 1) {
    const changed = first.digits.slice(0, at) + String((Number(first.digits[at]) + 1) % 10) + first.digits.slice(at + 1);
    assert.equal((await readLabel(changed, keys)).kind, "misread", `digit ${at}`);
  }
});

test("one changed bit under right check digits is never genuine", async () => {
  const raw = parseDigits(first.digits).raw;
  for (let bit = 0; bit < raw.length * 8; bit += 1) {
    const changed = raw.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    let ok = false;
    try {
      ok = await verifyLabel(parseLabel(changed), key.bytes);
    } catch {
      // no label at all
    }
    assert.equal(ok, false, `bit ${bit}`);
  }
});

test("a label is unknown, out of its window or foreign, and each is said", async () => {
  assert.equal((await readLabel(first.digits, new Map())).kind, "unknown-key");
  assert.equal((await readLabel(first.digits, new Map([[first.kid4, { ...key, not_after_ms: 1 }]]))).kind, "key-window");
  assert.equal((await readLabel(first.digits, new Map([[first.kid4, { ...key, revoked: true }]]))).kind, "key-window");
  assert.equal((await readLabel("https://example.invalid/", keys)).kind, "foreign");
  assert.equal((await readLabel("8934673573422", keys)).kind, "foreign");
});

async function signer(name: string, publicKey: Bytes): Promise<Signer> {
  const seed = fromHex(EVENTS.seeds[name] ?? "");
  const jwk = { kty: "OKP", crv: "Ed25519", d: toBase64Url(seed), x: toBase64Url(publicKey) };
  const secret = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["sign"]);
  return { kid: await kidOf(publicKey), sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", secret, message)) };
}

async function publicOf(name: string): Promise<Bytes> {
  const pkcs8 = fromHex(`302e020100300506032b657004220420${EVENTS.seeds[name] ?? ""}`);
  const secret = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, true, ["sign"]);
  const jwk = await crypto.subtle.exportKey("jwk", secret);
  return Uint8Array.from(Buffer.from(jwk.x ?? "", "base64url"));
}

/** {"hex": ..} is bytes, the rest as it stands; SECOND is made anew. */
function valueOf(json: unknown): Value {
  if (Array.isArray(json)) {
    return json.map(valueOf);
  }
  return typeof json === "object" && json ? fromHex((json as { hex: string }).hex) : (json as number | string);
}

test("every golden event comes out byte for byte: core, payload, Sig_structure, message, id", async () => {
  assert.ok(EVENTS.events.some((vector) => vector.second));
  for (const vector of EVENTS.events) {
    const fields: Fields = new Map(Object.entries(vector.fields).filter(([name]) => name !== "22")
      .map(([name, value]) => [Number(name), valueOf(value)]));
    const publicKey = fromHex(vector.public_key);
    const kid = await kidOf(publicKey);
    assert.equal(toHex(kid), vector.kid, vector.name);
    assert.equal(toHex(await publicOf(vector.signer)), vector.public_key);
    assert.equal(toHex(coreOf(fields)), vector.core, vector.name);
    const second = vector.second ? await signer(vector.second, await publicOf(vector.second)) : undefined;
    const raw = await signEvent(fields, await signer(vector.signer, publicKey), second);
    assert.equal(toHex(raw), vector.raw, vector.name);
    assert.equal(toHex(await entryId(raw)), vector.id);
    assert.equal(toHex(sigStructure(protectedHeader(kid), fromHex(vector.payload))), vector.sig_structure);
    if (!vector.second) {
      assert.equal(toHex(encode(fields)), vector.payload);
    }
  }
});
