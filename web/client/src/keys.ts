/** Device keys: Ed25519 in WebCrypto, not extractable, one per person and site. */

import { type Bytes, fromHex, toHex } from "./bytes";
import { kidOf, type Signer } from "./cose";
import { asked, get, type StoredKey, write } from "./store";

const ED25519 = { name: "Ed25519" } as const;

/** Why this browser cannot hold a key; `reason` picks the words. */
export class KeyStoreError extends Error {
  constructor(readonly reason: "insecure" | "algorithm" | "storage", cause?: unknown) {
    super(`no device key: ${reason}`, { cause });
  }
}

/** Generate, store, read back, sign, verify: all of it, before anyone relies on it. Throws KeyStoreError. */
export async function probeKeyStore(): Promise<void> {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) {
    throw new KeyStoreError("insecure");
  }
  const pair = await generate();
  const message = crypto.getRandomValues(new Uint8Array(32));
  const slot = `probe-${toHex(message.slice(0, 8))}`; // two tabs may probe at once
  try {
    await write(["settings"], (transaction) => void transaction.objectStore("settings").put(pair.privateKey, slot));
    const kept = await get<CryptoKey>("settings", slot);
    await write(["settings"], (transaction) => void transaction.objectStore("settings").delete(slot));
    if (!kept || kept.extractable) {
      throw new Error("the key did not come back as it was stored");
    }
    const signature = await crypto.subtle.sign(ED25519, kept, message);
    if (!(await crypto.subtle.verify(ED25519, pair.publicKey, signature, message))) {
      throw new Error("the key that came back does not sign");
    }
  } catch (error) {
    throw new KeyStoreError("storage", error);
  }
}

export function keyId(net: string, person: string): string {
  return `${net}:${person}`;
}

export function findKey(net: string, person: string): Promise<StoredKey | undefined> {
  return get<StoredKey>("keys", keyId(net, person));
}

/** The person's key in this browser, made if there is none. Two tabs that ask at once get the same one. */
export async function ensureKey(net: string, person: string): Promise<StoredKey> {
  const known = await findKey(net, person);
  if (known) {
    return known;
  }
  await probeKeyStore();
  const pair = await generate();
  const publicKey = await rawOf(pair);
  const made: StoredKey = {
    id: keyId(net, person),
    net,
    person,
    kid: toHex(await kidOf(publicKey)),
    publicKey: toHex(publicKey),
    privateKey: pair.privateKey,
    dseq: 0,
    dprev: new Uint8Array(32),
  };
  const kept = await write(["keys"], async (transaction) => {
    const store = transaction.objectStore("keys");
    const other = await asked<StoredKey | undefined>(store.get(made.id));
    if (!other) {
      store.add(made);
    }
    return other ?? made;
  });
  navigator.storage?.persist?.().catch(() => false); // asked again with each session
  return kept;
}

export function signerOf(key: StoredKey): Signer {
  return signer(fromHex(key.kid), key.privateKey);
}

/** A key that is not stored anywhere: it is gone with the page. */
export async function passingKey(): Promise<{ readonly publicKey: string; readonly signer: Signer }> {
  const pair = await generate();
  const publicKey = await rawOf(pair);
  return { publicKey: toHex(publicKey), signer: signer(await kidOf(publicKey), pair.privateKey) };
}

function signer(kid: Bytes, privateKey: CryptoKey): Signer {
  return { kid, sign: async (message) => new Uint8Array(await crypto.subtle.sign(ED25519, privateKey, message)) };
}

async function rawOf(pair: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
}

async function generate(): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])) as CryptoKeyPair;
  } catch (error) {
    throw new KeyStoreError("algorithm", error);
  }
}

