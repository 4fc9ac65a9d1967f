import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CustodyError } from "../src/errors";
import { verifyConsistency, verifyInclusion } from "../src/merkle";

const FOLDER = join(REPOSITORY, "..", "shared", "vectors", "merkle", "testdata");

interface Probe {
  wantErr: boolean;
  proof: string[] | null;
  leafIdx: number; treeSize: number; root: string; leafHash: string;
  size1: number; size2: number; root1: string; root2: string;
}

const bytes = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64, "base64"));

function probes(kind: string): [string, Probe][] {
  return readdirSync(join(FOLDER, kind), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"))
    .map((name) => [name, JSON.parse(readFileSync(join(FOLDER, kind, name), "utf8")) as Probe]);
}

function isRefused(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    assert.ok(error instanceof CustodyError);
    return true;
  }
}

const options = existsSync(FOLDER) ? {} : { skip: "../shared/vectors/merkle is not here" };

test("transparency-dev's inclusion probes", options, () => {
  const all = probes("inclusion");
  assert.ok(all.length > 90);
  for (const [name, { leafIdx, treeSize, leafHash, proof, root, wantErr }] of all) {
    const check = (): void => verifyInclusion(BigInt(leafIdx), BigInt(treeSize), bytes(leafHash), (proof ?? []).map(bytes), bytes(root));
    assert.equal(isRefused(check), wantErr, name);
  }
});

test("transparency-dev's consistency probes", options, () => {
  const all = probes("consistency");
  assert.ok(all.length > 90);
  for (const [name, { size1, size2, proof, root1, root2, wantErr }] of all) {
    const check = (): void => verifyConsistency(BigInt(size1), BigInt(size2), (proof ?? []).map(bytes), bytes(root1), bytes(root2));
    assert.equal(isRefused(check), wantErr, name);
  }
});
